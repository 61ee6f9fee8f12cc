using System.Security.Cryptography.X509Certificates;
using Provisioner.Contracts;
using Provisioner.Server.Audit;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Access;

/// <summary>The certificate of a connection in, a caller out: it is judged anew with each request, and the policy asked by its name.</summary>
internal sealed partial class CertificateAuthentication(
    ClientCertificates certificates, AccessPolicy policy, Refusals refusals, ILogger<CertificateAuthentication> logger)
{
    /// <returns>The caller; or the policy's refusal; or neither, for a certificate that does not count (any more).</returns>
    public (Caller? Caller, PolicyDecision? Refusal) Authenticate(X509Certificate2 certificate)
    {
        if (certificates.Judge(certificate).Name is not { } name)
        {
            return (null, null);
        }

        var decision = policy.DecideCertificate(name);
        if (decision.Grant is not { } grant)
        {
            LogDenied(name, certificate.SerialNumber, decision.Reason);
            refusals.Note(new AuditEntry($"certificate:{name}", AuditAction.VmDenied) { Outcome = ProblemCode.Forbidden, Detail = decision.Reason });
            return (null, decision);
        }

        return (new Caller($"certificate:{name} (serial {certificate.SerialNumber})", grant) { Certificate = certificate }, null);
    }

    [LoggerMessage(LogLevel.Information, "Denied the client {Name} with the certificate {Serial}: {Reason}")]
    private partial void LogDenied(string name, string serial, string reason);
}
