using Microsoft.AspNetCore.Http.HttpResults;
using Provisioner.Contracts;
using Provisioner.Server.Audit;

namespace Provisioner.Server.Api;

/// <summary>Has the audit log say what a known caller asked for and was not given.</summary>
internal sealed class DenialRecord(Refusals refusals) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var answer = await next(context);
        if (answer is JsonHttpResult<ProblemView> { Value: { } problem })
        {
            Note(context.HttpContext, problem);
        }

        return answer;
    }

    private void Note(HttpContext context, ProblemView problem)
    {
        var caller = context.Caller;
        var detail = problem.Detail ?? "";
        var asked = context.Features.Get<AskedVm>();
        refusals.Note(new AuditEntry(caller.Name, AuditAction.VmDenied)
        {
            Target = asked?.Id.Value ?? context.Request.RouteValues["id"] as string ?? "",
            Repository = (asked?.Repository ?? caller.Workflow?.Repository ?? caller.Grant.Only)?.ToString() ?? "",
            Run = caller.Workflow?.RunId,
            Outcome = problem.Code ?? "",
            Detail = caller.Grant.Rule.Length > 0 ? $"rule {caller.Grant.Rule}: {detail}" : detail,
        });
    }
}
