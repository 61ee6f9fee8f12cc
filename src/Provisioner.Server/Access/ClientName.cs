using System.Text.RegularExpressions;

namespace Provisioner.Server.Access;

/// <summary>What a client with a certificate is called: the end of the URI in it, which the authority signed. Rules name it.</summary>
internal static partial class ClientName
{
    /// <summary>What stands before the name in the certificate's alternative name.</summary>
    public const string UriPrefix = "urn:virtualbox-provisioner:client:";

    public const string Rule = "the name that the certificate was made for: 1 to 60 letters, digits, dots, dashes and underscores, beginning with a letter or digit";

    public static bool IsValid(string text) => Form().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}\z")]
    private static partial Regex Form();
}
