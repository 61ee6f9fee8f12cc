namespace Provisioner.CrashMatrix;

/// <summary>A promise that a run found broken.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message)
{
    public static void Unless(bool kept, string message)
    {
        if (!kept)
        {
            throw new BrokenPromiseException(message);
        }
    }
}
