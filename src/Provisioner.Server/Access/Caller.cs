namespace Provisioner.Server.Access;

/// <summary>Who sent a request, and what it may do.</summary>
internal sealed record Caller(string Name, Grant Grant);
