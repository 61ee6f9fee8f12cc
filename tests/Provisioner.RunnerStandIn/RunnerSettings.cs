namespace Provisioner.RunnerStandIn;

internal sealed record RunnerSettings(string AgentId, string AgentName, string WorkFolder, Uri Broker);
