using System.Text.RegularExpressions;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>How one run of VBoxManage ended, and what it said.</summary>
internal sealed partial record VBoxResult(int ExitCode, string Output, string Error)
{
    public const string ErrorPrefix = "VBoxManage: error: ";

    private const string NoLanguage = "Failed to load API language: NS_ERROR_";

    // 128 and SIGSEGV.
    private const int Crash = 139;

    /// <summary>It said that all is well, and nothing that could be the answer.</summary>
    public static VBoxResult NoAnswer { get; } = new(1, "", ErrorPrefix + "it said nothing that could be an answer, twice");

    /// <summary>It said that all is well, and did not do it.</summary>
    public static VBoxResult NotDone { get; } = new(0, "", ErrorPrefix + "it said that it did it, and has not");

    // Some errors come with exit code 0, such as an option that does not exist in this version.
    public bool Succeeded => ExitCode == 0 && !Says(ErrorPrefix);

    /// <summary>The name of VirtualBox's error code; empty when it gave none. The texts beside it change, and may hold names.</summary>
    public string Code => CodeName().Match(Error).Value;

    /// <summary>The first line that says what went wrong.</summary>
    public string Message
    {
        get
        {
            var start = Error.IndexOf(ErrorPrefix, StringComparison.Ordinal);
            var text = start < 0 ? Error : Error[(start + ErrorPrefix.Length)..];
            var line = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
            return line ?? $"exit code {ExitCode}";
        }
    }

    public bool IsNotFound => Code == "VBOX_E_OBJECT_NOT_FOUND";

    /// <summary>Another session holds the machine, or held it a moment ago.</summary>
    public bool IsLocked => Code == "VBOX_E_INVALID_OBJECT_STATE" || Says("is locked") || Says("already locked");

    /// <summary>The machine's settings file cannot be read.</summary>
    public bool IsInaccessible => Code == "E_ACCESSDENIED" && Says("functionality is limited");

    /// <summary>The machine is on its way up or down, or let go of by another client; a moment later there is an answer.</summary>
    public bool IsInTransition => Says("object is not ready") || Says("session is not locked") || Says("Failed to assign the machine to the session") || Code == "VBOX_E_INVALID_SESSION_STATE";

    /// <summary>VBoxManage never reached VirtualBox's service, or lost it before it began with the command, so nothing was done.</summary>
    // It asks for the language first, warns when it gets no answer, goes on, and crashes before the command.
    public bool NeverConnected => Says("Failed to create the VirtualBox object") || (ExitCode == Crash && IsMute && Says(NoLanguage));

    /// <summary>A machine with the UUID of the one that was to be registered is registered, there or elsewhere.</summary>
    public bool IsRegistered => Says("has the same UUID as an existing virtual machine");

    /// <summary>VirtualBox's service ended while it worked on the call.</summary>
    public bool LostService => Code == "NS_ERROR_ABORT";

    /// <summary>VBoxManage failed and does not say why: VirtualBox's service went away under it, or it crashed or was killed.</summary>
    public bool IsMute => ExitCode != 0 && !Says(ErrorPrefix);

    /// <summary>Whether what it printed can be the answer to what it was asked. That none of something exists, it says of most things in words.</summary>
    public bool Answers(IReadOnlyList<string> arguments) => !Succeeded || arguments switch
    {
        ["showvminfo", ..] => Output.Contains("\nVMState=", StringComparison.Ordinal) && Output.EndsWith('\n'),
        ["getextradata", ..] or ["guestproperty", "get", ..] =>
            Output.Contains("Value:", StringComparison.Ordinal) || Output.Contains("No value set!", StringComparison.Ordinal),
        ["guestproperty", "enumerate", ..] => Output.EndsWith('\n')
            && (Output.StartsWith("No properties found", StringComparison.Ordinal) || GuestPropertyText.ParseNames(Output).Count > 0),
        ["--version"] => VBoxVersion.Parse(Output) is not null,
        ["list", "hostinfo"] => Output.Contains("Processor", StringComparison.Ordinal),
        _ => true,
    };

    private bool Says(string text) => Error.Contains(text, StringComparison.Ordinal);

    // After "code ", or glued to the progress: "0%...10%...VBOX_E_OBJECT_IN_USE".
    [GeneratedRegex(@"(?<=[Cc]ode |%\.\.\.)(VBOX_E|NS|E)_[A-Z0-9_]+")]
    private static partial Regex CodeName();
}
