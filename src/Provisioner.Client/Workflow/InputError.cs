namespace Provisioner.Client.Workflow;

/// <summary>What is wrong with one input, and what to write instead.</summary>
internal sealed record InputError(string Input, string Cause, string Remedy);
