namespace Provisioner.Server.Dashboard;

/// <summary>Times for people: how long ago, with the exact time beside it.</summary>
internal static class Times
{
    public static Html Ago(DateTimeOffset at, DateTimeOffset now) => Html.Of($"<time datetime=\"{Exact(at)}\" title=\"{Exact(at)}\">{Length(now - at)} ago</time>");

    public static Html Until(DateTimeOffset at, DateTimeOffset now) => Html.Of($"<time datetime=\"{Exact(at)}\" title=\"{Exact(at)}\">{(at > now ? $"in {Length(at - now)}" : "now")}</time>");

    public static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    public static string Length(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 1 } => $"{time.Seconds} s",
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        { TotalDays: < 1 } => $"{time.Hours} h {time.Minutes} min",
        _ => $"{(int)time.TotalDays} d {time.Hours} h",
    };
}
