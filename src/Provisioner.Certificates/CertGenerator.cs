using System.CommandLine;
using System.CommandLine.Invocation;
using System.Formats.Asn1;
using System.Security.Cryptography;
using Provisioner.Client.Commands;

namespace Provisioner.Certificates;

/// <summary>The command line.</summary>
internal static class CertGenerator
{
    public static async Task<int> RunAsync(string[] args, TimeProvider time, TextWriter output, TextWriter error)
    {
        var parsed = Build(time).Parse([.. args.Select(WithTwoDashes)]);
        InvocationConfiguration configuration = new() { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        try
        {
            return parsed.Action is ParseErrorAction ? await RefuseAsync(parsed, error) : await parsed.InvokeAsync(configuration);
        }
        catch (Exception e) when (e is CertificateException or AsnContentException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            await error.WriteLineAsync($"cert-generator: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> RefuseAsync(ParseResult parsed, TextWriter error)
    {
        foreach (var mistake in parsed.Errors)
        {
            await error.WriteLineAsync($"cert-generator: {mistake.Message}");
        }

        await error.WriteLineAsync("Try: cert-generator --help");
        return ExitCodes.WrongCall;
    }

    // The Go version's flags had one dash.
    private static string WithTwoDashes(string arg) =>
        arg is "-host" or "-org" || arg.StartsWith("-host=", StringComparison.Ordinal) || arg.StartsWith("-org=", StringComparison.Ordinal)
            ? $"-{arg}"
            : arg;

    internal static RootCommand Build(TimeProvider time)
    {
        SharedOptions options = new();
        RootCommand root = new(
            "Makes the certificates of a virtualbox-server: a private authority (ca.pem), which clients trust, and the server's "
            + "certificate (cert.pem, key.pem). Example: cert-generator --host vm1.example.com,10.0.0.5 --org acme\n"
            + "Exit codes: 0 done, 1 failed or an inspected certificate is not valid, 2 wrong command line.");
        root.Add(options.Out);
        GenerateCommand.AddTo(root, options, time);
        root.Add(ClientCommand.Build(options, time));
        root.Add(RenewCommand.Build(options, time));
        root.Add(InspectCommand.Build(time));
        root.Add(CompletionCommand.Build("cert-generator"));
        return root;
    }
}
