using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Provisioner.Server.Configuration;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Nasty;

/// <summary>Every field and every part of an address that a caller fills, with text that no caller should send.</summary>
public sealed partial class NastyRequestTests
{
    private static readonly string[] Fields = ["id", "image", "repository", "labels", "lifetime", "unknown", "key", "path", "query", "legacy-id", "legacy-image", "bearer"];

    [Fact(Timeout = 300_000)]
    public async Task What_is_not_valid_makes_nothing_and_is_in_no_row_and_no_name()
    {
        await using var server = await RunningServer.StartAsync(Open);
        var texts = NastyText.Listed.Concat(NastyText.Random(10_000, seed: 3)).ToList();
        var answers = new List<(string Field, string Text, int Status, string Body)>();

        await Parallel.ForEachAsync(texts.Index(), TestContext.Current.CancellationToken, async (item, cancellation) =>
        {
            var field = Fields[item.Index % Fields.Length];
            using var response = await SendAsync(server, field, item.Item, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            lock (answers)
            {
                answers.Add((field, item.Item, (int)response.StatusCode, body));
            }
        });

        Assert.Equal(texts.Count, answers.Count);
        Assert.DoesNotContain(answers, answer => answer.Status >= 500);
        // An idempotency key is compared and nothing else, so any text is one, and some labels have only characters that a label may have; nothing else of this is valid.
        Assert.DoesNotContain(answers, answer => answer.Status < 300 && answer.Field is not ("key" or "query" or "path" or "labels"));
        Assert.All(answers, answer => Assert.DoesNotContain(answer.Body, c => char.IsControl(c) && c is not '\n'));
        Assert.All(server.Vms.List(), vm =>
        {
            Assert.Matches(Id(), vm.Id.Value);
            Assert.Equal(("debian-12", "acme/gpu"), (vm.Image, vm.Repository.ToString()));
            Assert.All(vm.Labels, label => Assert.Matches(Label(), label));
        });
        Assert.All(await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken), machine => Assert.Matches(Id(), machine.Id.Value));
    }

    // Many at once, and nothing but the text may be the reason for a refusal.
    private static void Open(ServerOptions options)
    {
        LegacyCalls.Allow(options);
        (options.Limits.Burst, options.Limits.RequestsPerSecond) = (1_000_000, 1_000_000);
        (options.Vms.MaxQueued, options.Vms.MaxRunning) = (100_000, 1);
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningServer server, string field, string text, CancellationToken cancellation)
    {
        var escaped = Uri.EscapeDataString(text);
        return field switch
        {
            "path" => await server.Http.GetAsync($"/v1/vms/{escaped}", cancellation),
            "query" => await server.Http.GetAsync($"/v1/vms?{escaped}={escaped}", cancellation),
            "legacy-id" => await server.Http.GetAsync($"/create/{escaped}/acme/gpu/debian-12", cancellation),
            "legacy-image" => await server.Http.GetAsync($"/create/vbx-1/acme/gpu/{escaped}", cancellation),
            _ => await PostAsync(server, field, text, cancellation),
        };
    }

    private static async Task<HttpResponseMessage> PostAsync(RunningServer server, string field, string text, CancellationToken cancellation)
    {
        var body = new JsonObject { ["image"] = "debian-12" };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/vms");
        // A header cannot hold what ends its line: .NET's client refuses that itself.
        var header = string.Concat(text.Where(c => c is >= ' ' and < '\x7f'));
        switch (field)
        {
            case "labels":
                body["labels"] = new JsonArray(text);
                break;
            case "key":
                request.Headers.TryAddWithoutValidation("Idempotency-Key", header);
                break;
            case "bearer":
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", header);
                break;
            default:
                body[field] = text;
                break;
        }

        request.Content = new StringContent(JsonSerializer.Serialize(body), mediaType: new MediaTypeHeaderValue("application/json"));
        return await server.Http.SendAsync(request, cancellation);
    }

    [GeneratedRegex("^[A-Za-z0-9._:+-]{1,100}$")]
    private static partial Regex Label();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}$")]
    private static partial Regex Id();
}
