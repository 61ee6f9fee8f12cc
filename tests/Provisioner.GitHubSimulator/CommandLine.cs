using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Security.Cryptography;

namespace Provisioner.GitHubSimulator;

/// <summary>The options of the program.</summary>
internal static class CommandLine
{
    /// <summary>Tokens in the environment, separated by commas: they then show in no list of processes.</summary>
    public const string TokensVariable = "GITHUB_SIMULATOR_TOKENS";

    private static readonly Option<int> Port = new("--port") { Description = "Port to listen on; 0 picks a free one.", DefaultValueFactory = _ => 8081 };
    private static readonly Option<IPAddress> Listen = new("--listen")
    {
        Description = "Address to listen on.",
        CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var address) ? address : Refuse<IPAddress>(result, "takes an IP address"),
        DefaultValueFactory = _ => IPAddress.Loopback,
    };
    private static readonly Option<Uri?> Url = new("--url")
    {
        Description = "Address under which runners reach this program, e.g. http://10.0.2.100:8081/. Default: where it listens.",
        CustomParser = ReadUrl,
    };
    private static readonly Option<string[]> Token = new("--token")
    {
        Description = $"Token that may manage runners. Repeatable; or {TokensVariable}. Default: one is made and shown.",
    };
    private static readonly Option<string[]> WorkflowToken = new("--workflow-token")
    {
        Description = "Token that is known but may not manage runners, as GITHUB_TOKEN. Repeatable.",
    };
    private static readonly Option<string?> AppId = new("--app-id") { Description = "Client id (or App id) of the GitHub App." };
    private static readonly Option<FileInfo?> AppKey = new("--app-key") { Description = "The App's public key, a PEM file." };
    private static readonly Option<string[]> Repository = new("--repository")
    {
        Description = "OWNER/NAME that exists. Repeatable. Default: every repository exists.",
    };
    private static readonly Option<Uri?> WebhookUrl = new("--webhook-url")
    {
        Description = "Where `workflow_job` webhooks are sent.",
        CustomParser = ReadUrl,
    };
    private static readonly Option<string?> WebhookSecret = new("--webhook-secret") { Description = "Secret that signs them." };
    private static readonly Option<string?> OidcIssuer = new("--oidc-issuer")
    {
        Description = "Issuer of identity tokens. Default: URL/_services/token, as a GitHub Enterprise Server.",
    };
    private static readonly Option<DirectoryInfo?> Folder = new("--folder")
    {
        Description = "Where runners, jobs and the signing key are kept between runs. Default: nowhere.",
    };

    public static RootCommand Create()
    {
        var root = new RootCommand("Simulates the part of GitHub that the VirtualBox Dynamic Provisioner and its runners talk to.")
        {
            Port, Listen, Url, Token, WorkflowToken, AppId, AppKey, Repository, WebhookUrl, WebhookSecret, OidcIssuer, Folder,
        };
        root.SetAction(RunAsync);
        return root;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await ServeAsync(parsed, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            await Console.Error.WriteLineAsync($"github-simulator cannot run: {e.Message}");
            return 1;
        }
    }

    private static async Task<int> ServeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = Read(parsed);
        await using var simulator = await Simulator.StartAsync(options, TimeProvider.System, cancellationToken);
        Console.WriteLine($"github-simulator listens on {simulator.Url}");
        Console.WriteLine($"Runners are told to use  {options.RunnerUrl ?? simulator.Url}");
        if (GivenTokens(parsed).Length == 0)
        {
            Console.WriteLine($"Token for this run       {options.Tokens[0]}");
        }
        await simulator.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static SimulatorOptions Read(ParseResult parsed) => new()
    {
        Listen = parsed.GetValue(Listen)!,
        Port = parsed.GetValue(Port),
        RunnerUrl = parsed.GetValue(Url) is { } url ? new Uri(url.GetLeftPart(UriPartial.Authority) + "/") : null,
        Tokens = GivenTokens(parsed) is { Length: > 0 } given ? given : ["ghp_" + RandomNumberGenerator.GetHexString(36, lowercase: true)],
        WorkflowTokens = parsed.GetValue(WorkflowToken) ?? [],
        AppId = parsed.GetValue(AppId),
        AppPublicKey = parsed.GetValue(AppKey) is { } file ? File.ReadAllText(file.FullName) : null,
        Repositories = parsed.GetValue(Repository) ?? [],
        WebhookUrl = parsed.GetValue(WebhookUrl),
        WebhookSecret = parsed.GetValue(WebhookSecret),
        OidcIssuer = parsed.GetValue(OidcIssuer),
        Folder = parsed.GetValue(Folder)?.FullName,
    };

    private static Uri? ReadUrl(ArgumentResult result) =>
        Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https")
            ? url
            : Refuse<Uri>(result, "takes an http or https address");

    private static T? Refuse<T>(ArgumentResult result, string rule)
        where T : class
    {
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name} {rule}, not '{result.Tokens[0].Value}'.");
        return null;
    }

    private static string[] GivenTokens(ParseResult parsed) =>
    [
        .. parsed.GetValue(Token) ?? [],
        .. (Environment.GetEnvironmentVariable(TokensVariable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
    ];
}
