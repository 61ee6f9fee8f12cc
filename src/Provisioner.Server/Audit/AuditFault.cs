namespace Provisioner.Server.Audit;

/// <summary>What can be wrong with a row of the audit log.</summary>
internal enum AuditFault
{
    /// <summary>There is no row of that number, but there are, or were, later ones.</summary>
    Missing,

    /// <summary>What it says is not what its hash is of.</summary>
    Altered,

    /// <summary>It is a whole row of another place.</summary>
    OutOfOrder,

    /// <summary>All rows fit each other, but this one is not that of the checkpoint.</summary>
    WrittenAnew,
}
