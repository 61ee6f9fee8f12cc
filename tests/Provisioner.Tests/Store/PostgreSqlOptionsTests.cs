using Npgsql;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Tests.Store;

/// <summary>How a PostgreSQL is named in the configuration, and that its password is nowhere but in its file.</summary>
public sealed class PostgreSqlOptionsTests(PostgreSqlFixture postgreSql)
{
    private const string Secret = "canary-password";

    [Theory]
    [InlineData($"Host=db;Username=u;Password={Secret}", "holds a password")]
    [InlineData($"Host=db;Username=u;PWD={Secret}", "holds a password")]
    [InlineData($"Host=db;SSL Password={Secret}", "holds a password")]
    [InlineData("Database=vbdp", "names no Host")]
    [InlineData($"postgres://u:{Secret}@db/vbdp", "not a connection string")]
    [InlineData($"Host=db;Port={Secret}", "not a connection string")]
    [InlineData($"Host=db;Nonsense={Secret}", "not a connection string")]
    public void A_connection_that_is_wrong_is_refused_without_repeating_it(string connection, string wanted)
    {
        var problem = Assert.Single(new PostgreSqlOptions { Connection = connection }.FindProblems());

        Assert.Contains(wanted, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_file_must_be_there_and_belongs_to_a_connection()
    {
        var missing = new PostgreSqlOptions { Connection = "Host=db", PasswordFile = "/nonexistent/password" };
        var alone = new PostgreSqlOptions { PasswordFile = "/nonexistent/password" };

        Assert.Contains("cannot be read", Assert.Single(missing.FindProblems()), StringComparison.Ordinal);
        Assert.Contains("needs store.postgreSql.connection", Assert.Single(alone.FindProblems()), StringComparison.Ordinal);
        Assert.Empty(new PostgreSqlOptions { Connection = "Host=db" }.FindProblems());
    }

    [Fact]
    public async Task The_password_comes_from_its_file_and_is_in_no_refusal()
    {
        using var store = await postgreSql.MakeStoreAsync();
        new Database(store.Options).Dispose();
        var file = Path.Combine(store.Options.DataFolder, "password");
        await File.WriteAllTextAsync(file, Secret, TestContext.Current.CancellationToken);
        var wrong = store.Options with { Store = new StoreOptions { PostgreSql = store.Options.Store.PostgreSql with { PasswordFile = file } } };

        var refusal = Assert.Throws<StoreException>(() => new Database(wrong));

        Assert.Equal(StoreFault.Unreachable, refusal.Fault);
        Assert.IsType<PostgresException>(refusal.InnerException, exactMatch: false);
        Assert.DoesNotContain(Secret, refusal.ToString(), StringComparison.Ordinal);
    }
}
