using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Provisioner.Tests.GitHub;

/// <summary>Somebody who listens to webhooks.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly Channel<(Dictionary<string, string> Headers, byte[] Body)> received =
        Channel.CreateUnbounded<(Dictionary<string, string>, byte[])>();
    private readonly WebApplication app;

    private WebhookReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.Run(TakeAsync);
    }

    public Uri Url => new(app.Urls.First() + "/hook");

    public ChannelReader<(Dictionary<string, string> Headers, byte[] Body)> Received => received.Reader;

    public static async Task<WebhookReceiver> StartAsync()
    {
        var receiver = new WebhookReceiver();
        await receiver.app.StartAsync(SimulatedGitHub.Cancelled);
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        // Copied: the server uses its header object again for the next request.
        received.Writer.TryWrite((context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), body.ToArray()));
    }
}
