namespace Provisioner.Server.Setup;

/// <summary>Something that a server needs could not be made. The message says what, why, and what to do.</summary>
internal sealed class InstallationException(string message, Exception? inner = null) : Exception(message, inner);
