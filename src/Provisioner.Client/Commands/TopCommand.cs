using System.CommandLine;
using Provisioner.Client.Api;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>top</c>: hosts and VMs on a screen of their own, looked at again and again; elsewhere than on a terminal, once.</summary>
internal sealed class TopCommand(CommandContext context, ConnectionOptions connection)
{
    private const string Enter = "\x1b[?1049h\x1b[?25l";
    private const string Leave = "\x1b[?25h\x1b[?1049l";
    private const string Home = "\x1b[H";
    private const string ClearLine = "\x1b[K";
    private const string ClearRest = "\x1b[J";

    // Some terminals do not tell, and say 0.
    private static readonly (int Width, int Height) Unknown = (80, 24);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly Option<bool> _once = new("--once") { Description = "Write it once and end, as elsewhere than on a terminal" };
    private bool _seesHosts = true;

    public Command Build()
    {
        var command = new Command("top", "Show hosts and VMs, and how they change, until Ctrl-C") { _once };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        if (line.GetValue(_once) || context.Terminal is not { } terminal)
        {
            var (hosts, vms) = await LookAsync(api, interrupted);
            context.Out.Write(string.Join('\n', TopPage.Of(hosts, vms, context.Time.GetUtcNow(), height: null)) + "\n");
            return (int)ExitCode.Ok;
        }

        context.Out.Write(Enter);
        try
        {
            await ShowAsync(api, terminal, interrupted);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            // How it ends.
        }
        finally
        {
            context.Out.Write(Leave);
            context.Out.Flush();
        }

        return (int)ExitCode.Ok;
    }

    private async Task ShowAsync(VmApi api, Func<(int Width, int Height)> terminal, CancellationToken interrupted)
    {
        (IReadOnlyList<HostView>? Hosts, IReadOnlyList<VmView> Vms)? seen = null;
        while (true)
        {
            var trouble = "";
            try
            {
                seen = await LookAsync(api, interrupted);
            }
            catch (ClientException error) when (error.Transient && seen is not null)
            {
                trouble = $"  {error.Cause} What is below is old; trying again.";
            }

            var (width, height) = terminal() is { Width: > 0, Height: > 0 } size ? size : Unknown;
            var now = context.Time.GetUtcNow();
            Draw([Untrusted.Line($"{api.Server}  {now:u}{trouble}"), .. TopPage.Of(seen.Value.Hosts, seen.Value.Vms, now, Math.Max(1, height - 1))], width);
            await Task.Delay(Period, context.Time, interrupted);
        }
    }

    /// <summary>Hosts are for those alone who may see the whole of one.</summary>
    private async Task<(IReadOnlyList<HostView>? Hosts, IReadOnlyList<VmView> Vms)> LookAsync(VmApi api, CancellationToken interrupted)
    {
        HostView[]? hosts = null;
        try
        {
            hosts = _seesHosts ? await api.HostsAsync(interrupted) : null;
        }
        catch (ClientException error) when (error.Problem is ProblemCode.Forbidden or ProblemCode.NotFound) // by a server that has no such call yet, too
        {
            _seesHosts = false;
        }

        return (hosts, await api.ListAsync(interrupted));
    }

    /// <summary>Over what is there, so that nothing flickers. A line that is too long would push the others away.</summary>
    private void Draw(IEnumerable<string> lines, int width)
    {
        var fitting = lines.Select(line => (line.Length > width ? line[..width] : line) + ClearLine);
        context.Out.Write(Home + string.Join("\r\n", fitting) + ClearRest);
        context.Out.Flush();
    }
}
