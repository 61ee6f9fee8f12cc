using Provisioner.Server.Access;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Configuration;

/// <summary>What the section <c>clientCertificates</c> must fulfil. Each error names key, cause and remedy.</summary>
internal static class ClientCertificateRules
{
    public static IEnumerable<string> Errors(ClientCertificateOptions options)
    {
        if (options is { CaFile: null, RevokedFile: not null })
        {
            yield return "clientCertificates.caFile: missing, and clientCertificates.revokedFile alone lets nobody in. Name the authority's certificate, ca.pem of cert-generator.";
        }

        if (Problem(options.CaFile, text => ClientAuthorities.Parse(text).Problem) is { } ofAuthority)
        {
            yield return $"clientCertificates.caFile: {ofAuthority}";
        }

        if (Problem(options.RevokedFile, text => RevokedSerials.Parse(text).Problem) is { } ofList)
        {
            yield return $"clientCertificates.revokedFile: {ofList}";
        }
    }

    private static string? Problem(string? file, Func<byte[], string?> parse)
    {
        if (file is null)
        {
            return null;
        }

        var (text, problem) = PolicyFile.Load(file);
        return (text is null ? problem : parse(text)) is { } wrong ? $"{file}: {wrong}" : null;
    }
}
