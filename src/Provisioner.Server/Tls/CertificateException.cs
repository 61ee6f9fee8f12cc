namespace Provisioner.Server.Tls;

/// <summary>The server's certificate cannot be used. The message names file, cause and remedy.</summary>
internal sealed class CertificateException(string message, Exception? inner = null) : Exception(message, inner);
