using System.CommandLine;

namespace Provisioner.Certificates;

/// <summary>The options that several verbs have.</summary>
internal sealed class SharedOptions
{
    public Option<string[]> Hosts { get; } = new("--host")
    {
        Description = "Names and addresses by which clients reach the server, separated by commas. May be repeated.",
        HelpName = "NAMES",
    };

    public Option<string> Organization { get; } = new("--org")
    {
        Description = "The organization that stands in the certificates.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "",
    };

    public Option<string> Out { get; } = new("--out", "-o")
    {
        Description = "The folder of the certificates.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
        Recursive = true,
    };

    public Option<int> Days { get; } = new("--days")
    {
        Description = "For how many days the new certificate is valid.",
        DefaultValueFactory = _ => Validity.ServerDays,
    };

    public Option<bool> Force { get; } = new("--force") { Description = "Replace files that exist; each old one is kept as NAME.bak." };

    public SharedOptions()
    {
        Days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > Validity.MostServerDays)
            {
                result.AddError($"--days must be 1 to {Validity.MostServerDays}: clients refuse certificates that are valid for longer.");
            }
        });
        Organization.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } name && (name.Length > 40 || name.Any(char.IsControl)))
            {
                result.AddError("--org must be at most 40 characters without control characters.");
            }
        });
        Hosts.Validators.Add(result => Try(() => HostNames.Parse(result.Tokens.Select(token => token.Value)), result.AddError));
    }

    private static void Try(Action action, Action<string> addError)
    {
        try
        {
            action();
        }
        catch (CertificateException e)
        {
            addError(e.Message);
        }
    }
}
