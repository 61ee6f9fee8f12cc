using Provisioner.Tests.Store;

[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]

namespace Provisioner.Tests.Store;

/// <summary>One PostgreSQL for all tests of a run, begun when the first of them needs it; each test has a database of its own.</summary>
public sealed class PostgreSqlFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgreSqlCluster>> _cluster = new(PostgreSqlCluster.StartAsync);
    private readonly SemaphoreSlim _making = new(1);

    internal async Task<TestStore> MakeStoreAsync()
    {
        Assert.SkipWhen(PostgreSqlCluster.Problem is not null, PostgreSqlCluster.Problem ?? "");
        var cluster = await _cluster.Value;
        await _making.WaitAsync();
        try
        {
            return TestStore.PostgreSql(await cluster.MakeDatabaseAsync(), cluster.PasswordFile);
        }
        finally
        {
            _making.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _making.Dispose();
        if (_cluster.IsValueCreated)
        {
            await (await _cluster.Value).DisposeAsync();
        }
    }
}
