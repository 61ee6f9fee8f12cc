using Provisioner.Client.Api;
using Provisioner.Contracts;

namespace Provisioner.Client.Workflow;

/// <summary>What the workflow asks for, checked.</summary>
internal sealed record StepRequest
{
    public required StepMode Mode { get; init; }

    public required ServerConnection Connection { get; init; }

    public required CreateVm Vm { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>Empty where the workflow gave none.</summary>
    public required string GitHubToken { get; init; }

    public required bool FailOnMissing { get; init; }

    public string Id => Vm.Id!;

    // A generated one would print the token.
    public override string ToString() => $"{Mode} {Id}";
}
