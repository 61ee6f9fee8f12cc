using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator;
using Provisioner.Server.Commands;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Programs;

/// <summary>What the real program virtualbox-server ends with. Its page's list: <see cref="ExitCodePageTests"/>.</summary>
public sealed class ServerExitCodeTests : IDisposable
{
    private const int Patience = 120_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("exit-code").FullName;

    public ServerExitCodeTests()
    {
        RunningServer.MakeCertificate(_folder).Dispose();
        Write("good.json", """{ "rules": [{ "name": "people", "who": { "certificate": "maria" }, "may": { "role": "viewer" } }] }""");
        Configure(_ => { });
    }

    private string Configuration => Path.Combine(_folder, "server.json");

    [Theory(Timeout = Patience)]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_server_that_is_asked_to_stop_is_done(string signal)
    {
        using var server = Start("--config", Configuration);
        await server.LineAsync("Listening on ");

        await server.SignalAsync(signal);

        Assert.Equal(ExitCodes.Done, await server.ExitAsync());
    }

    [Theory(Timeout = Patience)]
    [InlineData(ExitCodes.Done, "--help", "Exit codes: ")]
    [InlineData(ExitCodes.Done, "token create --help", "Usage:")]
    [InlineData(ExitCodes.Done, "token create --name x --role viewer --config CONFIG", "vbdp_")]
    [InlineData(ExitCodes.Done, "policy check FOLDER/good.json", "Good.")]
    [InlineData(ExitCodes.Done, "policy test --certificate maria --policy FOLDER/good.json", "Granted by the rule people.")]
    [InlineData(ExitCodes.Done, "hardware list", "")]
    [InlineData(ExitCodes.Failed, "policy test --certificate nobody --policy FOLDER/good.json", "No rule names the certificate nobody.")]
    [InlineData(ExitCodes.Failed, "image check nothing --config CONFIG", "There is no image nothing here")]
    [InlineData(ExitCodes.Failed, "image build FOLDER/missing.json --config CONFIG", "missing.json cannot be read")]
    [InlineData(ExitCodes.Failed, "init --name x --folder /proc/x --home /proc/x", "Run it as root, or name folders of your own")]
    [InlineData(ExitCodes.Failed, "doctor --config CONFIG", "FAIL  callers")]
    [InlineData(ExitCodes.Refused, "frobnicate", "Unrecognized command or argument 'frobnicate'.")]
    [InlineData(ExitCodes.Refused, "--frobnicate", "Unrecognized command or argument '--frobnicate'.")]
    [InlineData(ExitCodes.Refused, "token", "Required command was not provided.")]
    [InlineData(ExitCodes.Refused, "token create --name x", "Say what it may do")]
    [InlineData(ExitCodes.Refused, "completion tcsh", "Argument 'tcsh' not recognized.")]
    [InlineData(ExitCodes.Refused, "--config FOLDER/missing.json", "missing.json: cannot be read")]
    [InlineData(ExitCodes.Refused, "--config CONFIG --cert-file FOLDER/missing.pem", "there is no file")]
    [InlineData(ExitCodes.Refused, "--config CONFIG --port 70000", "port: ")]
    [InlineData(ExitCodes.Refused, "token list --config FOLDER/missing.json", "missing.json: cannot be read")]
    [InlineData(ExitCodes.Refused, "token revoke nobody --config CONFIG", "there is no valid token of that id")]
    [InlineData(ExitCodes.Refused, "policy check FOLDER/missing.json", "cannot be read")]
    [InlineData(ExitCodes.Refused, "policy test --certificate x --policy FOLDER/missing.json", "cannot be read")]
    [InlineData(ExitCodes.Refused, "audit verify --config CONFIG", "there is no database in")]
    [InlineData(ExitCodes.Refused, "image list --config FOLDER/missing.json", "missing.json: cannot be read")]
    [InlineData(ExitCodes.Refused, "doctor --config FOLDER/missing.json", "missing.json: cannot be read")]
    [InlineData(ExitCodes.Refused, "doctor --repository x --config CONFIG", "'x' is not OWNER/NAME.")]
    [InlineData(ExitCodes.Refused, "init --port 0", "0 is not a port")]
    public async Task Each_verb_ends_with_its_code_and_says_why(int code, string words, string says)
    {
        using var program = Start(words.Replace("CONFIG", Configuration, StringComparison.Ordinal).Replace("FOLDER", _folder, StringComparison.Ordinal).Split(' '));

        Assert.Equal(code, await program.ExitAsync());
        Assert.Contains(says, program.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_port_that_is_taken_is_a_failure()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        using var server = Start("--config", Configuration, "--port", $"{((IPEndPoint)other.LocalEndpoint).Port}");

        Assert.Equal(ExitCodes.Failed, await server.ExitAsync());
        Assert.Contains("cannot listen on 127.0.0.1", server.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task The_doctor_is_content_with_warnings_alone()
    {
        await using var gitHub = await Simulator.StartAsync(new SimulatorOptions { Tokens = [RunningServer.GitHubToken] }, TimeProvider.System, CancellationToken.None);
        Write("token", RunningServer.GitHubToken);
        Configure(json => json["gitHub"] = new JsonObject { ["url"] = gitHub.Url.GetLeftPart(UriPartial.Authority), ["tokenFile"] = Path.Combine(_folder, "token") });
        using var token = Start("token", "create", "--name", "x", "--repository", "acme/gpu", "--config", Configuration);
        Assert.Equal(ExitCodes.Done, await token.ExitAsync());

        using var doctor = Start("doctor", "--config", Configuration);

        Assert.True(await doctor.ExitAsync() == ExitCodes.Done, doctor.Output);
        Assert.Contains("WARN  rehearsal", doctor.Output, StringComparison.Ordinal);
    }

    [Theory(Timeout = Patience)]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_build_that_is_interrupted_has_failed_and_leaves_nothing(string signal)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-system-x86_64"), "There is no QEMU.");
        using var silent = new TcpListener(IPAddress.Loopback, 0); // takes the call, and never says a word
        silent.Start();
        Configure(json =>
        {
            json["hypervisor"] = "qemu";
            json["qemu"] = new JsonObject { ["folder"] = Path.Combine(_folder, "machines"), ["accelerator"] = "tcg" };
            json["imageFolder"] = Path.Combine(_folder, "images");
        });
        var address = $"https://{silent.LocalEndpoint}";
        Write("recipe.json", $$"""{ "name": "debian-13", "base": { "url": "{{address}}/disk.qcow2", "checksums": "{{address}}/SHA512SUMS" } }""");
        using var build = Start("image", "build", Path.Combine(_folder, "recipe.json"), "--config", Configuration);
        using var call = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        await build.SignalAsync(signal);

        Assert.True(await build.ExitAsync() == ExitCodes.Failed, build.Output);
        Assert.Contains("interrupted; nothing of it is left.", build.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ProductProgram Start(params string[] words) => ProductProgram.Start("virtualbox-server", new Dictionary<string, string> { ["VBDP_LOG_LEVEL"] = "Warning" }, words);

    private void Configure(Action<JsonObject> change)
    {
        var json = new JsonObject
        {
            ["host"] = "127.0.0.1", ["port"] = 0, ["certFile"] = Path.Combine(_folder, "cert.pem"), ["keyFile"] = Path.Combine(_folder, "key.pem"),
            ["dataFolder"] = Path.Combine(_folder, "data"), ["hypervisor"] = "simulated", ["images"] = new JsonObject { ["demo"] = new JsonObject { ["source"] = "demo" } },
        };
        change(json);
        Write("server.json", json.ToJsonString());
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
