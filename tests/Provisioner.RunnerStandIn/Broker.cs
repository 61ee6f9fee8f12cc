using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>The runner's session: opened once, polled for messages, closed at the end.</summary>
internal sealed class Broker(HttpClient http, RunnerSettings settings, OAuthClient oauth)
{
    private string token = "";
    private string session = "";

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        token = await oauth.GetTokenAsync(cancellationToken);
        var answer = await http.CallAsync(HttpMethod.Post, new Uri(settings.Broker, "session"), token, Introduction(), cancellationToken);
        session = answer!.Text("sessionId");
    }

    public async Task<RunnerMessage?> PollAsync(string status, CancellationToken cancellationToken)
    {
        var url = new Uri(settings.Broker, $"message?{Query(status)}");
        var answer = await http.CallAsync(HttpMethod.Get, url, token, null, cancellationToken);
        return answer is JsonObject message && message["messageType"] is not null ? RunnerMessage.From(message) : null;
    }

    public async Task AcknowledgeAsync(RunnerMessage offer, CancellationToken cancellationToken)
    {
        var url = new Uri(settings.Broker, $"acknowledge?{Query("Online")}");
        var body = new JsonObject { ["runnerRequestId"] = offer.Body.Text("runner_request_id") };
        await http.CallAsync(HttpMethod.Post, url, token, body, cancellationToken);
    }

    public Task CloseAsync(CancellationToken cancellationToken) =>
        http.CallAsync(HttpMethod.Delete, new Uri(settings.Broker, "session"), token, null, cancellationToken);

    private JsonObject Introduction() => new()
    {
        ["sessionId"] = Guid.Empty.ToString(),
        ["ownerName"] = $"{Environment.MachineName} (PID: {Environment.ProcessId})",
        ["agent"] = new JsonObject
        {
            ["id"] = long.Parse(settings.AgentId, CultureInfo.InvariantCulture),
            ["name"] = settings.AgentName,
            ["version"] = Terminal.Version,
            ["osDescription"] = RuntimeInformation.OSDescription,
        },
        ["useFipsEncryption"] = oauth.Fips,
    };

    private string Query(string status) =>
        $"sessionId={session}&status={status}&runnerVersion={Terminal.Version}&os=Linux&architecture=X64&disableUpdate=true";
}
