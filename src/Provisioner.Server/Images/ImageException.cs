namespace Provisioner.Server.Images;

/// <summary>An image cannot be built, found or changed. The message is for the person who runs the host: thing, cause, remedy.</summary>
internal sealed class ImageException(string message) : Exception(message);
