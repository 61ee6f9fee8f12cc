namespace Provisioner.Client.Text;

/// <summary>Moments as people say them.</summary>
internal static class RelativeTime
{
    public static string Of(DateTimeOffset moment, DateTimeOffset now) =>
        moment <= now ? $"{Duration.Format(now - moment)} ago" : $"in {Duration.Format(moment - now)}";
}
