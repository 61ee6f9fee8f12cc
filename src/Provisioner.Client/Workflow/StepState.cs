namespace Provisioner.Client.Workflow;

/// <summary>What the main step leaves for the post step. The runner gives it back as <c>STATE_</c> and the name.</summary>
internal static class StepState
{
    public const string Started = "started";
    public const string VmId = "vm_id";

    /// <summary>Set once the post step has nothing to take away.</summary>
    public const string Ready = "ready";

    public static string? Read(IReadOnlyDictionary<string, string> environment, string name) => environment.GetValueOrDefault($"STATE_{name}");
}
