using System.Net;

namespace Provisioner.RunnerStandIn;

/// <summary>
/// The life of a single-use runner: configure, connect, wait for one job, run it, say good-bye. It keeps the official listener's order
/// of calls, its lines on the console, and its exit codes.
/// </summary>
internal sealed class Listener(string root, RunnerFiles files, HttpClient http, Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan BetweenErrors = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConflictPatience = TimeSpan.FromMinutes(4);

    private const int PollErrorLimit = 10;

    public static async Task<int> RunProgramAsync(string[] args)
    {
        var root = RunnerRoot.Find();
        var terminal = new Terminal(Console.Out, TimeProvider.System);
        var files = new RunnerFiles(root);
        using var stop = new StopRequest();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(100) }; // a poll is held open for 50 s
        try
        {
            if (RunnerRoot.TakeJitConfig(args) is { } jitConfig)
            {
                files.Write(jitConfig);
            }
            return await new Listener(root, files, http, terminal, TimeProvider.System).RunAsync(stop);
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException or IOException or ServiceException or HttpRequestException)
        {
            terminal.Error(e.Message);
            return ExitCode.Terminated;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return stop.ExitCode;
        }
    }

    private async Task<int> RunAsync(StopRequest stop)
    {
        var settings = files.ReadSettings();
        using var oauth = files.ReadClient(http, time);
        var broker = new Broker(http, settings, oauth);
        if (await ConnectAsync(broker, stop.Token) is { } refused)
        {
            return refused;
        }
        terminal.Listening();
        var ended = false;
        try
        {
            ended = await ServeAsync(broker, settings, oauth, stop);
            return ended ? ExitCode.Success : stop.ExitCode;
        }
        finally
        {
            await CloseAsync(broker);
            if (ended)
            {
                files.Delete();
            }
        }
    }

    /// <summary>Null when connected, else the exit code.</summary>
    private async Task<int?> ConnectAsync(Broker broker, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                await broker.OpenAsync(stop);
                terminal.Connected();
                return null;
            }
            catch (ServiceException e) when (IsFinal(e) || (e.Status == HttpStatusCode.Conflict && time.GetElapsedTime(started) >= ConflictPatience))
            {
                terminal.Error($"Failed to create a session. {e.Message}");
                return e.Status == HttpStatusCode.Conflict ? ExitCode.SessionConflict : ExitCode.Terminated;
            }
            catch (Exception e) when (IsTransient(e, stop))
            {
                terminal.Stamped($"Runner connect error: {e.Message}. Retrying until reconnected.");
                await Task.Delay(BetweenErrors, time, stop);
            }
        }
    }

    // The HTTP client's own deadline also shows as a cancellation.
    private static bool IsTransient(Exception e, CancellationToken stop) =>
        e is ServiceException or HttpRequestException || (e is OperationCanceledException && !stop.IsCancellationRequested);

    private static bool IsFinal(ServiceException e) =>
        e.Kind is "invalid_client" or "RunnerNotFound" || e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>True when the runner's life is over: its job is done, or its registration is gone. False when it was told to stop.</summary>
    private async Task<bool> ServeAsync(Broker broker, RunnerSettings settings, OAuthClient oauth, StopRequest stop)
    {
        for (var errors = 0; !stop.Token.IsCancellationRequested;)
        {
            try
            {
                if (await broker.PollAsync("Online", stop.Token) is { IsJob: true } offer
                    && await TakeAsync(broker, oauth, offer, stop.Token) is var (job, service))
                {
                    await new JobSession(root, settings, terminal, time).RunAsync(job, service, broker, new LogUpload(http, terminal, time), stop);
                    return !stop.Token.IsCancellationRequested;
                }
                errors = 0;
            }
            catch (ServiceException e) when (e.Kind == "RunnerNotFound")
            {
                terminal.Error(e.Message);
                return true;
            }
            catch (Exception e) when (IsTransient(e, stop.Token) && ++errors < PollErrorLimit)
            {
                terminal.Stamped($"Runner connect error: {e.Message}. Retrying until reconnected.");
                await Task.Delay(BetweenErrors, time, stop.Token);
            }
        }
        return false;
    }

    private async Task<(Job Job, RunService Service)?> TakeAsync(Broker broker, OAuthClient oauth, RunnerMessage offer, CancellationToken stop)
    {
        if (offer.Body["should_acknowledge"].Flag())
        {
            await broker.AcknowledgeAsync(offer, stop);
        }
        var service = new RunService(http, time, new Uri(offer.Body.Text("run_service_url")));
        var job = await service.AcquireAsync(offer, await oauth.GetTokenAsync(stop), stop);
        return job is null ? null : (job, service);
    }

    private static async Task CloseAsync(Broker broker)
    {
        try
        {
            await broker.CloseAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is ServiceException or HttpRequestException)
        {
            // The service ends sessions by itself; a runner that goes has nothing to lose.
        }
    }
}
