using System.CommandLine;
using Provisioner.Client.Api;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>drain [HOST]</c>: a host is to take no new VM, and, waited for, is empty when it ends.</summary>
internal sealed class DrainCommand(CommandContext context, ConnectionOptions connection, OutputOptions output)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly Argument<string?> _host = HostArgument();
    private readonly Option<bool> _wait = new("--wait") { Description = "Return when no VM lives on the host any more" };
    private readonly Option<TimeSpan?> _timeout = new("--timeout")
    {
        Description = $"With --wait: give up after that time, with the exit code 5, and leave the host drained: {Duration.Rule}",
        HelpName = "TIME",
        CustomParser = argument =>
        {
            if (Duration.TryParse(argument.Tokens[0].Value, out var duration) && duration > TimeSpan.Zero)
            {
                return duration;
            }

            argument.AddError($"'{argument.Tokens[0].Value}' cannot be read as --timeout: {Duration.Rule}.");
            return null;
        },
    };

    public static Argument<string?> HostArgument() => new("host")
    {
        Description = "Name of the host; that of the server that answers when absent (see 'hosts')", Arity = ArgumentArity.ZeroOrOne,
    };

    public Command Build()
    {
        var command = new Command("drain", "Have a host take no new VM: those that ask wait, those that it has live on (needs the role operator)") { _host, _wait, _timeout };
        output.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The host that is meant: the one named, else the one whose server answers.</summary>
    public static async Task<string> NameAsync(VmApi api, string? named, CancellationToken cancellation) =>
        named ?? (await api.HostsAsync(cancellation)).Single(host => host.Own).Name;

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        using var progress = new Progress(context, output.IsQuiet(line));
        var retries = new Retries(context.Time, progress.Notice);
        var name = await NameAsync(api, line.GetValue(_host), interrupted);
        var host = await retries.RunAsync(token => api.DrainAsync(name, token), interrupted);
        if (line.GetValue(_wait))
        {
            host = await SeeItEmptyAsync(api, host, line.GetValue(_timeout), progress, interrupted);
        }

        progress.Dispose();
        Write(line, host);
        return (int)ExitCode.Ok;
    }

    private async Task<HostView> SeeItEmptyAsync(VmApi api, HostView host, TimeSpan? timeout, Progress progress, CancellationToken interrupted)
    {
        var (start, told) = (context.Time.GetTimestamp(), -1L);
        while (host.Vms > 0)
        {
            if (told != host.Vms)
            {
                told = host.Vms;
                progress.Notice($"{(told == 1 ? "1 VM lives" : $"{told} VMs live")} on {host.Name}, which takes no new one.");
            }

            if (context.Time.GetElapsedTime(start) >= timeout)
            {
                throw new ClientException(ExitCode.Timeout, "Not empty", $"{told} of the VMs on {host.Name} still live after {Duration.Format(timeout.Value)}.",
                    "It stays drained. Wait again, delete them (virtualbox-client list, delete), or give it up: virtualbox-client resume.");
            }

            await Task.Delay(LookAgain, context.Time, interrupted);
            host = await new Retries(context.Time, progress.Notice).RunAsync(token => LookAsync(api, host.Name, token), interrupted);
        }

        return host;
    }

    private static async Task<HostView> LookAsync(VmApi api, string name, CancellationToken cancellation)
    {
        var host = (await api.HostsAsync(cancellation)).FirstOrDefault(host => host.Name == name)
            ?? throw new ClientException(ExitCode.NotFound, "No such host", $"The server knows the host {name} no more.", "See virtualbox-client hosts.");
        return host.DrainingSince is not null ? host
            : throw new ClientException(ExitCode.Failure, "Resumed", $"Somebody has resumed {name} meanwhile.", "Drain it again, when they agree.");
    }

    private void Write(ParseResult line, HostView host)
    {
        var data = new DataWriter(context);
        if (output.IsQuiet(line))
        {
            data.Ids(host.Name);
        }
        else if (output.IsJson(line))
        {
            data.Json(host);
        }
        else
        {
            data.Line(host.Vms == 0 ? $"{host.Name} is drained: no VM lives on it." : $"{host.Name} takes no new VM; {(host.Vms == 1 ? "1 lives" : $"{host.Vms} live")} on. Wait for them with --wait.");
        }
    }
}
