using System.Diagnostics;

namespace Provisioner.HypervisorTests;

/// <summary>Another user of this host, who over and over puts links where he can.</summary>
internal sealed class LinkSetter : IAsyncDisposable
{
    public const int Nobody = 65534;

    private readonly Process process;
    private readonly SemaphoreSlim tried = new(0);
    private readonly Task reading;
    private int tries;
    private int successes;

    private LinkSetter(Process process)
    {
        this.process = process;
        reading = ReadAsync();
    }

    public int Tries => tries;

    /// <summary>How often he could.</summary>
    public int Successes => successes;

    /// <param name="script">A round, in which <c>try COMMAND…</c> is one attempt.</param>
    /// <param name="arguments">Its <c>$1</c> and so on.</param>
    public static LinkSetter Start(string script, params string[] arguments)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "Only root can act as another user, with setpriv (apt install util-linux).");
        var loop = $"try() {{ if \"$@\" 2>/dev/null; then echo could; else echo refused; fi; }}\nwhile :; do\n{script}\ndone";
        var start = new ProcessStartInfo("setpriv", ["--reuid", $"{Nobody}", "--regid", $"{Nobody}", "--clear-groups", "bash", "-c", loop, "links", .. arguments])
        {
            RedirectStandardOutput = true,
        };
        return new LinkSetter(Process.Start(start)!);
    }

    /// <summary>Waits until he has tried so often again.</summary>
    public async Task TryAsync(int times, CancellationToken cancellationToken)
    {
        for (var goal = tries + times; tries < goal;)
        {
            await tried.WaitAsync(cancellationToken);
            Assert.False(reading.IsCompleted, "The other user has ended.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await reading;
        await process.WaitForExitAsync();
        process.Dispose();
        tried.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            successes += line == "could" ? 1 : 0;
            tries++;
            tried.Release();
        }

        tried.Release();
    }
}
