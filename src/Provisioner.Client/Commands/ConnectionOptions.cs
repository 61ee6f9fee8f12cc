using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Client.Api;

namespace Provisioner.Client.Commands;

/// <summary>
/// Where the server is and who asks: options, else environment. A token is read from a file, from standard input or from the
/// environment only, and a private key from a file, because every user of a machine can read the arguments of its programs.
/// </summary>
internal sealed class ConnectionOptions(CommandContext context)
{
    private readonly Option<string?> _server = Shared("--server", "URL", "Address of the server, such as https://vbox.example.org:8080 [VBDP_SERVER]");
    private readonly Option<string?> _ca = Shared("--ca", "FILE", "Certificate of the server's authority, or of the server, in PEM [VBDP_CA]");
    private readonly Option<string?> _fingerprint = Shared("--fingerprint", "sha256:…", "SHA-256 fingerprint of the server's certificate [VBDP_FINGERPRINT]");
    private readonly Option<string?> _tokenFile = Shared("--token-file", "FILE", "File that holds the API token; - is standard input [VBDP_TOKEN_FILE, or VBDP_TOKEN with the token itself]");

    private readonly Option<string?> _cert = Shared("--cert", "FILE", "Certificate of this client in PEM, instead of a token (cert-generator client) [VBDP_CERT]");
    private readonly Option<string?> _key = Shared("--key", "FILE", "Private key of that certificate, in PEM [VBDP_KEY]");

    public void AddTo(Command command)
    {
        command.Add(_server);
        command.Add(_ca);
        command.Add(_fingerprint);
        command.Add(_tokenFile);
        command.Add(_cert);
        command.Add(_key);
    }

    public VmApi Open(ParseResult line) => new(new ServerConnection(ReadAddress(line), ReadTrust(line), ReadCredential(line)), context.Time);

    private static Option<string?> Shared(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value, Recursive = true };

    private Uri ReadAddress(ParseResult line)
    {
        if ((line.GetValue(_server) ?? Variable("VBDP_SERVER")) is not { } text)
        {
            throw Usage("No server is named.", "Give --server URL, or set VBDP_SERVER.");
        }

        return ServerAddress.TryParse(text, out var address) ? address : throw Usage($"'{text}' is not the address of a server.", $"Give {ServerAddress.Rule}.");
    }

    private ServerTrust ReadTrust(ParseResult line)
    {
        var trust = ServerTrust.System;
        if ((line.GetValue(_ca) ?? Variable("VBDP_CA")) is { } ca)
        {
            trust = ServerTrust.TryReadCertificates(ca.Contains("-----BEGIN", StringComparison.Ordinal) ? ca : ReadFile(ca), out var anchors)
                ? trust with { Anchors = anchors }
                : throw Usage($"'{ca}' holds no readable certificate.", "Give ca.pem of cert-generator.");
        }

        if ((line.GetValue(_fingerprint) ?? Variable("VBDP_FINGERPRINT")) is { } pin)
        {
            trust = ServerTrust.TryReadFingerprint(pin, out var fingerprint)
                ? trust with { Fingerprint = fingerprint }
                : throw Usage($"'{pin}' is not a fingerprint.", $"Give {ServerTrust.FingerprintRule} (cert-generator inspect shows it).");
        }

        return trust;
    }

    /// <summary>A certificate or a token. What is said on the command line wins over the environment; of both in the same place, neither is meant.</summary>
    private Credential ReadCredential(ParseResult line)
    {
        var (certGiven, tokenGiven) = (line.GetValue(_cert) is not null, line.GetValue(_tokenFile) is not null);
        var hasCertificate = certGiven || (!tokenGiven && Variable("VBDP_CERT") is not null);
        var hasToken = tokenGiven || (!certGiven && (Variable("VBDP_TOKEN_FILE") ?? Variable("VBDP_TOKEN")) is not null);
        return hasCertificate && hasToken ? throw Usage("There is a certificate of this client and an API token, and the server takes one of them.", "Give --cert and --key, or --token-file; see the variables VBDP_CERT, VBDP_TOKEN_FILE and VBDP_TOKEN too.")
            : hasCertificate ? ReadCertificate(line)
            : new StoredToken(ReadToken(line));
    }

    private StoredCertificate ReadCertificate(ParseResult line)
    {
        var (cert, key) = (line.GetValue(_cert) ?? Variable("VBDP_CERT")!, line.GetValue(_key) ?? Variable("VBDP_KEY"));
        if (key is null)
        {
            throw Usage($"The certificate '{cert}' has no key.", "Give its private key with --key FILE, or VBDP_KEY.");
        }

        try
        {
            return new StoredCertificate(X509Certificate2.CreateFromPem(ReadFile(cert), ReadFile(key)));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw Usage($"The certificate '{cert}' with the key '{key}' cannot be used ({error.Message}).", "Give the two files of 'cert-generator client', NAME.pem and NAME-key.pem.");
        }
    }

    private string ReadToken(ParseResult line)
    {
        var file = line.GetValue(_tokenFile) ?? Variable("VBDP_TOKEN_FILE");
        var token = (file == "-" ? context.In.ReadToEnd() : file is null ? Variable("VBDP_TOKEN") : ReadFile(file))?.Trim();
        if (string.IsNullOrEmpty(token))
        {
            throw Usage("There is no API token.", "Make one on the server (virtualbox-server token create), store it in a file that only you can read, and give --token-file FILE or VBDP_TOKEN_FILE. Or give a certificate: --cert FILE --key FILE.");
        }

        return token.All(c => c is > ' ' and < '\x7f') ? token : throw Usage("The API token contains a space, a line break or a character that no token has.", "Store it again, alone.");
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Usage($"'{path}' cannot be read ({error.Message}).", "Check the path and its permissions.");
        }
    }

    private string? Variable(string name) => context.Environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private static ClientException Usage(string cause, string remedy) => new(ExitCode.Usage, "Usage", cause, remedy);
}
