using System.CommandLine;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>hosts</c></summary>
internal sealed class HostsCommand(CommandContext context, ConnectionOptions connection, OutputOptions output)
{
    public Command Build()
    {
        var command = new Command("hosts", "List the hosts: what they have for VMs, and which are drained (needs the role viewer)");
        output.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The hosts as rows for people.</summary>
    public static string TableOf(IEnumerable<HostView> hosts, DateTimeOffset now) => Table.Of(
        ["HOST", "STATE", "VMS", "WAITING", "CPUS", "MEMORY", "DISK"],
        hosts.Select(host => (IReadOnlyList<string>)
        [
            host.Name, State(host, now), Of(host.Vms, host.Room?.Vms), $"{host.Waiting}", Of(host.Held?.Cpus, host.Room?.Cpus),
            Of(host.Held?.Memory / 1024, host.Room?.Memory / 1024, " GiB"), Of(host.Held?.Disk / 1024, host.Room?.Disk / 1024, " GiB"),
        ]));

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        var hosts = await api.HostsAsync(interrupted);
        var data = new DataWriter(context);
        if (output.IsQuiet(line))
        {
            data.Ids(hosts.Select(host => host.Name));
        }
        else if (output.IsJson(line))
        {
            data.Json(hosts);
        }
        else
        {
            context.Out.Write(TableOf(hosts, context.Time.GetUtcNow()));
        }

        return (int)ExitCode.Ok;
    }

    private static string State(HostView host, DateTimeOffset now) =>
        (host.Up ? "up" : "down") + (host.DrainingSince is { } since ? $", drained {RelativeTime.Of(since, now)}" : "");

    private static string Of(long? held, long? room, string unit = "") => (held, room) switch
    {
        ({ } some, { } all) => $"{some} of {all}{unit}",
        ({ } some, null) => $"{some}{unit}",
        _ => "-",
    };
}
