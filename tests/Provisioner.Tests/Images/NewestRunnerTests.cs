using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;

namespace Provisioner.Tests.Images;

public sealed class NewestRunnerTests : IDisposable
{
    private readonly ReleasePage _page = new();
    private readonly FakeTimeProvider _time = new();
    private readonly NewestRunner _newest;

    public NewestRunnerTests() => _newest = new NewestRunner(new RunnerOptions { Releases = _page.Address }, _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _page.Dispose();

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

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        while (!isTrue())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
