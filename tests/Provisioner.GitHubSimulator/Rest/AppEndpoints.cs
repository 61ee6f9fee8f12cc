using System.Text.Json.Nodes;

namespace Provisioner.GitHubSimulator.Rest;

/// <summary>What an App asks with its JWT.</summary>
internal static class AppEndpoints
{
    private const long AppNumber = 1;

    public static void MapApp(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ForApp();
        group.MapGet("/app", (SimulatorOptions options) => Answer.Json(new JsonObject
        {
            ["id"] = AppNumber,
            ["client_id"] = options.AppId,
            ["slug"] = "simulated-app",
            ["permissions"] = Permissions("write"),
        }));
        group.MapGet("/app/installations", (Installations installations) =>
            Answer.Json(Answer.Array(installations.All.Select(pair => Describe(pair.Key, pair.Value)))));
        group.MapGet("/orgs/{owner}/installation", FindForOwner);
        group.MapGet("/users/{owner}/installation", FindForOwner);
        group.MapGet("/repos/{owner}/{repo}/installation", FindForRepository);
        group.MapPost("/app/installations/{id:long}/access_tokens", MintToken);
    }

    private static IResult FindForOwner(string owner, Installations installations) =>
        Answer.Json(Describe(owner, installations.Of(owner)));

    private static IResult FindForRepository(string owner, string repo, SimulatorOptions options, Installations installations) =>
        options.Exists($"{owner}/{repo}") ? FindForOwner(owner, installations) : Answer.Error(404, "Not Found");

    private static async Task<IResult> MintToken(
        long id, HttpContext context, Installations installations, Callers callers, SimulatorOptions options, TimeProvider time)
    {
        if (installations.OwnerOf(id) is not { } owner)
        {
            return Answer.Error(404, "Not Found");
        }
        var request = context.Request.ContentLength is > 0
            ? await Answer.ReadAsync(context.Request, SimulatorJson.Default.AccessTokenRequest)
            : new AccessTokenRequest(null, null);
        if (request is null)
        {
            return Answer.Error(400, "Problems parsing JSON");
        }
        var administration = request.Permissions is { } asked ? asked.GetValueOrDefault("administration") : "write";
        var actions = request.Permissions?.GetValueOrDefault("actions");
        if (actions is not null && !options.AppMayReadRuns)
        {
            return Answer.Error(422, "The permissions requested are not granted to this installation.");
        }
        var token = callers.Mint(new Caller(
            administration == "write" ? CallerKind.Administrator : actions is not null ? CallerKind.RunReader : CallerKind.Limited,
            owner,
            request.Repositories));
        return Answer.Json(
            new JsonObject
            {
                ["token"] = token,
                ["expires_at"] = $"{time.GetUtcNow() + Callers.InstallationTokenLifetime:yyyy-MM-ddTHH:mm:ssZ}",
                ["permissions"] = Permissions(administration),
                ["repository_selection"] = request.Repositories is null ? "all" : "selected",
            },
            StatusCodes.Status201Created);
    }

    private static JsonObject Describe(string owner, long installation) => new()
    {
        ["id"] = installation,
        ["account"] = new JsonObject { ["login"] = owner },
        ["permissions"] = Permissions("write"),
    };

    private static JsonObject Permissions(string? administration) => new()
    {
        ["administration"] = administration,
        ["metadata"] = "read",
    };
}
