using Provisioner.GitHub;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Vms;

/// <summary>The connection to GitHub that the configuration describes; <see cref="Runners"/> is null where it describes none.</summary>
internal sealed class GitHubConnection : IDisposable
{
    private readonly HttpClient? _http;

    public GitHubConnection(ServerOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var gitHub = options.GitHub;
        if (!gitHub.HasCredential || !GitHubEndpoints.TryParse(gitHub.Url, out var endpoints))
        {
            return;
        }

        _http = GitHubHttp.CreateClient();
        GitHubCredential credential = gitHub is { AppClientId: { } app, AppKeyFile: { } key }
            ? new AppCredential(AppKey.FromPem(app, File.ReadAllText(key)), _http, endpoints, time, loggers.CreateLogger<AppCredential>())
            : new TokenCredential(gitHub.Token ?? File.ReadAllText(gitHub.TokenFile!).Trim());
        Runners = new GitHubRunners(_http, credential, endpoints, time, loggers.CreateLogger<GitHubRunners>());
    }

    public GitHubRunners? Runners { get; }

    public void Dispose() => _http?.Dispose();
}
