using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Provisioner.Contracts;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Api;

/// <summary>The description of the API at <c>/openapi/v1.json</c>: made from the endpoints, with the problems that each may answer with, and an example of what is sent.</summary>
internal static class OpenApiSetup
{
    private const string CreateExample = """{ "image": "debian-12", "repository": "acme/widgets", "cpus": 2, "memory": 4096, "disk": 32768, "lifetime": "01:00:00", "labels": ["gpu"] }""";

    public static void AddDescription(this IServiceCollection services, ServerOptions options) => services.AddOpenApi("v1", openApi => openApi
        .AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "VirtualBox Dynamic Provisioner";
            document.Info.Description = "Virtual machines as single-use GitHub Actions runners. Errors are RFC 9457 problems with a stable code.";
            document.AddCredentials(options);
            return Task.CompletedTask;
        })
        .AddOperationTransformer(DescribeAsync));

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.OperationId is not { } id || !OperationProblems.Operations.Contains(id))
        {
            return;
        }

        var schema = await context.GetOrCreateSchemaAsync(typeof(ProblemView), cancellationToken: cancellationToken);
        foreach (var (status, codes) in OperationProblems.Of(id).GroupBy(Problems.Status).Select(group => (group.Key, group.ToList())))
        {
            operation.Responses ??= [];
            operation.Responses[$"{status}"] = new OpenApiResponse
            {
                Description = string.Join(", ", codes.Select(code => $"`{code}`")),
                Content = new Dictionary<string, OpenApiMediaType> { [Problems.ContentType] = new() { Schema = schema, Example = Example(codes[0]) } },
            };
        }

        if (id == "createVm" && operation.RequestBody?.Content is { } sent)
        {
            sent["application/json"].Example = JsonNode.Parse(CreateExample);
        }
    }

    private static JsonNode? Example(string code) => JsonSerializer.SerializeToNode(
        Problems.View(code, "What went wrong, in a sentence.", "What to do about it, in a sentence."), WireJson.Default.ProblemView);
}
