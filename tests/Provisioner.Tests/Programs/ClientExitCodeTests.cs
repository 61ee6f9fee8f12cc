using System.Diagnostics;
using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Programs;

/// <summary>What the real program virtualbox-client ends with. Its page's list: <see cref="GoldenTests"/>.</summary>
public sealed class ClientExitCodeTests : IAsyncLifetime
{
    private const int Patience = 120_000;

    private readonly TestCertificate _authority = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync(_authority.Sign());

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Theory(Timeout = Patience)]
    [InlineData((int)ExitCode.Ok, "--help", "Exit codes:")]
    [InlineData((int)ExitCode.Ok, "create --help", "Usage:")]
    [InlineData((int)ExitCode.Usage, "frobnicate", "Unrecognized command or argument 'frobnicate'.")]
    [InlineData((int)ExitCode.Usage, "list --frobnicate", "Unrecognized command or argument '--frobnicate'.")]
    [InlineData((int)ExitCode.Usage, "create", "Required argument 'image' missing")]
    [InlineData((int)ExitCode.Usage, "list --ca /nonexistent/ca.pem", "'/nonexistent/ca.pem' cannot be read")]
    [InlineData((int)ExitCode.Usage, "list --token-file /nonexistent/token", "'/nonexistent/token' cannot be read")]
    [InlineData((int)ExitCode.Usage, "list --server http://localhost", "is not the address of a server.")]
    [InlineData((int)ExitCode.NotFound, "show nobody", "There is no such VM.")]
    [InlineData((int)ExitCode.NotFound, "delete nobody --fail-on-missing", "nobody")]
    [InlineData((int)ExitCode.Unreachable, "list --server https://127.0.0.1:1", "Nothing listens at 127.0.0.1:1")]
    [InlineData((int)ExitCode.Unreachable, "doctor --server https://127.0.0.1:1", "FAIL  server not reachable")]
    public Task What_is_wrong_with_the_call_or_the_way_to_the_server_has_its_code(int code, string words, string says) => EndsAsync(code, words, says);

    [Theory(Timeout = Patience)]
    [InlineData((int)ExitCode.Failure, 409, ProblemCode.IdInUse)]
    [InlineData((int)ExitCode.Failure, 503, ProblemCode.StoreUnavailable)]
    [InlineData((int)ExitCode.Usage, 400, ProblemCode.InvalidRequest)]
    [InlineData((int)ExitCode.NotFound, 404, ProblemCode.UnknownImage)]
    [InlineData((int)ExitCode.Denied, 401, ProblemCode.Unauthenticated)]
    [InlineData((int)ExitCode.Denied, 403, ProblemCode.ExceedsGrant)]
    [InlineData((int)ExitCode.Capacity, 429, ProblemCode.QueueFull)]
    [InlineData((int)ExitCode.Capacity, 422, ProblemCode.NeverFits)]
    [InlineData((int)ExitCode.Capacity, 507, ProblemCode.DiskFull)]
    [InlineData((int)ExitCode.Host, 503, ProblemCode.HypervisorMissing)]
    public Task What_the_server_refuses_has_the_code_of_the_reason(int code, int status, string problem)
    {
        _server.On("GET /v1/vms", Answers.Problem(status, problem, "It will not do."));
        return EndsAsync(code, "list", "It will not do.");
    }

    [Theory(Timeout = Patience)]
    [InlineData((int)ExitCode.Timeout, ProblemCode.GuestSilent)]
    [InlineData((int)ExitCode.Timeout, ProblemCode.LifetimeOver)]
    [InlineData((int)ExitCode.Capacity, ProblemCode.QueueTimeout)]
    [InlineData((int)ExitCode.Host, ProblemCode.CannotStart)]
    [InlineData((int)ExitCode.Failure, ProblemCode.GuestFailed)]
    public Task Whose_vm_fails_while_it_is_watched_ends_with_the_code_of_the_reason(int code, string problem)
    {
        _server.On("GET /v1/vms/vbx-1/events", Answers.Events(Answers.Change(1, VmPhase.Gone, failure: new VmFailure(problem, "It failed.", "Look."))));
        return EndsAsync(code, "watch vbx-1", "gone");
    }

    [Fact(Timeout = Patience)]
    public Task Who_waits_no_longer_has_timed_out()
    {
        _server.On("POST /v1/vms", Answers.Is(Answers.Vm())).On("GET /v1/vms/vbx-1/events", Answers.EventsThenSilence(Answers.Change(1, VmPhase.Booting)));
        return EndsAsync((int)ExitCode.Timeout, "create debian-12 --id vbx-1 --timeout 1s", "vbx-1");
    }

    [Fact(Timeout = Patience)]
    public Task A_certificate_that_is_not_trusted_is_a_server_that_is_not_reached()
    {
        using var other = new TestCertificate();
        return EndsAsync((int)ExitCode.Unreachable, "list", _server.Address.Authority, ("VBDP_CA", other.AuthorityPem));
    }

    [Fact(Timeout = Patience)]
    public Task Without_a_server_nothing_is_done() => EndsAsync((int)ExitCode.Usage, "list", "No server is named.", ("VBDP_SERVER", ""));

    [Theory(Timeout = Patience)]
    [InlineData((int)ExitCode.Ok, "ready", "WARN")]
    [InlineData((int)ExitCode.Failure, "not ready: no disk", "FAIL")]
    public Task The_doctor_fails_by_what_fails_and_not_by_a_warning(int code, string ready, string verdict)
    {
        ImageView[] images = [new("debian-12", 2, 4096, Usable: true, null), new("debian-13", 2, 4096, Usable: false, "It has no snapshot.")];
        _server.On("GET /readyz", Answers.Status(ready == "ready" ? 200 : 503, $"{ready}\n"))
            .On("GET /v1/images", Answers.Status(200, System.Text.Json.JsonSerializer.Serialize(images, WireJson.Default.ImageViewArray)));
        return EndsAsync(code, "doctor", verdict);
    }

    [Theory(Timeout = Patience)]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task Who_is_interrupted_says_so(string signal)
    {
        _server.On("GET /v1/vms/vbx-1/events", Answers.EventsThenSilence(Answers.Change(1, VmPhase.Booting)));
        using var program = Start("watch vbx-1");
        await program.LineAsync("booting");

        await program.SignalAsync(signal);

        Assert.Equal((int)ExitCode.Interrupted, await program.ExitAsync());
        Assert.Contains("virtualbox-client: interrupted", program.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Output_that_cannot_be_written_is_a_failure_in_one_line()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full.");
        string[] command = ["-c", "\"$@\" >/dev/full", "bash", .. ProductProgram.Find("virtualbox-client"), "completion", "bash"];
        using var program = Process.Start(new ProcessStartInfo("bash", command) { RedirectStandardError = true })!;
        var error = await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((int)ExitCode.Failure, program.ExitCode);
        Assert.Equal("virtualbox-client: the output cannot be written: No space left on device\n", error);
    }

    private async Task EndsAsync(int code, string words, string says, params (string Name, string Value)[] environment)
    {
        using var program = Start(words, environment);

        Assert.True(await program.ExitAsync() == code, $"not {code}: {program.Output}");
        Assert.Contains(says, program.Output, StringComparison.Ordinal);
    }

    private ProductProgram Start(string words, params (string Name, string Value)[] environment)
    {
        var all = new Dictionary<string, string> { ["VBDP_SERVER"] = _server.Address.ToString(), ["VBDP_CA"] = _authority.AuthorityPem, ["VBDP_TOKEN"] = "vbdp_canary" };
        foreach (var (name, value) in environment)
        {
            all[name] = value;
        }

        return ProductProgram.Start("virtualbox-client", all, words.Split(' '));
    }
}
