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
}
