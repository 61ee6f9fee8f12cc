namespace Provisioner.CrashMatrix;

/// <summary>How a point is reached.</summary>
internal enum Way
{
    /// <summary>By each VM on its way up.</summary>
    Up,

    /// <summary>By a VM whose job runs.</summary>
    Job,

    /// <summary>By a request to delete.</summary>
    Delete,

    /// <summary>By a VM that goes, for whatever reason.</summary>
    Down,

    /// <summary>By a machine that no row wants: the database was put back to what it was before.</summary>
    Sweep,

    /// <summary>By a machine that waits for somebody to ask, or by whoever takes it.</summary>
    Warm,

    /// <summary>The same, of one that waits switched off, with its state on the disk.</summary>
    Saved,
}
