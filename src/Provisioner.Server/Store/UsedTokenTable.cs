namespace Provisioner.Server.Store;

/// <summary>The ids of workflows' tokens that have been used up: each changes something once, also after a restart and whichever host it is sent to.</summary>
internal sealed class UsedTokenTable(Database database)
{
    // Clocks may be set back, and hosts that share a store may differ.
    private static readonly TimeSpan Reserve = TimeSpan.FromHours(1);

    /// <summary>Uses a token up; false if that has been done.</summary>
    /// <param name="tokenId">The claim <c>jti</c>.</param>
    /// <param name="until">When nobody accepts the token any more, so that it may be forgotten.</param>
    /// <param name="now">The time by which tokens are accepted.</param>
    public bool Use(string tokenId, DateTimeOffset until, DateTimeOffset now) => database.Transaction(session =>
    {
        session.Execute("DELETE FROM used_tokens WHERE until < @then", command => command.With("@then", now - Reserve));
        return session.Execute(
            "INSERT INTO used_tokens (id, until) VALUES (@id, @until) ON CONFLICT (id) DO NOTHING",
            command => command.With("@id", tokenId).With("@until", until)) == 1;
    });
}
