namespace Provisioner.Server.Configuration;

/// <summary>What the configuration of capacity and queue must fulfil. Each error names key, cause and remedy.</summary>
internal static class CapacityRules
{
    public static IEnumerable<string> Errors(ServerOptions options)
    {
        foreach (var (key, value) in new[]
        {
            ("vms.maxQueued", options.Vms.MaxQueued), ("capacity.cpus", options.Capacity.Cpus ?? 1),
            ("capacity.memory", options.Capacity.Memory ?? 1), ("capacity.disk", options.Capacity.Disk ?? 1),
        })
        {
            if (value < 1)
            {
                yield return $"{key}: {value} is less than 1.";
            }
        }

        if (options.Capacity.Devices.Any(device => device is not { Length: > 0 and <= 100 } || device.Any(char.IsControl)))
        {
            yield return "capacity.devices: a name is 1 to 100 characters on one line.";
        }

        foreach (var error in Warm(options))
        {
            yield return error;
        }

        foreach (var (alias, image) in options.Images)
        {
            if (image.Disk < 0)
            {
                yield return $"images.{alias}.disk: {image.Disk} MiB is less than 0.";
            }

            foreach (var device in image.Devices.Except(options.Capacity.Devices))
            {
                yield return $"images.{alias}.devices: '{device}' is not a device of capacity.devices. Add it there.";
            }
        }
    }

    /// <summary>A guest waits a day for its configuration (the guest contract).</summary>
    private static readonly TimeSpan MostWarmAge = TimeSpan.FromHours(23);

    private static IEnumerable<string> Warm(ServerOptions options)
    {
        foreach (var (alias, image) in options.Images.Where(entry => entry.Value.Warm < 0))
        {
            yield return $"images.{alias}.warm: {image.Warm} is less than 0.";
        }

        foreach (var (alias, image) in options.Images.Where(entry => entry.Value.Saved < 0))
        {
            yield return $"images.{alias}.saved: {image.Saved} is less than 0.";
        }

        if (options.Images.Values.Sum(image => Math.Max(0L, image.Warm)) is var all && all > options.Vms.MaxRunning)
        {
            yield return $"images.<alias>.warm: {all} warm VMs are wanted together, and vms.maxRunning lets {options.Vms.MaxRunning} VMs exist. Ask for fewer, or raise it.";
        }

        if (options.Vms.SaveAfter < TimeSpan.Zero || options.Vms.SaveAfter > TimeSpan.FromHours(1))
        {
            yield return $"vms.saveAfter: {options.Vms.SaveAfter:c} is not between nothing and an hour.";
        }

        if (options.Vms.WarmMaxAge < TimeSpan.FromMinutes(1) || options.Vms.WarmMaxAge > MostWarmAge)
        {
            yield return $"vms.warmMaxAge: {options.Vms.WarmMaxAge:c} is not between a minute and {MostWarmAge:c}: a guest waits a day for its configuration.";
        }
    }
}
