namespace Provisioner.Server.Configuration;

/// <summary>What one network address, and one caller, may demand of the server.</summary>
internal sealed record LimitOptions
{
    /// <summary>Open connections of all addresses together.</summary>
    public int Connections { get; set; } = 512;

    /// <summary>Open connections of one address.</summary>
    public int ConnectionsPerAddress { get; set; } = 256;

    /// <summary>Requests per second from one address, over time.</summary>
    public int RequestsPerSecond { get; set; } = 50;

    /// <summary>Requests from one address at once before the limit per second applies.</summary>
    public int Burst { get; set; } = 200;

    /// <summary>Requests per second of one caller (a token, or a workflow run) from all addresses together, over time.</summary>
    public int CallerRequestsPerSecond { get; set; } = 50;

    /// <summary>Requests of one caller at once: more than the largest matrix, of 256 jobs, asks and follows.</summary>
    public int CallerBurst { get; set; } = 2000;

    /// <summary>Bytes per second below which a body, or the reading of an answer, is cut off.</summary>
    public int BytesPerSecond { get; set; } = 240;

    /// <summary>How long a body or an answer may be slower than that.</summary>
    public TimeSpan SlowGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may stay open without a request.</summary>
    public TimeSpan IdleConnection { get; set; } = TimeSpan.FromMinutes(2);
}
