using System.CommandLine;
using Provisioner.Client.Api;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>console ID</c></summary>
internal sealed class ConsoleCommand(CommandContext context, ConnectionOptions connection)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly Argument<string> _id = new("id") { Description = "Id of the VM" };
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on with what comes, until the VM is gone" };

    public Command Build()
    {
        var command = new Command("console", "Show the last lines that a VM's guest wrote to its console (QEMU; VirtualBox keeps none)") { _id, _follow };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        using var progress = new Progress(context, quiet: false);
        var retries = new Retries(context.Time, progress.Notice);
        var (id, shown) = (line.GetRequiredValue(_id), "");
        while (true)
        {
            // Asked before: what is written until the end is then read after it.
            var isGone = line.GetValue(_follow) && (await retries.RunAsync(token => api.ShowAsync(id, token), interrupted)).Phase is VmPhase.Gone;
            var now = isGone && shown.Length > 0 ? shown : await retries.RunAsync(token => api.ConsoleAsync(id, token), interrupted);
            Write(Growth.Of(shown, now));
            shown = now;
            if (isGone || !line.GetValue(_follow))
            {
                return (int)ExitCode.Ok;
            }

            await Task.Delay(LookAgain, context.Time, interrupted);
        }
    }

    private void Write(string text)
    {
        context.Out.Write(string.Join('\n', text.Split('\n').Select(Untrusted.Line)));
        context.Out.Flush();
    }
}
