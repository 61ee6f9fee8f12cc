using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates;

/// <summary>All names and addresses of a server, at least one, none twice.</summary>
public sealed class HostNames
{
    private HostNames(IEnumerable<HostName> names) => All = [.. names.Distinct()];

    public IReadOnlyList<HostName> All { get; }

    /// <summary>Reads names separated by commas. All problems are told at once.</summary>
    /// <exception cref="CertificateException">At least one cannot be used.</exception>
    public static HostNames Parse(IEnumerable<string> texts)
    {
        List<HostName> names = [];
        List<string> problems = [];
        foreach (var text in texts.SelectMany(text => text.Split(',')).Select(text => text.Trim()))
        {
            if (HostName.TryParse(text, out var problem) is { } name)
            {
                names.Add(name);
            }
            else
            {
                problems.Add(problem);
            }
        }

        return problems.Count == 0
            ? new HostNames(names)
            : throw new CertificateException($"Not all names can stand in a certificate:{string.Concat(problems.Select(problem => $"\n  - {problem}"))}");
    }

    /// <summary>The names that stand in a certificate.</summary>
    public static HostNames Of(X509Certificate2 certificate) => Parse(certificate.HostNames);

    public override string ToString() => string.Join(", ", All);

    internal X509Extension ToExtension()
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in All)
        {
            if (name.Address is { } address)
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(name.Text);
            }
        }

        return names.Build();
    }
}
