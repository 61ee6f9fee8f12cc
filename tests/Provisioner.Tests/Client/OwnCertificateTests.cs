using Provisioner.Client;
using Provisioner.Client.Commands;
using Provisioner.Tests.Access;

namespace Provisioner.Tests.Client;

/// <summary>The command line as a client with a certificate, before the real server.</summary>
public sealed class OwnCertificateTests : IDisposable
{
    private const int Patience = 60_000;

    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Fact(Timeout = Patience)]
    public async Task It_works_by_option_and_by_variable_and_tells_who_it_is()
    {
        await using var running = await CertificateServer.StartAsync();
        var (cert, key) = Write(running, running.Forge.Good());

        Assert.Equal(ExitCode.Ok, await RunAsync(running, [], "create", "debian-12", "--id", "farm-1", "--no-wait", "-q", "--cert", cert, "--key", key));
        Assert.Equal(ExitCode.Ok, await RunAsync(running, [("VBDP_CERT", cert), ("VBDP_KEY", key)], "list", "-q"));

        Assert.Equal("farm-1\nfarm-1\n", _out.ToString());
        Assert.StartsWith("certificate:build-farm ", Assert.Single(running.Server.Vms.List()).Caller, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task An_option_wins_over_the_environment_and_both_in_one_place_are_refused()
    {
        await using var running = await CertificateServer.StartAsync();
        var (cert, key) = Write(running, running.Forge.Good());
        var token = Path.Combine(running.Folder, "token");
        await File.WriteAllTextAsync(token, running.Server.Token.Text, TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Ok, await RunAsync(running, [("VBDP_TOKEN", "vbdp_wrong_token")], "list", "--cert", cert, "--key", key));
        Assert.Equal(ExitCode.Ok, await RunAsync(running, [("VBDP_CERT", cert), ("VBDP_KEY", key)], "list", "--token-file", token));
        Assert.Equal(ExitCode.Usage, await RunAsync(running, [], "list", "--cert", cert, "--key", key, "--token-file", token));
        Assert.Equal(ExitCode.Usage, await RunAsync(running, [("VBDP_CERT", cert), ("VBDP_KEY", key), ("VBDP_TOKEN", "vbdp_a_b")], "list"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_key_that_is_missing_or_anothers_is_a_mistake_of_the_call_and_is_not_shown()
    {
        await using var running = await CertificateServer.StartAsync();
        var (cert, _) = Write(running, running.Forge.Good());
        var (_, other) = Write(running, running.Forge.Good());

        Assert.Equal(ExitCode.Usage, await RunAsync(running, [], "list", "--cert", cert));
        Assert.Equal(ExitCode.Usage, await RunAsync(running, [], "list", "--cert", cert, "--key", other));
        Assert.Equal(ExitCode.Usage, await RunAsync(running, [], "list", "--cert", cert, "--key", cert));
        Assert.Equal(ExitCode.Usage, await RunAsync(running, [], "list", "--cert", other, "--key", other));
        Assert.DoesNotContain("PRIVATE", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_certificate_that_the_server_refuses_is_told_as_what_may_be_the_cause()
    {
        await using var running = await CertificateServer.StartAsync();
        var good = running.Forge.Good();
        var (cert, key) = Write(running, good);
        running.Revoke(good.Certificate);

        Assert.Equal(ExitCode.Unreachable, await RunAsync(running, [], "list", "--cert", cert, "--key", key));
        Assert.Contains("refused the certificate of this client", _error.ToString(), StringComparison.Ordinal);
    }

    private static (string Cert, string Key) Write(CertificateServer running, ForgedCertificate certificate)
    {
        var written = certificate.Write(running.Folder);
        return (written[1], written[3]);
    }

    private Task<ExitCode> RunAsync(CertificateServer running, (string Name, string Value)[] variables, params string[] arguments)
    {
        var environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        (environment["VBDP_SERVER"], environment["VBDP_FINGERPRINT"]) = (running.Server.Address.ToString(), running.Server.Fingerprint);
        var context = new CommandContext(environment, TextReader.Null, _out, _error, TimeProvider.System);
        return new CommandLine(context).RunAsync(arguments, TestContext.Current.CancellationToken);
    }
}
