namespace Provisioner.GitHub;

/// <summary>Makes the connection to GitHub that the library needs.</summary>
public static class GitHubHttp
{
    /// <summary>
    /// A client that follows no redirect (the token belongs to one host), keeps no cookies, and renews its connections, so that a
    /// change of GitHub's addresses is noticed. Its deadline is per attempt and set by the library.
    /// </summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = OutwardConnection.ConnectAsync,
        AutomaticDecompression = System.Net.DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 50, // GitHub refuses more than 100 calls at once per account
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
