namespace Provisioner.Hypervisors;

/// <summary>
/// What a guest says of itself, in its own words <c>PHASE</c> or <c>PHASE: detail</c>. The detail is untrusted text; it has
/// been cut to <see cref="MaxDetail"/> characters and its control characters replaced by spaces.
/// </summary>
public sealed record GuestReport(GuestPhase Phase, string Detail = "")
{
    public const int MaxDetail = 500;

    /// <summary>Reads a report as the guest wrote it. False for anything that is not a phase.</summary>
    public static bool TryParse(string text, out GuestReport report)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var word = (colon < 0 ? text : text[..colon]).Trim();
        var detail = colon < 0 ? "" : Clean(text[(colon + 1)..]);
        GuestPhase? phase = word switch
        {
            "ready" => GuestPhase.Ready,
            "configuring" => GuestPhase.Configuring,
            "online" => GuestPhase.Online,
            "busy" => GuestPhase.Busy,
            "done" => GuestPhase.Done,
            "failed" => GuestPhase.Failed,
            _ => null,
        };
        report = new GuestReport(phase ?? GuestPhase.Failed, detail);
        return phase is not null;
    }

    private static string Clean(string detail)
    {
        var cut = detail.Length > MaxDetail ? detail[..MaxDetail] : detail;
        return string.Concat(cut.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
    }
}
