using System.CommandLine;
using Provisioner.Client.Api;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>delete ID…</c></summary>
internal sealed class DeleteCommand(CommandContext context, ConnectionOptions connection)
{
    private readonly Argument<string[]> _ids = new("id") { Description = "Ids of the VMs", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Return as soon as the server has noted it" };
    private readonly Option<bool> _failOnMissing = new("--fail-on-missing") { Description = "Exit with 3 if there was no such VM; otherwise that is success" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Write ids only, and no progress" };

    public Command Build()
    {
        var command = new Command("delete", "Delete VMs with their disks and registrations") { _ids, _noWait, _failOnMissing, _quiet };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        using var progress = new Progress(context, line.GetValue(_quiet));
        var data = new DataWriter(context);
        var missing = 0;
        foreach (var id in line.GetRequiredValue(_ids).Distinct())
        {
            var vm = await new Retries(context.Time, progress.Notice).RunAsync(token => api.DeleteAsync(id, token), interrupted);
            if (vm is null)
            {
                missing++;
                progress.Notice($"There is no VM {id} (any more).");
                continue;
            }

            if (!line.GetValue(_noWait) && vm.Phase != VmPhase.Gone)
            {
                await SeeItGoAsync(api, id, progress, interrupted);
            }

            data.Ids(id);
        }

        return (int)(missing > 0 && line.GetValue(_failOnMissing) ? ExitCode.NotFound : ExitCode.Ok);
    }

    private async Task SeeItGoAsync(VmApi api, string id, Progress progress, CancellationToken interrupted)
    {
        try
        {
            await foreach (var change in new VmEvents(api, context.Time, progress.Notice).FollowAsync(id, interrupted))
            {
                if (change.Phase is VmPhase.Deleting or VmPhase.Gone)
                {
                    progress.Report(change);
                }
            }
        }
        catch (ClientException error) when (error.ExitCode == ExitCode.NotFound)
        {
            progress.Notice("The server knows the VM no more.");
        }
    }
}
