using Provisioner.Client.Api;

namespace Provisioner.Client.Workflow;

/// <summary>The inputs that say where the server is, how to know it, and who asks.</summary>
internal sealed class ConnectionInputs(Inputs inputs, List<InputError> errors)
{
    public ServerConnection? Read()
    {
        var (address, trust, token) = (ReadAddress(), ReadTrust(), ReadToken());
        return address is null || trust is null || token is null ? null : new ServerConnection(address, trust, token);
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

    // Its value is in no message, not even when it is wrong.
    private string? ReadToken()
    {
        var token = inputs.Get("api-token");
        if (token.Length == 0)
        {
            return Wrong<string>("api-token", "It is missing; unlike the original, the server answers nobody without one.",
                "Make one on the server (virtualbox-server token create), store it as a secret and write api-token: ${{ secrets.VBDP_TOKEN }}. Workflows of forks get no secrets.");
        }

        return token.All(c => c is > ' ' and < '\x7f')
            ? token
            : Wrong<string>("api-token", "It contains a space, a line break or a character that no token has.", "Store the token again, without anything around it.");
    }

    private T? Wrong<T>(string input, string cause, string remedy)
        where T : class
    {
        errors.Add(new InputError(input, cause, remedy));
        return null;
    }
}
