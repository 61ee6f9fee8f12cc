namespace Provisioner.Server.Configuration;

/// <summary>What one network address may demand of the server.</summary>
internal sealed record LimitOptions
{
    /// <summary>Open connections of all addresses together.</summary>
    public int Connections { get; set; } = 512;

    /// <summary>Requests per second from one address, over time.</summary>
    public int RequestsPerSecond { get; set; } = 50;

    /// <summary>Requests from one address at once before the limit per second applies.</summary>
    public int Burst { get; set; } = 200;
}
