namespace Provisioner.Server.Access;

/// <summary>How much a caller may ask for. What is null is limited only by what the server gives to anybody.</summary>
internal sealed record GrantLimits
{
    public static GrantLimits None { get; } = new();

    public IReadOnlyList<string>? Images { get; init; }

    /// <summary>VMs of one repository that may live at the same time under one rule.</summary>
    public int? MaxVms { get; init; }

    public int? Cpus { get; init; }

    /// <summary>In MiB.</summary>
    public int? Memory { get; init; }

    /// <summary>Size of the disk in MiB. An image that is allowed is allowed with its own.</summary>
    public int? Disk { get; init; }

    /// <summary>From when a VM is asked for to its end.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Exclusive devices that its images may hold, and hardware profiles that it may ask for.</summary>
    public IReadOnlyList<string>? Hardware { get; init; }

    /// <summary>Labels beyond the server's own, and the VM's id.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>What it may do on the whole host, by the dashboard; null: nothing.</summary>
    public HostRole? Role { get; init; }

    public bool AllowsHardware(string profile) => Hardware?.Contains(profile) != false;

    public bool AllowsImage(string alias) => Images?.Contains(alias) != false;

    /// <summary>The life of a VM whose caller did not say: never longer than allowed.</summary>
    public TimeSpan Shorten(TimeSpan lifetime) => Lifetime < lifetime ? Lifetime.Value : lifetime;

    /// <summary>What of a request goes beyond this, by the request's field, each with what is allowed. Pure.</summary>
    public IEnumerable<(string Field, string Message)> Excess(Wish wish) =>
        [.. OfImage(wish), .. OfAmount("cpus", wish.Cpus, Cpus, 1, ""), .. OfAmount("memory", wish.Memory, Memory, 128, " MiB"), .. OfDisk(wish), .. OfLifetime(wish), .. OfLabels(wish)];

    private IEnumerable<(string Field, string Message)> OfImage(Wish wish)
    {
        if (!AllowsImage(wish.Image))
        {
            yield return ("image", $"'{wish.Image}' is not allowed; allowed: {List(Images!)}.");
        }
        else if (Hardware is not null && wish.Hardware.Except(Hardware).ToList() is { Count: > 0 } devices)
        {
            yield return ("image", $"'{wish.Image}' holds the hardware {List(devices)}, which is not allowed; allowed: {List(Hardware)}.");
        }

        if (wish.Profile is { } profile && !AllowsHardware(profile))
        {
            yield return ("hardware", $"'{profile}' is not allowed; allowed: {List(Hardware!)}.");
        }
    }

    /// <summary>What neither the request nor the image says is the base's own, which nobody here knows: it might be anything.</summary>
    private static IEnumerable<(string Field, string Message)> OfAmount(string field, int? wished, int? most, int least, string unit) =>
        wished is null && most is not null ? [(field, $"Say how much: the image does not. Allowed: {least} to {most}{unit}.")]
        : wished > most ? [(field, $"{wished} is too much; allowed: {least} to {most}{unit}.")]
        : [];

    private IEnumerable<(string Field, string Message)> OfDisk(Wish wish) => wish.Disk is null ? [] : OfAmount("disk", wish.Disk, Disk, 1, " MiB");

    private IEnumerable<(string Field, string Message)> OfLifetime(Wish wish) =>
        wish.Lifetime > Lifetime ? [("lifetime", $"{wish.Lifetime:c} is too long; allowed: 00:01:00 to {Lifetime:c}.")] : [];

    private IEnumerable<(string Field, string Message)> OfLabels(Wish wish) =>
        Labels is not null && wish.Labels.Except(Labels, StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } others
            ? [("labels", $"Not allowed: {List(others)}; allowed: {List(Labels)}.")]
            : [];

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);
}
