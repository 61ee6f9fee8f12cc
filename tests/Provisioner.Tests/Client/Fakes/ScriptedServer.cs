using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Provisioner.Tests.Client.Fakes;

/// <summary>Answers over TLS what a test tells it to; the last answer to a call is given for ever.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<RequestDelegate>> _answers = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();

    private ScriptedServer(WebApplication app) => _app = app;

    public ConcurrentQueue<SeenRequest> Requests { get; } = [];

    public Uri Address { get; private set; } = null!;

    public static Task<ScriptedServer> StartAsync(X509Certificate2 certificate) => StartAsync(options => options.UseHttps(certificate), "https");

    public static Task<ScriptedServer> StartWithoutTlsAsync() => StartAsync(_ => { }, "http");

    /// <summary>For calls such as <c>POST /v1/vms</c>.</summary>
    public ScriptedServer On(string call, params RequestDelegate[] answers)
    {
        _answers[call] = new ConcurrentQueue<RequestDelegate>(answers);
        return this;
    }

    public Task SeenAsync(string call) => Awaited(call).Task.WaitAsync(TestContext.Current.CancellationToken);

    public int Count(string call) => Requests.Count(request => request.Call == call);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static async Task<ScriptedServer> StartAsync(Action<Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions> listen, string scheme)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen));
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.Address = new Uri($"{scheme}://localhost:{new Uri(bound).Port}");
        return server;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var call = $"{context.Request.Method} {context.Request.Path}";
        Requests.Enqueue(new SeenRequest(
            call, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), await reader.ReadToEndAsync(context.RequestAborted)));
        Awaited(call).TrySetResult();
        var answer = _answers.GetValueOrDefault(call) switch
        {
            null => Answers.Problem(404, "not-found", "There is no such VM."),
            { Count: > 1 } queue when queue.TryDequeue(out var next) => next,
            var queue => queue.TryPeek(out var last) ? last : throw new InvalidOperationException(call),
        };
        await answer(context);
    }

    private TaskCompletionSource Awaited(string call) =>
        _awaited.GetOrAdd(call, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
