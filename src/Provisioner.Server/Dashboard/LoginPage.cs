using Provisioner.Server.Access;

namespace Provisioner.Server.Dashboard;

/// <summary>Where people sign in, and what those see who may not come in.</summary>
internal static class LoginPage
{
    public static IResult Of(string? problem = null, int status = 200) => new PageResult("Sign in", Body(problem), status, hasNavigation: false);

    public static IResult NoRole(Caller caller) => Of(NoRoleOf(caller), StatusCodes.Status403Forbidden);

    /// <summary>Why somebody who is known may not come in.</summary>
    public static string NoRoleOf(Caller caller) => caller.Certificate is null
        ? "This token may not see the whole host. Make one that may: virtualbox-server token create --name NAME --role viewer"
        : $"The certificate that your browser shows may not see the whole host. Give the rule {caller.Grant.Rule} of the policy a may.role, or sign in by a token.";

    public static IResult NotFromHere { get; } = Of("This did not come from a page of this server.", StatusCodes.Status403Forbidden);

    private static Html Body(string? problem) => Html.Of(
        $"""
        <h1>Sign in</h1>
        {(problem is null ? Html.Empty : Html.Of($"<p role=\"alert\" class=\"bad\">{problem}</p>"))}
        <form method="post" action="/login" class="stack">
        <label for="token">API token</label><input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
        <button>Sign in</button></form>
        <p class="hint">Tokens are made on the host: <code>virtualbox-server token create --name NAME --role viewer</code>. Operators have the role <code>operator</code>.</p>
        """);
}
