namespace Provisioner.Certificates;

/// <summary>What was asked for cannot be done. The message names the thing, the cause and the remedy.</summary>
public sealed class CertificateException(string message, Exception? inner = null) : Exception(message, inner);
