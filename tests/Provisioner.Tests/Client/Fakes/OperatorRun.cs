using Provisioner.Client;
using Provisioner.Client.Commands;

namespace Provisioner.Tests.Client.Fakes;

/// <summary>An operator's command line, and the server that it asks, which answers what a test tells it to.</summary>
internal sealed class OperatorRun : IAsyncDisposable
{
    private readonly TestCertificate _authority;

    private OperatorRun(TestCertificate authority, ScriptedServer server) => (_authority, Server) = (authority, server);

    public ScriptedServer Server { get; }

    public SignallingWriter Out { get; } = new();

    public StringWriter Error { get; } = new();

    public static async Task<OperatorRun> StartAsync()
    {
        var authority = new TestCertificate();
        return new OperatorRun(authority, await ScriptedServer.StartAsync(authority.Sign()));
    }

    public Task<ExitCode> RunAsync(params string[] arguments) => RunAsync(TimeProvider.System, arguments);

    public Task<ExitCode> RunAsync(TimeProvider time, params string[] arguments) => RunAsync(time, terminal: null, TestContext.Current.CancellationToken, arguments);

    /// <param name="time">Its clock.</param>
    /// <param name="terminal">How wide and high the terminal is that it writes to; null where it writes to none.</param>
    /// <param name="interrupted">The operator's Ctrl-C.</param>
    /// <param name="arguments">What he typed.</param>
    public Task<ExitCode> RunAsync(TimeProvider time, Func<(int Width, int Height)>? terminal, CancellationToken interrupted, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["VBDP_SERVER"] = Server.Address.ToString(), ["VBDP_CA"] = _authority.AuthorityPem, ["VBDP_TOKEN"] = "vbdp_canary" };
        return new CommandLine(new CommandContext(environment, new StringReader(""), Out, Error, time) { Terminal = terminal }).RunAsync(arguments, interrupted);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _authority.Dispose();
        await Out.DisposeAsync();
        await Error.DisposeAsync();
    }
}
