using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;

namespace Provisioner.Tests.Images;

public sealed class NewestRunnerTests : IDisposable
{
    private readonly ReleasePage _page = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogCollector _logs = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("newest-");
    private readonly NewestRunner _newest;

    public NewestRunnerTests() => _newest = Make(_page.Address);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _page.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact(Timeout = 60_000)]
    public async Task It_is_asked_for_once_an_hour_whoever_wants_it()
    {
        var found = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _newest.FindAsync(Token)));
        _time.Advance(NewestRunner.Fresh - TimeSpan.FromSeconds(1));
        await _newest.FindAsync(Token);

        Assert.Equal(["2.337.0"], found.Select(runner => runner.Version).Distinct());
        Assert.Equal((new string('c', 64), "example.org"), (found[0].Sha256, found[0].Url!.Host));
        Assert.Equal(["/releases/latest"], _page.Asked);

        _page.Version = "2.338.0";
        _time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => _newest.Last?.Version == "2.338.0");
        Assert.Equal(2, _page.Asked.Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_last_answer_counts_while_there_is_no_other()
    {
        await _newest.FindAsync(Token);
        _page.Version = null;
        _time.Advance(NewestRunner.Fresh);

        Assert.Equal("2.337.0", (await _newest.FindAsync(Token)).Version);
        await UntilAsync(() => _page.Asked.Count == 2);
        Assert.Equal("2.337.0", _newest.Last?.Version);
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_any_answer_it_is_told_why_and_asked_again_after_a_pause()
    {
        _page.Version = null;

        var problem = await Assert.ThrowsAsync<ImageException>(() => _newest.FindAsync(Token));
        await Assert.ThrowsAsync<ImageException>(() => _newest.FindAsync(Token));

        Assert.Contains($"the newest runner is not known, for {_page.Address}latest cannot be read:", problem.Message, StringComparison.Ordinal);
        Assert.Contains("503", problem.Message, StringComparison.Ordinal);
        Assert.Single(_page.Asked);
        _page.Version = "2.337.0";
        _time.Advance(NewestRunner.Pause);
        Assert.Equal("2.337.0", (await _newest.FindAsync(Token)).Version);
    }

    [Fact(Timeout = 60_000)]
    public async Task After_a_restart_the_last_answer_counts_at_once()
    {
        var found = await _newest.FindAsync(Token);
        await UntilAsync(() => File.Exists(Kept));
        _page.Version = null;

        Assert.Equal(found, Make(_page.Address).Last);
        Assert.Equal(found, await Make(_page.Address).FindAsync(Token));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Kept) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Equal(0, _logs.Count);
        Assert.Null(Make(_page.Address.Replace("/releases/", "/others/", StringComparison.Ordinal)).Last); // what somebody else has said
    }

    [Theory(Timeout = 60_000)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"releases\": \"RELEASES\", \"runner\": {\"url\": \"https://example.org/x\"}}")]
    [InlineData("{\"releases\": \"RELEASES\", \"runner\": {\"url\": \"x\", \"sha256\": \"SUM\"}}")]
    [InlineData("{\"releases\": \"RELEASES\", \"runner\": {\"url\": \"https://example.org/x\", \"sha256\": \"SUMg\"}}")]
    public async Task What_was_kept_and_cannot_be_read_is_asked_for_anew(string content)
    {
        File.WriteAllText(Kept, content.Replace("RELEASES", _page.Address, StringComparison.Ordinal).Replace("SUM", new string('a', content.Contains("SUMg", StringComparison.Ordinal) ? 63 : 64), StringComparison.Ordinal));

        Assert.Equal("2.337.0", (await _newest.FindAsync(Token)).Version);
        Assert.Contains($"{Kept} does not tell the newest runner; it is asked for anew:", Assert.Single(_logs.GetSnapshot()).Message, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("{\"tag_name\": null}")]
    [InlineData("{\"tag_name\": \"v1\", \"assets\": [5]}")]
    [InlineData("{\"tag_name\": \"v2.337.0\", \"assets\": [{\"name\": \"FILE\", \"digest\": \"sha256:SUM\", \"browser_download_url\": null}]}")]
    public async Task Whatever_is_wrong_with_an_answer_is_the_reason_and_not_the_end(string answer)
    {
        _page.Answer = answer;

        var problem = await Assert.ThrowsAsync<ImageException>(() => _newest.FindAsync(Token));

        Assert.StartsWith("the newest runner is not known, for ", problem.Message, StringComparison.Ordinal);
        _page.Answer = null;
        _time.Advance(NewestRunner.Pause);
        Assert.Equal("2.337.0", (await _newest.FindAsync(Token)).Version);
    }

    private string Kept => Path.Combine(_folder.FullName, KeptRunner.FileName);

    private NewestRunner Make(string releases) =>
        new(new RunnerOptions { Releases = releases }, new KeptRunner(_folder.FullName, releases, writes: true, new FakeLogger(_logs)), _time);

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        while (!isTrue())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
