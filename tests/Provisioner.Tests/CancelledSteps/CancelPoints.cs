using Provisioner.Contracts;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.Tests.CancelledSteps;

/// <summary>From before the first byte to after the last: twenty moments.</summary>
internal static class CancelPoints
{
    public static IReadOnlyList<CancelPoint> All { get; } = [.. Request(), .. Phases(), .. Stream(), .. End(), .. OtherSteps()];

    private static IEnumerable<CancelPoint> Request() =>
    [
        new("before a connection") { ServerIsAway = true, DeletesItself = false, ReachAsync = run => run.LineAsync("Trying again") },
        new("in the TLS handshake") { Wire = record => First(record, record.FromServer), ReachAsync = run => run.Wire.Held },
        new("request not sent") { Wire = record => First(record, record.HasRequest), ReachAsync = run => run.Wire.Held },
        new("request sent, no answer") { Wire = record => First(record, record is { HasRequest: true, FromServer: true }), ReachAsync = run => run.UntilKnownAsync() },
        new("answer cut off, asking again")
        {
            Wire = record => record switch
            {
                { Connection: 1, HasRequest: true, FromServer: true } => WireDeed.Cut,
                { Connection: 2 } => WireDeed.Hold,
                _ => WireDeed.Pass,
            },
            ReachAsync = run => run.Wire.Held,
        },
    ];

    private static IEnumerable<CancelPoint> Phases() =>
    [
        new("queued") { HostIsFull = true, Server = options => options.Vms.MaxRunning = 1, ReachAsync = run => run.LineAsync(" queued ") },
        new("cloning") { Server = options => options.Simulated.CloneTime = TimeSpan.FromSeconds(1), ReachAsync = run => run.LineAsync(" cloning ") },
        new("booting") { Hangs = SimulatedStep.GuestReady, ReachAsync = run => run.LineAsync(" booting ") },
        new("registering, GitHub slow")
        {
            GitHub = new Fault { Method = "POST", Path = "generate-jitconfig", DelaySeconds = 1 },
            Hangs = SimulatedStep.GuestConfiguring,
            ReachAsync = run => run.LineAsync("waits for its registration"),
        },
        new("registered") { Hangs = SimulatedStep.GuestConfiguring, ReachAsync = run => run.LineAsync("was given its registration") },
        new("runner starts") { Hangs = SimulatedStep.GuestOnline, ReachAsync = run => run.LineAsync("starts the runner") },
    ];

    private static IEnumerable<CancelPoint> Stream() =>
    [
        new("stream opened, nothing heard") { Wire = NothingAfterTheAnswer, Hangs = SimulatedStep.GuestReady, ReachAsync = run => run.Wire.Held },
        new("stream cut, server away")
        {
            DeletesItself = false,
            Hangs = SimulatedStep.GuestReady,
            ReachAsync = async run =>
            {
                await run.LineAsync(" booting ");
                await run.Wire.SeverAsync();
                await run.LineAsync("Trying again");
            },
        },
        new("online, but not heard of it") { Wire = NothingAfterTheAnswer, ReachAsync = run => run.UntilPhaseAsync(VmPhase.Online) },
    ];

    // The last two may be over before a signal arrives; then the idle timeout takes the VM.
    private static IEnumerable<CancelPoint> End() =>
    [
        new("online, no output yet") { DeletesItself = false, Pipes = ["output"], ReachAsync = run => run.LineAsync(" online ") },
        new("outputs, but not ready") { DeletesItself = false, Pipes = ["output", "summary"], ReachAsync = run => run.DrainAsync("output", until: "runner-name") },
        new("all done") { DeletesItself = false, ReachAsync = run => run.LineAsync("Let the next job say") },
    ];

    // The last may be over before a signal arrives: then nothing is left either.
    private static IEnumerable<CancelPoint> OtherSteps() =>
    [
        new("post step, no answer") { Mode = "post", Hangs = SimulatedStep.GuestReady, Wire = record => First(record, record is { HasRequest: true, FromServer: true }), ReachAsync = run => run.Wire.Held },
        new("delete not sent") { Mode = "delete", Hangs = SimulatedStep.GuestReady, Wire = record => First(record, record.HasRequest), ReachAsync = run => run.Wire.Held },
        new("delete under way")
        {
            Mode = "delete",
            DeletesItself = false,
            Server = options => options.Simulated.RemoveTime = TimeSpan.FromSeconds(1),
            Hangs = SimulatedStep.GuestReady,
            ReachAsync = run => run.LineAsync(" deleting "),
        },
    ];

    private static WireDeed First(WireRecord record, bool holds) => record.Connection == 1 && holds ? WireDeed.Hold : WireDeed.Pass;

    // The request for a VM is one record; the next one asks for the stream.
    private static WireDeed NothingAfterTheAnswer(WireRecord record) => First(record, record is { FromServer: true, Said: > 2 });
}
