using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>What comes of each fault in each verb. The table stands in docs/reference/virtualbox.md too, word for word.</summary>
internal static class FaultTable
{
    public const string Text = """
        | fault | VBoxManage | `list`, `show…` | `clonevm` | `registervm` | `modifyvm`, `usbfilter`, `modifymedium`, `storageattach` | `startvm` | `controlvm` | `unregistervm` | `closemedium` | `guestproperty set` | watch |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        | delay | does nothing for a second first | ok | ok | ok | ok | ok | ok | ok | ok | ok | ok |
        | hang | does nothing, and never ends | again | timed-out | timed-out | timed-out | timed-out | ok | timed-out | timed-out | timed-out | ok |
        | hang-after | does its work, and never ends | again | ok | ok | ok | ok | ok | ok | ok | ok | ok |
        | endless | prints without end | again | timed-out | timed-out | timed-out | timed-out | ok | timed-out | timed-out | timed-out | ok |
        | not-ready | `E_ACCESSDENIED`: The object is not ready | again | again | failed | again | again | ok | again | again | again | ok |
        | locked | `VBOX_E_INVALID_OBJECT_STATE` | again | again | failed | again | again | ok | again | again | again | ok |
        | aborted | `NS_ERROR_ABORT`: its service ended | again | again | again | again | cannot-start | ok | again | failed | failed | ok |
        | unreachable | Failed to create the VirtualBox object! | again | again | again | again | again | ok | again | again | again | ok |
        | error-0 | says an error, and that all is well (exit code 0) | failed | failed | failed | failed | cannot-start | ok | again | failed | failed | ok |
        | noise | prints random bytes, does nothing, exit code 0 | ok | failed | ok | failed | unseen | ok | unseen | failed | failed | ok |
        | silent | prints nothing, does nothing, exit code 0 | ok | failed | ok | failed | unseen | ok | unseen | failed | failed | ok |
        | cut | does its work, prints half | ok | ok | ok | ok | ok | ok | ok | ok | ok | ok |
        | term | is ended by SIGTERM before its work | again | again | again | again | cannot-start | ok | again | failed | failed | ok |
        | term-after | is ended by SIGTERM after its work | again | again | again | again | ok | ok | ok | ok | may fail | ok |
        | kill | is killed before its work | again | again | again | again | cannot-start | ok | again | failed | failed | ok |
        | kill-after | is killed after its work | again | again | again | again | ok | ok | ok | ok | may fail | ok |
        | no-service | loses VBoxSVC, which is killed meanwhile | ok | may fail | may fail | may fail | may fail | ok | may fail | may fail | may fail | ok |
        """;

    // The groups, in the table's order, by the verbs that they consist of.
    private static readonly string[][] Groups =
    [
        ["--version", "list hostinfo", "list vms", "list runningvms", "showvminfo", "getextradata"],
        ["clonevm"], ["registervm"], ["modifyvm", "usbfilter", "modifymedium", "storageattach"], ["startvm"], ["controlvm poweroff", "controlvm acpipowerbutton"], ["unregistervm"], ["closemedium"],
        ["guestproperty set"],
        ["list hdds", "guestproperty get", "guestproperty wait", "guestproperty enumerate", "guestproperty unset"],
    ];

    private static readonly string[][] Alike =
        [["hang", "endless"], ["not-ready", "locked"], ["noise", "silent"], ["term", "kill"], ["term-after", "kill-after"]];

    private static readonly string[][] Rows = [.. Text.Split('\n').Skip(2).Select(row => row.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    public static IEnumerable<string> Faults => Rows.Select(row => row[0]);

    /// <summary>Two thirds of the faults, and of those that the driver cannot tell apart one: in turns, so that all verbs together meet all faults.</summary>
    public static IEnumerable<string> SomeFaults(string verb)
    {
        var turn = Verbs.ToList().IndexOf(verb);
        return Faults.Except(Alike.Select(pair => pair[turn % 2])).Where((_, row) => row % 3 != turn % 3);
    }

    public static IEnumerable<string> Verbs => Groups.SelectMany(verbs => verbs);

    public static string Outcome(string verb, string fault) => Rows.Single(row => row[0] == fault)[2 + Array.FindIndex(Groups, verbs => verbs.Contains(verb))];

    /// <summary>Whether it may come out like this.</summary>
    /// <param name="outcome">What stands in the table.</param>
    /// <param name="failure">How the driver's verb failed; null when it did not.</param>
    /// <param name="calls">How often VBoxManage was called with the verb.</param>
    public static bool Allows(string outcome, HypervisorFault? failure, int calls) => outcome switch
    {
        "ok" or "unseen" => failure is null,
        "again" => failure is null && calls > 1,
        "timed-out" => failure == HypervisorFault.TimedOut,
        "failed" => failure == HypervisorFault.Failed,
        "cannot-start" => failure == HypervisorFault.CannotStart,
        "may fail" => failure is null or HypervisorFault.Failed or HypervisorFault.CannotStart,
        _ => throw new ArgumentException($"'{outcome}' is not explained.", nameof(outcome)),
    };
}
