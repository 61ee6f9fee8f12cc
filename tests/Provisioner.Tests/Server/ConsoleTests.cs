using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;
using Provisioner.Server.Access;
using Provisioner.Server.Api;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using Provisioner.Tests.Store;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Server;

/// <summary>The console of a VM, as text that nobody has to fear.</summary>
public sealed class ConsoleTests
{
    private const int Patience = 60_000;

    private static readonly Caller Owner = new("token:1 (tests)", new Grant(["acme/gpu"]));

    [Fact(Timeout = Patience)]
    public async Task Who_may_see_the_vm_reads_its_console_and_for_others_there_is_none()
    {
        await using var server = await RunningServer.StartAsync();
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        var token = ApiToken.Create();
        server.Services.GetRequiredService<TokenTable>().Add(token, "others", new Grant(["acme/other"]), expiresAt: null);
        using var foreign = server.Connect(token.Text);

        using var answer = await server.Http.GetAsync("/v1/vms/run-1/console", TestContext.Current.CancellationToken);
        using var refused = await foreign.GetAsync("/v1/vms/run-1/console", TestContext.Current.CancellationToken);

        var kept = await server.Hypervisor.ReadConsoleAsync(VmId.Parse("run-1"), TestContext.Current.CancellationToken);
        Assert.NotEmpty(kept);
        Assert.StartsWith(kept.Split('\n')[0], await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    public void The_label_that_opens_the_runner_is_shown_to_its_owner_alone()
    {
        var vm = Vm() with { Labels = [OwnLabel.Make(), "gpu"] };
        var console = $"label {vm.Labels[0].ToUpperInvariant()}, gpu\n{new string('A', 4000)}\n";

        Assert.Equal($"label {vm.Labels[0].ToUpperInvariant()}, gpu\n***\n", VmConsole.Shown(console, vm, Owner));
        Assert.Equal("label vm-***, gpu\n***\n", VmConsole.Shown(console, vm, Owner with { Name = "token:2 (others)" }));
    }

    [Fact]
    public async Task What_has_no_machine_has_what_its_failure_kept_and_what_cannot_be_read_is_refused_with_the_reason()
    {
        using var store = TestStore.Sqlite();
        using var database = new Database(store.Options);
        var vms = new VmTable(database, new VmNews(), TimeProvider.System);
        var failure = new VmFailure(ProblemCode.GuestFailed, "Cause.", "Remedy.", "the last words");
        vms.Add(Vm("gone") with { Wanted = Wanted.Gone, PlacedAt = Noon, ClonedAt = Noon, ReleasedAt = Noon, GoneAt = Noon, Failure = failure });
        vms.Add(Vm("queued"));
        vms.Add(Vm("here") with { PlacedAt = Noon, ClonedAt = Noon });
        vms.Add(Vm("there"));
        vms.Change(VmId.Parse("there"), vm => vm with { PlacedAt = Noon, ClonedAt = Noon, Host = "elsewhere" });

        Assert.Equal("the last words", await AskAsync(vms, "gone"));
        Assert.Equal("", await AskAsync(vms, "queued"));
        Assert.Equal("no-console: The hypervisor virtualbox keeps no console of its guests.", await AskAsync(vms, "here"));
        Assert.Equal("no-console: The VM runs on the host elsewhere, and only that one's server can read its console.", await AskAsync(vms, "there"));
    }

    [Theory]
    [InlineData("a\tb\r\nc\u001b[2J\u001b]0;title\u0007d\u0000\u202e\n", "a\tb\ncd\n")]
    [InlineData("\u001b[1;31mred\u001b[0m \u001bc plain", "red c plain")]
    [InlineData("", "")]
    public void Nothing_of_it_commands_a_terminal(string console, string plain) => Assert.Equal(plain, ConsoleTail.Plain(console));

    [Fact]
    public void It_is_bounded_begins_with_a_whole_line_and_has_no_half_of_a_registration()
    {
        var console = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"line {number}\n"));

        var plain = ConsoleTail.Plain(console[^ConsoleTail.MaxWhole..]);

        Assert.True(plain.Length <= ConsoleTail.MaxWhole);
        Assert.StartsWith("line 1", plain, StringComparison.Ordinal);
        Assert.EndsWith("line 19999\n", plain, StringComparison.Ordinal);
        var cut = new string('A', 150) + '\n' + new string(' ', ConsoleTail.MaxWhole - 155) + "\nend";
        Assert.DoesNotContain("A", ConsoleTail.Plain(cut), StringComparison.Ordinal);
        var fewerLetters = "label vm-half\n" + new string('•', (ConsoleTail.MaxWhole - 10) / 3) + "end"; // as many bytes
        Assert.DoesNotContain("half", ConsoleTail.Plain(fewerLetters), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_kept_of_a_failure_tells_nobody_the_label_that_leads_to_the_runner() =>
        Assert.Equal("gha: label vm-***\nstopped", ConsoleTail.Cut($"gha: label {OwnLabel.Make()}\nstopped"));

    private static async Task<string> AskAsync(VmTable vms, string id)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(Owner);
        await using var hypervisor = new VirtualBoxHypervisor(new VirtualBoxOptions(), TimeProvider.System, NullLogger<VirtualBoxHypervisor>.Instance);
        return await VmConsole.ReadAsync(id, context, vms, hypervisor, TimeProvider.System) switch
        {
            ContentHttpResult text => text.ResponseContent ?? "",
            JsonHttpResult<ProblemView> { Value: { } problem } => $"{problem.Code}: {problem.Detail}",
            var other => other.ToString()!,
        };
    }
}
