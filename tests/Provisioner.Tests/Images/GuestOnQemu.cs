namespace Provisioner.Tests.Images;

/// <summary>A guest with a serial port, and a host that plays its part of the contract on the other end.</summary>
internal sealed class GuestOnQemu(GuestFolder guest, PseudoTerminal port) : IDisposable
{
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(5);

    public List<string> Phases { get; } = [];

    public static async Task<GuestOnQemu> CreateAsync(string runner = GuestFolder.GoodRunner)
    {
        var guest = new GuestFolder(runner);
        var port = await PseudoTerminal.OpenAsync();
        guest.Settings["VBDP_PORT"] = port.Path;
        return new GuestOnQemu(guest, port);
    }

    public GuestFolder Guest => guest;

    public Task SayAsync(string line) => port.SayAsync(line);

    public async Task<string?> ReadAsync() => await port.Lines.ReadLineAsync(TestContext.Current.CancellationToken);

    /// <summary>Lives a whole life; <paramref name="answer"/> is what the host does at each phase.</summary>
    public async Task<Shell> LiveAsync(Func<string, Task> answer, string shell = "sh")
    {
        var life = guest.ConfigureAsync(shell);
        while (Phases.LastOrDefault() is not { } last || (last != "done" && !last.StartsWith("failed", StringComparison.Ordinal)))
        {
            var line = port.Lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
            // What it said last may be read after it has ended.
            if (await Task.WhenAny(line, life) == life && await Task.WhenAny(line, Task.Delay(LastWord, TimeProvider.System)) != line)
            {
                break;
            }
            Assert.StartsWith("phase ", await line, StringComparison.Ordinal);
            Phases.Add((await line)!["phase ".Length..]);
            await answer(Phases[^1]);
        }
        return await life;
    }

    public Task<Shell> LiveAsync(string shell = "sh") => LiveAsync(GiveConfigurationAsync, shell);

    public Task GiveConfigurationAsync(string phase) => phase == "ready" ? SayAsync($"config {guest.Secret}") : Task.CompletedTask;

    public void Dispose()
    {
        port.Dispose();
        guest.Dispose();
    }
}
