using System.Text.Json;
using Provisioner.Client;
using Provisioner.Client.Commands;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class CommandLineTests : IAsyncLifetime
{
    private const string Token = "vbdp_canary_0123456789";

    private readonly TestCertificate _authority = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly string _ca = Path.GetTempFileName();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync(_authority.Sign());
        await File.WriteAllTextAsync(_ca, _authority.AuthorityPem, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
        File.Delete(_ca);
    }

    [Fact(Timeout = 20_000)]
    public async Task List_shows_a_table_with_relative_times()
    {
        _server.On("GET /v1/vms", Answers.Are(Answers.Vm(VmPhase.Online) with { ExpiresAt = TimeProvider.System.GetUtcNow().AddMinutes(90.5) }));

        Assert.Equal(ExitCode.Ok, await RunAsync("list"));
        Assert.Matches(@"^ID +PHASE +IMAGE +REPOSITORY +HOST +CREATED +EXPIRES +REASON\nvbx-1 +online +debian-12 +acme/widgets +host-1 +\ds ago +in 1h30m +Waits for room\.\n$", _out.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task List_gives_programs_json_and_pipes_ids()
    {
        _server.On("GET /v1/vms", Answers.Are(Answers.Vm()));

        await RunAsync("list", "--format", "json");
        var vms = JsonSerializer.Deserialize(_out.ToString(), WireJson.Default.VmViewArray)!;
        _out.GetStringBuilder().Clear();
        await RunAsync("list", "-q");

        Assert.Equal("vbx-1", vms.Single().Id);
        Assert.Equal("vbx-1\n", _out.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task Create_waits_and_shows_the_vm()
    {
        _server.On("POST /v1/vms", Answers.Is(Answers.Vm()))
            .On("GET /v1/vms/vbx-1/events", Answers.EventsThenSilence(Answers.Change(1, VmPhase.Booting), Answers.Change(2, VmPhase.Online)))
            .On("GET /v1/vms/vbx-1", Answers.Is(Answers.Vm(VmPhase.Online), status: 200));

        Assert.Equal(ExitCode.Ok, await RunAsync("create", "debian-12", "--id", "vbx-1", "--memory", "2G", "--disk", "64G", "--lifetime", "1h"));
        Assert.Contains("\"memory\":2048,\"disk\":65536,\"lifetime\":\"01:00:00\"", _server.Requests.First().Body, StringComparison.Ordinal);
        Assert.Contains("phase       online\n", _out.ToString(), StringComparison.Ordinal);
        Assert.Matches(@"^ +\d+\.\d s  booting +It happened\.\n +\d+\.\d s  online +It happened\.\n$", _error.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task Create_without_waiting_writes_the_id_only_when_quiet()
    {
        _server.On("POST /v1/vms", Answers.Is(Answers.Vm()));

        Assert.Equal(ExitCode.Ok, await RunAsync("create", "debian-12", "--no-wait", "-q"));
        Assert.Equal("vbx-1\n", _out.ToString());
        Assert.Empty(_error.ToString());
        Assert.Single(_server.Requests);
    }

    [Fact(Timeout = 20_000)]
    public async Task Extend_sends_the_time_and_shows_what_came_of_it()
    {
        _server.On("POST /v1/vms/vbx-1/extend", Answers.Is(Answers.Vm() with { Explanation = "Waits for a GPU.", Position = 3 }, status: 200));

        Assert.Equal(ExitCode.Ok, await RunAsync("extend", "vbx-1", "--lifetime", "2h"));
        Assert.Equal("{\"lifetime\":\"02:00:00\"}", _server.Requests.Single().Body);
        Assert.Contains("why         Waits for a GPU.\nposition    3\n", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await RunAsync("extend", "vbx-1", "--lifetime", "soon"));
        Assert.Equal(ExitCode.Usage, await RunAsync("extend", "vbx-1"));
    }

    [Fact(Timeout = 20_000)]
    public async Task Watch_writes_one_event_a_line()
    {
        _server.On("GET /v1/vms/vbx-1/events", Answers.Events(Answers.Change(1, VmPhase.Busy), Answers.Change(2, VmPhase.Gone)));

        Assert.Equal(ExitCode.Ok, await RunAsync("watch", "vbx-1", "--format", "json"));
        var phases = _out.ToString().TrimEnd().Split('\n').Select(line => JsonSerializer.Deserialize(line, WireJson.Default.VmEvent)!.Phase);
        Assert.Equal([VmPhase.Busy, VmPhase.Gone], phases);
    }

    [Fact(Timeout = 20_000)]
    public async Task Delete_takes_several_ids_and_minds_the_missing_only_when_told_to()
    {
        _server.On("DELETE /v1/vms/vbx-1", Answers.Is(Answers.Vm(VmPhase.Deleting))).On("DELETE /v1/vms/vbx-2", Answers.Status(204));

        Assert.Equal(ExitCode.Ok, await RunAsync("delete", "vbx-1", "vbx-2", "--no-wait"));
        Assert.Equal(ExitCode.NotFound, await RunAsync("delete", "vbx-2", "--fail-on-missing"));
        Assert.Equal("vbx-1\n", _out.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task A_token_can_come_from_standard_input()
    {
        _server.On("GET /v1/vms", Answers.Are());

        Assert.Equal(ExitCode.Ok, await RunAsync("list", "--token-file", "-"));
        Assert.Equal("Bearer vbdp_from_stdin", _server.Requests.Single().Headers["Authorization"]);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("list", "--token", "vbdp_canary")]
    [InlineData("bogus")]
    [InlineData("create")]
    [InlineData("create", "debian-12", "--cpus", "many")]
    [InlineData("create", "debian-12", "--disk", "0")]
    [InlineData("create", "debian-12", "--disk", "-1")]
    [InlineData("create", "debian-12", "--disk", "64X")]
    [InlineData("create", "debian-12", "--disk", "99999G")]
    [InlineData("create", "debian-12", "--lifetime", "10")]
    [InlineData("create", "debian-12", "--wait", "--no-wait")]
    [InlineData("list", "--server", "http://insecure.example.org")]
    [InlineData("list", "--ca", "/nonexistent")]
    [InlineData("list", "--fingerprint", "sha256:00")]
    [InlineData("list", "--token-file", "/nonexistent")]
    [InlineData("completion", "tcsh")]
    public async Task Wrong_usage_exits_with_2_and_one_reason(params string[] arguments)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync(arguments));
        Assert.StartsWith("virtualbox-client: ", _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_out.ToString());
        Assert.Empty(_server.Requests);
    }

    [Fact(Timeout = 20_000)]
    public async Task What_was_asked_for_is_shown_and_what_was_not_is_not()
    {
        _server.On("GET /v1/vms/vbx-1", Answers.Is(Answers.Vm() with { Cpus = 2, Disk = 65536 }, status: 200));

        Assert.Equal(ExitCode.Ok, await RunAsync("show", "vbx-1"));
        Assert.Contains("\ncpus        2\ndisk        65536 MiB\nlabels ", _out.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("memory", _out.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task The_images_are_listed_with_what_a_vm_has_of_itself()
    {
        _server.On("GET /v1/images", context => JsonSerializer.SerializeAsync(
            context.Response.Body, [new ImageView("debian-12", 2, 4096, true, null) { Disk = 8192 }, new ImageView("windows", null, null, true, null)], WireJson.Default.ImageViewArray, context.RequestAborted));

        Assert.Equal(ExitCode.Ok, await RunAsync("images"));
        Assert.Equal(
            """
            IMAGE      CPUS  MEMORY    DISK      USABLE
            debian-12  2     4096 MiB  8192 MiB  yes
            windows    -     -         -         yes

            """,
            _out.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task A_refusal_is_told_on_standard_error_without_the_token()
    {
        _server.On("GET /v1/vms/vbx-9", Answers.Problem(404, "not-found", "There is no such VM.", "List your VMs.\u001b[2J"));

        Assert.Equal(ExitCode.NotFound, await RunAsync("show", "vbx-9"));
        Assert.Equal("virtualbox-client: There is no such VM.\n  List your VMs.\\x1b[2J\n", _error.ToString());
        Assert.DoesNotContain("canary", _error.ToString() + _out, StringComparison.Ordinal);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("bash", "complete -o default -F")]
    [InlineData("zsh", "#compdef virtualbox-client")]
    [InlineData("fish", "complete -c virtualbox-client")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Completion_writes_a_script(string shell, string part)
    {
        Assert.Equal(ExitCode.Ok, await RunAsync("completion", shell));
        Assert.Contains(part, _out.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task Shells_are_told_what_may_come_next()
    {
        await RunAsync("[suggest:2]", "wa");

        Assert.Equal("watch\n", _out.ToString().ReplaceLineEndings("\n"));
    }

    private Task<ExitCode> RunAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["VBDP_SERVER"] = _server.Address.ToString(), ["VBDP_CA"] = _ca, ["VBDP_TOKEN"] = Token };
        var context = new CommandContext(environment, new StringReader("vbdp_from_stdin\n"), _out, _error, TimeProvider.System);
        return new CommandLine(context).RunAsync(arguments, TestContext.Current.CancellationToken);
    }
}
