namespace Provisioner.Server.Doctor;

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">What it is, in a word or two.</param>
/// <param name="Verdict">How it stands.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What mends it, as a command where there is one; null where all is well.</param>
/// <param name="Page">The page of the documentation that explains it.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Detail, string? Remedy = null, string? Page = null)
{
    public static Finding Ok(string check, string detail) => new(check, Verdict.Ok, detail);

    public static Finding Warn(string check, string detail, string remedy, string page) => new(check, Verdict.Warn, detail, remedy, page);

    public static Finding Fail(string check, string detail, string remedy, string page) => new(check, Verdict.Fail, detail, remedy, page);
}
