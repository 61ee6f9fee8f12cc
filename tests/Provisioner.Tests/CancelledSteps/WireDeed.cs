namespace Provisioner.Tests.CancelledSteps;

internal enum WireDeed
{
    Pass,

    /// <summary>Nothing more comes through in this direction of this connection, and the connection stays.</summary>
    Hold,

    /// <summary>The connection is torn off on both sides.</summary>
    Cut,
}
