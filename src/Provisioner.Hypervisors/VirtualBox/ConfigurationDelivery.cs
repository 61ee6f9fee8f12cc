using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Hands a running guest its secret configuration, and takes it back. In pieces, since a guest property holds 1,023 bytes, and the
/// number of pieces last, which is what the guest waits for. VBoxManage saves a machine's settings with each property, TRANSIENT
/// ones too while the machine runs: until it is taken back the secret stands in the .vbox file, which only this user can read.
/// </summary>
internal sealed partial class ConfigurationDelivery(VBoxHost host, VmLocks locks, ILogger logger)
{
    private const string Prefix = "/VBDP/Config/";
    private const string Count = Prefix + "Count";
    private const int PieceLength = 1000;

    // How many pieces a guest has; it is asked for them when an earlier server may have delivered them.
    private readonly ConcurrentDictionary<VmId, int> delivered = [];

    /// <summary>Tells a guest that was cloned for nobody for whom it works. Nothing in that is secret.</summary>
    public async Task LabelAsync(VmId id, GuestLabels labels, CancellationToken cancellationToken)
    {
        using var turn = await locks.EnterAsync(id, cancellationToken);
        if (!host.Mark.IsComplete(id, host.ReadSettings(id)))
        {
            await host.Machines.RequireAsync(id, cancellationToken);
        }

        var uuid = host.Mark.UuidOf(id).ToString();
        foreach (var (name, value) in labels.Known)
        {
            string[] command = ["guestproperty", "set", uuid, name, value];
            var result = await host.Manage.PersistAsync(
                () => host.Changes.TryRunAsync(command, async () => await ReadAsync(uuid, name, cancellationToken) == value, cancellationToken),
                cancellationToken);
            if (!result.Succeeded)
            {
                throw VBoxManage.Failed(command, result);
            }
        }
    }

    public async Task DeliverAsync(VmId id, GuestConfiguration configuration, CancellationToken cancellationToken)
    {
        using var turn = await locks.EnterAsync(id, cancellationToken);
        if (!host.Mark.IsComplete(id, host.ReadSettings(id)))
        {
            await host.Machines.RequireAsync(id, cancellationToken);
        }

        delivered.TryRemove(id, out _);
        var pieces = configuration.EncodedJitConfig.Chunk(PieceLength).Select(piece => new string(piece)).ToList();
        for (var i = 0; i < pieces.Count; i++)
        {
            await SetAsync(id, NameOf(i), pieces[i], cancellationToken);
        }

        await SetAsync(id, Count, pieces.Count.ToString(CultureInfo.InvariantCulture), cancellationToken);
        await RequireAsync(id, NamesOf(pieces.Count), cancellationToken);
        delivered[id] = pieces.Count;
        LogDelivered(id, pieces.Count);
    }

    /// <summary>Makes sure that the configuration can be read by nobody in the guest any more.</summary>
    public async Task WithdrawAsync(VmId id, string uuid, CancellationToken cancellationToken)
    {
        using var turn = await locks.EnterAsync(id, cancellationToken);
        var secrets = delivered.TryGetValue(id, out var count) ? NamesOf(count) : await FindAsync(uuid, cancellationToken);
        foreach (var name in secrets)
        {
            await UnsetAsync(uuid, name, cancellationToken);
        }

        if (secrets.Count > 0)
        {
            await RequireAsync(id, [], cancellationToken);
        }

        delivered[id] = 0;
        if (secrets.Count > 0)
        {
            LogWithdrawn(id);
        }
    }

    /// <summary>Makes no difference but for memory: the machine is gone.</summary>
    public void Forget(VmId id) => delivered.TryRemove(id, out _);

    private static string NameOf(int piece) => Prefix + piece.ToString(CultureInfo.InvariantCulture);

    // The count last: VirtualBox keeps the settings before the last change too (.vbox-prev), and they must hold no piece either.
    private static IReadOnlyList<string> NamesOf(int count) => count == 0 ? [] : [.. Enumerable.Range(0, count).Select(NameOf), Count];

    // Looked at once, not believed: a guest without its configuration waits in vain, and one that keeps it has a secret too many.
    private async Task RequireAsync(VmId id, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var there = await FindAsync(host.Mark.UuidOf(id).ToString(), cancellationToken);
        if (!there.ToHashSet().SetEquals(names))
        {
            throw new HypervisorException(HypervisorFault.Failed,
                $"VirtualBox said that the configuration of machine {id} was {(names.Count > 0 ? "delivered" : "withdrawn")}, and has {there.Count} pieces of it. Look at its log on this host.");
        }
    }

    private async Task<IReadOnlyList<string>> FindAsync(string uuid, CancellationToken cancellationToken)
    {
        var properties = await host.Manage.RunAsync(["guestproperty", "enumerate", uuid], cancellationToken);
        return [.. GuestPropertyText.ParseNames(properties).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).OrderBy(name => name == Count)];
    }

    private async Task SetAsync(VmId id, string name, string value, CancellationToken cancellationToken)
    {
        var uuid = host.Mark.UuidOf(id).ToString();
        string[] command = ["guestproperty", "set", uuid, name, value, "--flags", "TRANSIENT,RDONLYGUEST"];
        using var file = await SecretFile.WriteAsync(host.Options.SecretFolder, command, cancellationToken);
        var result = await host.Manage.PersistAsync(
            () => host.Changes.TryRunAsync(["@" + file.Path], async () => await ReadAsync(uuid, name, cancellationToken) == value, cancellationToken),
            cancellationToken);
        if (result.Succeeded)
        {
            return;
        }

        if (!await host.Machines.IsOnAsync(id, cancellationToken))
        {
            throw new HypervisorException(HypervisorFault.NotFound, $"Machine {id} is not running, so it cannot be configured.");
        }

        // The message might repeat the command, and with it the secret.
        throw new HypervisorException(HypervisorFault.Failed,
            $"Machine {id} could not be given its configuration: VBoxManage guestproperty set failed with code {(result.Code is { Length: > 0 } code ? code : result.ExitCode)}.");
    }

    // Also on a full disk, though it may cost the machine its settings.
    private async Task UnsetAsync(string uuid, string name, CancellationToken cancellationToken)
    {
        string[] command = ["guestproperty", "unset", uuid, name];
        var result = await host.Manage.PersistAsync(
            () => host.Manage.TryChangeAsync(command, host.Options.Deadline, async () => await ReadAsync(uuid, name, cancellationToken) is null, cancellationToken),
            cancellationToken);
        if (!result.Succeeded)
        {
            throw VBoxManage.Failed(command, result);
        }
    }

    private async Task<string?> ReadAsync(string uuid, string name, CancellationToken cancellationToken) =>
        GuestPropertyText.ParseValue(await host.Manage.RunAsync(["guestproperty", "get", uuid, name], cancellationToken));

    [LoggerMessage(LogLevel.Information, "Delivered the configuration of machine {Id} in {Pieces} pieces")]
    private partial void LogDelivered(VmId id, int pieces);

    [LoggerMessage(LogLevel.Information, "Withdrew the configuration of machine {Id}")]
    private partial void LogWithdrawn(VmId id);
}
