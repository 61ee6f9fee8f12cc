using Provisioner.Client.Api;

namespace Provisioner.Client.Workflow;

/// <summary>The inputs that say where the server is, how to know it, and who asks.</summary>
internal sealed class ConnectionInputs(Inputs inputs, List<InputError> errors, JobTokens job)
{
    public ServerConnection? Read()
    {
        var (address, trust, audience) = (ReadAddress(), ReadTrust(), ReadAudience());
        var credential = ReadCredential(audience ?? address?.GetLeftPart(UriPartial.Authority) ?? "");
        return address is null || trust is null || credential is null ? null : new ServerConnection(address, trust, credential);
    }

    private Uri? ReadAddress()
    {
        var (server, host, port) = (inputs.Get("server"), inputs.Get("host"), inputs.Get("port"));
        if (server.Length > 0)
        {
            return ServerAddress.TryParse(server, out var address)
                ? address
                : Wrong<Uri>("server", $"'{server}' is not the address of a server.", $"Write {ServerAddress.Rule}.");
        }

        if (host.Length == 0)
        {
            return Wrong<Uri>("server", "It is missing.", $"Write {ServerAddress.Rule} (or host and port).");
        }

        return ServerAddress.TryParse(host, port, out var pair)
            ? pair
            : Wrong<Uri>("host", $"'{host}' and port '{port}' are not the address of a server.", "Write a name or an address, and a port from 1 to 65535; or use server with a URL.");
    }

    private ServerTrust? ReadTrust()
    {
        var (certificates, pin) = (inputs.Get("ca-cert", "cert"), inputs.Get("server-fingerprint"));
        var trust = ServerTrust.System;
        if (certificates.Length > 0)
        {
            if (!ServerTrust.TryReadCertificates(certificates, out var anchors))
            {
                return Wrong<ServerTrust>("ca-cert", "It holds no readable certificate.", "Give ca.pem of cert-generator whole, with its BEGIN and END lines, or the same in base64.");
            }

            trust = trust with { Anchors = anchors };
        }

        if (pin.Length == 0)
        {
            return trust;
        }

        return ServerTrust.TryReadFingerprint(pin, out var fingerprint)
            ? trust with { Fingerprint = fingerprint }
            : Wrong<ServerTrust>("server-fingerprint", $"'{pin}' is not a fingerprint.", $"Write {ServerTrust.FingerprintRule} (cert-generator inspect shows it).");
    }

    /// <summary>Null where the server's address is the audience.</summary>
    private string? ReadAudience()
    {
        var audience = inputs.Get("audience");
        return audience.Length == 0 ? null
            : audience.Length <= 255 && audience.All(c => c is > ' ' and < '\x7f') ? audience
            : Wrong<string>("audience", "It is longer than 255 characters, or has a space or another character that no audience has.", "Write what stands in the server's configuration as oidc.audience.");
    }

    // The token's value is in no message, not even when it is wrong.
    private Credential? ReadCredential(string audience)
    {
        var token = inputs.Get("api-token");
        if (token.Length == 0)
        {
            return job.For(audience) is { } own ? own : Wrong<Credential>("api-token", job.WhyNone().Cause, job.WhyNone().Remedy);
        }

        return token.All(c => c is > ' ' and < '\x7f')
            ? new StoredToken(token)
            : Wrong<Credential>("api-token", "It contains a space, a line break or a character that no token has.", "Store the token again, without anything around it.");
    }

    private T? Wrong<T>(string input, string cause, string remedy)
        where T : class
    {
        errors.Add(new InputError(input, cause, remedy));
        return null;
    }
}
