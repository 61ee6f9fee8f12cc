namespace Provisioner.Tests.CancelledSteps;

/// <summary>One TLS record on its way. What the client says in it cannot be read, but counted: its first encrypted record ends the handshake, the next begins its first request.</summary>
/// <param name="Connection">Number of the connection, from 1.</param>
/// <param name="FromServer">Its direction.</param>
/// <param name="Said">How many encrypted records the client has sent on this connection, with this one.</param>
internal readonly record struct WireRecord(int Connection, bool FromServer, int Said)
{
    public bool HasRequest => Said >= 2;
}
