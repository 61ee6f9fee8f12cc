using System.Text.Json;
using System.Text.RegularExpressions;
using Provisioner.Contracts;
using Provisioner.Server.Api;

namespace Provisioner.Tests.Server;

/// <summary>Holds every problem that any test is answered with against what the description of the API says of that operation.</summary>
internal sealed partial class DescribedAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType == Problems.ContentType && OperationOf(request) is { } operation)
        {
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            var problem = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(cancellationToken), WireJson.Default.ProblemView)!;
            // Kestrel has taken steps out of the path, or it has one too many: then it is no operation's.
            Assert.True(problem.Detail == "There is nothing at this address." || OperationProblems.Of(operation).Contains(problem.Code!), $"{operation} answered {problem.Code}, which /openapi/v1.json does not say of it.");
            Assert.Equal(Problems.Status(problem.Code!), (int)answer.StatusCode);
        }

        return answer;
    }

    private static string? OperationOf(HttpRequestMessage request) => (request.Method.Method, Id().Replace(request.RequestUri!.AbsolutePath, "/v1/$1/{id}$2")) switch
    {
        ("POST", "/v1/vms") => "createVm",
        ("GET", "/v1/vms") => "listVms",
        ("GET", "/v1/vms/{id}") => "getVm",
        ("GET", "/v1/vms/{id}/events") => "followVm",
        ("GET", "/v1/vms/{id}/console") => "readConsole",
        ("GET", "/v1/events") => "followAll",
        ("POST", "/v1/vms/{id}/extend") => "extendVm",
        ("DELETE", "/v1/vms/{id}") => "deleteVm",
        ("GET", "/v1/images") => "listImages",
        ("GET", "/v1/hosts") => "listHosts",
        ("POST", "/v1/hosts/{id}/drain") => "drainHost",
        ("POST", "/v1/hosts/{id}/resume") => "resumeHost",
        ("GET", "/metrics") => "metrics",
        ("GET", "/healthz") => "health",
        ("GET", "/readyz") => "ready",
        _ => null,
    };

    [GeneratedRegex("^/v1/(vms|hosts)/[^/]+(/[a-z]+)?$")]
    private static partial Regex Id();
}
