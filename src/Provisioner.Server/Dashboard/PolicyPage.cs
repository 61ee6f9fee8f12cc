using System.Text;
using Provisioner.Server.Access;

namespace Provisioner.Server.Dashboard;

/// <summary>What the rules say of some claims, as <c>virtualbox-server policy test</c> does, of the policy that is in force.</summary>
internal static class PolicyPage
{
    private const string Example = """
        {
          "repository": "acme/widgets",
          "repository_id": "123456789",
          "repository_owner_id": "1234567",
          "repository_visibility": "private",
          "ref": "refs/heads/main",
          "event_name": "push"
        }
        """;

    public static IResult Of() => Page(Example, Html.Empty);

    public static async Task<IResult> TestAsync(HttpContext context, AccessPolicy policy)
    {
        var claims = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(context.RequestAborted))["claims"].ToString() : "";
        var (who, problem) = WrittenClaims.Read("claims", Encoding.UTF8.GetBytes(claims));
        return Page(claims, who is null
            ? Html.Of($"<p role=\"alert\" class=\"bad\">{problem}</p>")
            : Html.Of($"<section id=\"verdict\" aria-live=\"polite\"><h2>Verdict</h2><pre tabindex=\"0\">{PolicyReport.Lines(policy.Decide(who), policy.Explain(who.Claims)).Select(line => Html.Of($"{line}\n"))}</pre></section>"));
    }

    private static PageResult Page(string claims, Html verdict) => new("Policy", Html.Of(
        $"""
        <h1>Try the policy</h1>
        <form method="post" action="/policy" class="stack"><label for="claims">Claims of a workflow's token, as JSON</label>
        <textarea id="claims" name="claims" rows="12" spellcheck="false">{claims.Split('\n').Select(line => Html.Of($"{line.TrimEnd('\r')}\n"))}</textarea><button>Test</button></form>
        {verdict}
        """));
}
