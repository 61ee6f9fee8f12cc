using Provisioner.Server.Access;
using Provisioner.Server.Api;
using Provisioner.Server.Store;

namespace Provisioner.Server.Dashboard;

/// <summary>What an operator's buttons do to a host: the same as <c>POST /v1/hosts/{name}/drain</c> and <c>resume</c>, by a form.</summary>
internal sealed class HostActions(HostTable hosts)
{
    public IResult Drain(string name, HttpContext context) => Act(context, () => hosts.Drain(name, context.Caller.Name));

    public IResult Resume(string name, HttpContext context) => Act(context, () => hosts.Resume(name, context.Caller.Name));

    private static IResult Act(HttpContext context, Func<HostRow?> act) =>
        context.Caller.Grant.Limits.Role != HostRole.Operator ? PageResult.NotDone(StatusCodes.Status403Forbidden, "This needs the role operator.")
        : act() is null ? PageResult.NotDone(StatusCodes.Status404NotFound, "There is no such host.")
        : Results.LocalRedirect("/");
}
