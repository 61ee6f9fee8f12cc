using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Hands a running guest its secret configuration, and takes it back. In pieces, since a guest property holds 1,023 bytes;
/// TRANSIENT, so that it never reaches the disk; and the number of pieces last, which is what the guest waits for.
/// </summary>
internal sealed partial class ConfigurationDelivery(VBoxHost host, VmLocks locks, ILogger logger)
{
    private const string Prefix = "/VBDP/Config/";
    private const int PieceLength = 1000;

    public async Task DeliverAsync(VmId id, GuestConfiguration configuration, CancellationToken cancellationToken)
    {
        using var turn = await locks.EnterAsync(id, cancellationToken);
        var machine = await host.Machines.RequireAsync(id, cancellationToken);
        if (machine.Power != VmPower.On)
        {
            throw new HypervisorException(HypervisorFault.NotFound, $"Machine {id} is not running, so it cannot be configured.");
        }

        var pieces = configuration.EncodedJitConfig.Chunk(PieceLength).Select(piece => new string(piece)).ToList();
        for (var i = 0; i < pieces.Count; i++)
        {
            await SetAsync(machine, Prefix + i.ToString(CultureInfo.InvariantCulture), pieces[i], cancellationToken);
        }

        await SetAsync(machine, Prefix + "Count", pieces.Count.ToString(CultureInfo.InvariantCulture), cancellationToken);
        LogDelivered(id, pieces.Count);
    }

    /// <summary>Makes sure that the configuration can be read by nobody in the guest any more.</summary>
    public async Task WithdrawAsync(VmId id, string uuid, CancellationToken cancellationToken)
    {
        using var turn = await locks.EnterAsync(id, cancellationToken);
        var properties = await host.Manage.RunAsync(["guestproperty", "enumerate", uuid], cancellationToken);
        var secrets = GuestPropertyText.ParseNames(properties).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        foreach (var name in secrets)
        {
            // Also on a full disk: nothing of it is stored.
            await host.Manage.RunAsync(["guestproperty", "unset", uuid, name], cancellationToken);
        }

        if (secrets.Count > 0)
        {
            LogWithdrawn(id);
        }
    }

    private async Task SetAsync(SeenMachine machine, string name, string value, CancellationToken cancellationToken)
    {
        string[] command = ["guestproperty", "set", machine.Uuid, name, value, "--flags", "TRANSIENT,RDONLYGUEST"];
        using var file = await SecretFile.WriteAsync(host.Options.SecretFolder, command, cancellationToken);
        var result = await host.Manage.PersistAsync(
            () => host.Changes.TryRunAsync(["@" + file.Path], host.Options.Deadline, cancellationToken), cancellationToken);
        if (!result.Succeeded)
        {
            // The message might repeat the command, and with it the secret.
            throw new HypervisorException(HypervisorFault.Failed,
                $"Machine {machine.Id} could not be given its configuration: VBoxManage guestproperty set failed with code {(result.Code is { Length: > 0 } code ? code : result.ExitCode)}.");
        }
    }

    [LoggerMessage(LogLevel.Information, "Delivered the configuration of machine {Id} in {Pieces} pieces")]
    private partial void LogDelivered(VmId id, int pieces);

    [LoggerMessage(LogLevel.Information, "Withdrew the configuration of machine {Id}")]
    private partial void LogWithdrawn(VmId id);
}
