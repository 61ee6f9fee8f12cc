namespace Provisioner.Certificates;

/// <summary>From when until when a certificate is valid.</summary>
public readonly record struct Validity(DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>The longest that public authorities issue: what every TLS library and its rules are used to.</summary>
    public const int ServerDays = 398;

    /// <summary>Apple refuses server certificates of private authorities that are valid for longer.</summary>
    public const int MostServerDays = 825;

    public const int AuthorityDays = 3650;

    /// <summary>Begins a little in the past: the clocks of hosts and clients differ.</summary>
    public static Validity Starting(DateTimeOffset now, int days)
    {
        var from = now.AddHours(-1);
        return new Validity(from, from.AddDays(days));
    }

    public Validity Within(Validity other) =>
        new(From < other.From ? other.From : From, Until > other.Until ? other.Until : Until);
}
