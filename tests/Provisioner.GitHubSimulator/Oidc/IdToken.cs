using System.Text.Json.Nodes;

namespace Provisioner.GitHubSimulator.Oidc;

/// <summary>The claims of a workflow's identity token. All ids and numbers of runs are strings there.</summary>
internal static class IdToken
{
    public static JsonObject UsualClaims(string issuer, DateTimeOffset now) => new()
    {
        ["jti"] = Guid.NewGuid().ToString(),
        ["iss"] = issuer,
        ["iat"] = now.ToUnixTimeSeconds(),
        ["nbf"] = now.AddMinutes(-10).ToUnixTimeSeconds(),
        ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        ["repository"] = "octo-org/octo-repo",
        ["repository_id"] = "74",
        ["repository_owner_id"] = "65",
        ["repository_visibility"] = "private",
        ["ref"] = "refs/heads/main",
        ["ref_type"] = "branch",
        ["ref_protected"] = "true",
        ["sha"] = new string('0', 40),
        ["run_id"] = "1",
        ["run_number"] = "1",
        ["run_attempt"] = "1",
        ["runner_environment"] = "github-hosted",
        ["actor"] = "octocat",
        ["actor_id"] = "12",
        ["workflow"] = "simulated",
        ["event_name"] = "workflow_dispatch",
        ["head_ref"] = "",
        ["base_ref"] = "",
    };

    /// <summary>Adds what follows from other claims, unless it was given.</summary>
    public static void Complete(JsonObject claims, string? audience)
    {
        var repository = (string?)claims["repository"] ?? "";
        var reference = (string?)claims["ref"] ?? "";
        Default(claims, "repository_owner", repository.Split('/')[0]);
        Default(claims, "aud", audience ?? $"https://github.com/{repository.Split('/')[0]}");
        Default(claims, "sub", claims["environment"] is { } environment
            ? $"repo:{repository}:environment:{environment}"
            : $"repo:{repository}:ref:{reference}");
        Default(claims, "workflow_ref", $"{repository}/.github/workflows/simulated.yml@{reference}");
        Default(claims, "job_workflow_ref", (string?)claims["workflow_ref"] ?? "");
    }

    private static void Default(JsonObject claims, string name, string value)
    {
        if (!claims.ContainsKey(name))
        {
            claims[name] = value;
        }
    }
}
