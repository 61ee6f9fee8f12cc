using System.Globalization;
using System.Text.Json;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Access;

/// <summary>Reads what a rule lets its callers ask for. Images and a number of VMs must be there where it is about VMs; hardware and labels that are not named are not allowed.</summary>
internal sealed class LimitReader(Action<string, string> add)
{
    private static readonly string[] Keys = ["images", "maxVms", "cpus", "memory", "disk", "lifetime", "hardware", "labels", RuleReader.Repositories, RuleReader.Role];

    public GrantLimits Read(JsonElement may)
    {
        foreach (var key in may.EnumerateObject().Where(key => !Keys.Contains(key.Name)))
        {
            add($"may.{ClaimText.Show(key.Name)}", $"there is no such key; known are {string.Join(", ", Keys)}.");
        }

        var looksOnly = LooksOnly(may);
        if (may.TryGetProperty("images", out var images) ? images is { ValueKind: JsonValueKind.Array } && images.GetArrayLength() == 0 : !looksOnly)
        {
            add("may.images", "missing or empty. Name the images, or write [\"*\"] for all of them.");
        }

        if (!looksOnly && !may.TryGetProperty("maxVms", out _))
        {
            add("may.maxVms", "missing. Say how many VMs of one repository may live at the same time.");
        }

        return new GrantLimits
        {
            Images = Names(may, "images", VmId.Rule, name => VmId.TryParse(name, out _), allByStar: true),
            MaxVms = Number(may, "maxVms", 1),
            Cpus = Number(may, "cpus", 1),
            Memory = Number(may, "memory", 128),
            Disk = Number(may, "disk", 1),
            Lifetime = Time(may, "lifetime"),
            Hardware = Names(may, "hardware", "the name of a hardware profile, or of a device of capacity.devices, not *", IsDevice, allByStar: false),
            Labels = Names(may, "labels", "1 to 100 letters, digits and any of . _ : - +", IsLabel, allByStar: true),
        };
    }

    /// <summary>Whether a rule lets its client look at the host, or act on it, and have no VM of its own.</summary>
    public static bool LooksOnly(JsonElement may) =>
        may.TryGetProperty(RuleReader.Role, out _) && !may.EnumerateObject().Any(key => key.Name is "images" or "maxVms" or RuleReader.Repositories);

    /// <summary>Null stands for all of them; nothing written is none of them.</summary>
    private List<string>? Names(JsonElement may, string key, string rule, Func<string, bool> isName, bool allByStar)
    {
        if (!may.TryGetProperty(key, out var list))
        {
            return [];
        }

        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
        {
            add($"may.{key}", $"{RuleReader.Shown(list)} is not a list of texts.");
            return [];
        }

        var names = list.EnumerateArray().Select(name => name.GetString()!).ToList();
        if (allByStar && names is ["*"])
        {
            return null;
        }

        foreach (var wrong in names.Where(name => !isName(name)))
        {
            add($"may.{key}", $"'{ClaimText.Show(wrong)}' cannot be one. Write {rule}{(allByStar ? "; or [\"*\"] alone for all of them" : "")}.");
        }

        return names;
    }

    private int? Number(JsonElement may, string key, int least)
    {
        if (!may.TryGetProperty(key, out var number))
        {
            return null;
        }

        if (number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value) && value >= least)
        {
            return value;
        }

        add($"may.{key}", $"{RuleReader.Shown(number)} is not a whole number of {least} or more.");
        return null;
    }

    private TimeSpan? Time(JsonElement may, string key)
    {
        if (!may.TryGetProperty(key, out var time))
        {
            return null;
        }

        if (time.ValueKind == JsonValueKind.String
            && TimeSpan.TryParseExact(time.GetString(), "c", CultureInfo.InvariantCulture, out var value) && value >= TimeSpan.FromMinutes(1) && value <= TimeSpan.FromDays(365))
        {
            return value;
        }

        add($"may.{key}", $"{RuleReader.Shown(time)} is not a time of a minute to 365 days, such as \"02:00:00\".");
        return null;
    }

    private static bool IsDevice(string name) => name is { Length: > 0 and <= 100 } and not "*" && !name.Any(char.IsControl);

    private static bool IsLabel(string name) =>
        name is { Length: > 0 and <= 100 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-' or '+');
}
