namespace Provisioner.Server.Configuration;

/// <summary>Who may use the calls of the Go version. They carry no credential, so they are off, and on only for what is listed here.</summary>
internal sealed record LegacyOptions
{
    /// <summary>Whether the server answers <c>GET /create/…</c> and <c>GET /delete/…</c> at all.</summary>
    public bool Enabled { get; set; }

    /// <summary>Networks that connections may come from, as <c>ADDRESS/PREFIX</c>.</summary>
    public List<string> Networks { get; set; } = [];

    /// <summary>Repositories whose runners may be made: <c>owner/name</c> or <c>owner/*</c>.</summary>
    public List<string> Repositories { get; set; } = [];

    /// <summary>Aliases of the images that may be asked for.</summary>
    public List<string> Images { get; set; } = [];
}
