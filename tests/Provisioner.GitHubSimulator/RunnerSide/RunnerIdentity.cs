using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>Gives runners their access tokens, and tells from one which runner calls.</summary>
internal sealed class RunnerIdentity(Board board, SigningKey key, TimeProvider time)
{
    public static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    private const string Issuer = "simulated-runner-tokens";

    public string TokenFor(SimulatedRunner runner) => key.Sign(new()
    {
        ["iss"] = Issuer,
        ["sub"] = runner.ClientId.ToString(),
        ["exp"] = (time.GetUtcNow() + TokenLifetime).ToUnixTimeSeconds(),
    });

    public async Task<SimulatedRunner?> FindAsync(HttpRequest request)
    {
        var token = await key.ReadAsync(Bearer(request), time.GetUtcNow());
        return token?.Issuer == Issuer && Guid.TryParse(token.Subject, out var clientId) ? board.ByClient(clientId) : null;
    }

    /// <summary>Whether the call carries a token of ours: a runner's, or that of the job it runs.</summary>
    public async Task<bool> IsKnownAsync(HttpRequest request) => await key.ReadAsync(Bearer(request), time.GetUtcNow()) is not null;

    private static string Bearer(HttpRequest request) =>
        request.Headers.Authorization.ToString().Split(' ', 2) is [var scheme, var token]
        && scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase) ? token : "";
}
