using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Server.Api;

namespace Provisioner.Tests.Server;

/// <summary>The description of the API says what the API does: all of it. What each answer is held against: <see cref="DescribedAnswers"/>.</summary>
public sealed class OpenApiTests
{
    // What only becomes of VMs, and is never an answer to a request.
    private static readonly string[] FailuresOnly =
    [
        ProblemCode.QueueTimeout, ProblemCode.GitHubUnavailable, ProblemCode.GitHubRefused, ProblemCode.GitHubRateLimited, ProblemCode.RunnerNameTaken, ProblemCode.GitHubRejected,
        ProblemCode.GuestSilent, ProblemCode.GuestFailed, ProblemCode.StoppedEarly, ProblemCode.LifetimeOver, ProblemCode.RunnerMissing, ProblemCode.NoJob, ProblemCode.ForeignJob,
    ];

    // Of addresses and methods that there are not: no operation has it.
    private static readonly string[] OfNoOperation = [ProblemCode.MethodNotAllowed];

    [Fact(Timeout = 60_000)]
    public async Task Each_route_is_described_with_all_its_problems_and_an_example_of_each()
    {
        await using var server = await RunningServer.StartAsync();
        var description = JsonNode.Parse(await server.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;
        var described = description["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).ToDictionary(operation => (string)operation.Value!["operationId"]!, operation => operation.Value!);

        Assert.StartsWith("3.1.", (string)description["openapi"]!, StringComparison.Ordinal);
        Assert.Equal(Named(server).Order(), described.Keys.Order());
        Assert.Equal(OperationProblems.Operations.Order(), described.Keys.Order());
        foreach (var (id, operation) in described)
        {
            Assert.False(string.IsNullOrEmpty((string?)operation["summary"]), id);
            foreach (var group in OperationProblems.Of(id).GroupBy(Problems.Status))
            {
                var answer = operation["responses"]![$"{group.Key}"]!;
                Assert.All(group, code => Assert.Contains($"`{code}`", (string)answer["description"]!, StringComparison.Ordinal));
                Assert.Equal(group.First(), (string)answer["content"]![Problems.ContentType]!["example"]!["code"]!);
            }
        }

        Assert.Equal("debian-12", (string)described["createVm"]["requestBody"]!["content"]!["application/json"]!["example"]!["image"]!);
    }

    [Fact]
    public void Each_problem_code_is_an_answer_of_some_operation_or_a_failure_of_VMs()
    {
        var all = typeof(ProblemCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);
        var answers = OperationProblems.Operations.SelectMany(OperationProblems.Of).Distinct();

        Assert.Equal(all.Order(), answers.Concat(FailuresOnly).Concat(OfNoOperation).Distinct().Order());
    }

    private static IEnumerable<string> Named(RunningServer server) => server.Services.GetRequiredService<EndpointDataSource>().Endpoints
        .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null)
        .Select(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName)
        .OfType<string>();
}
