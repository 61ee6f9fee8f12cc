namespace Provisioner.EndToEndTests;

/// <summary>The published server refuses to start with wrong settings, and says all that is wrong.</summary>
public sealed class ServerStartTests(Stage stage)
{
    private const int Patience = 60_000;
    private const int WrongSettings = 2;

    [Fact(Timeout = Patience)]
    public async Task Without_a_certificate_it_does_not_start()
    {
        var (exitCode, output) = await NativeProcess.RunAsync(Repository.Program("virtualbox-server"), ["--simulate"]);

        Assert.Equal(WrongSettings, exitCode);
        Assert.Contains("certFile", output);
        Assert.Contains("keyFile", output);
        Assert.Contains("cert-generator", output);
    }

    [Fact(Timeout = Patience)]
    public async Task A_second_server_on_the_same_data_does_not_start_and_names_the_first()
    {
        var (exitCode, output) = await NativeProcess.RunAsync(Repository.Program("virtualbox-server"), ["--config", Path.Combine(stage.Folder, "server.json")]);

        Assert.Equal(WrongSettings, exitCode);
        Assert.Contains("is in use by the server with process id", output);
    }

    [Fact(Timeout = Patience)]
    public async Task A_server_with_other_data_does_not_come_near_the_machines_of_the_first()
    {
        var other = Path.Combine(stage.Folder, "other-data");

        var (exitCode, output) = await NativeProcess.RunAsync(
            Repository.Program("virtualbox-server"), ["--config", Path.Combine(stage.Folder, "server.json"), "--data-folder", other]);

        Assert.Equal(WrongSettings, exitCode);
        Assert.Contains("belong to a server with another dataFolder", output);
    }

    [Fact(Timeout = Patience)]
    public async Task It_speaks_nothing_but_tls()
    {
        using var plain = new HttpClient();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
            plain.GetAsync(stage.ServerUrl.Replace("https://", "http://", StringComparison.Ordinal), TestContext.Current.CancellationToken));
    }
}
