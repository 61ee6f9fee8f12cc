namespace Provisioner.Server.Store;

/// <summary>The data folder cannot be used. The message names folder, cause and remedy.</summary>
internal sealed class DataFolderException(string message, Exception? inner = null) : Exception(message, inner);
