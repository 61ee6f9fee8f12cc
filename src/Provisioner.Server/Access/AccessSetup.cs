using Provisioner.Server.Audit;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Access;

/// <summary>What it takes to let workflows in, and clients with a certificate. Without an audience, or an authority, in the configuration nothing of it exists.</summary>
internal static class AccessSetup
{
    /// <param name="services">Where it goes.</param>
    /// <param name="options">The whole configuration.</param>
    /// <param name="wall">The clock that tokens are judged by: GitHub's, not the steady one by which VMs live.</param>
    public static void AddAccess(this IServiceCollection services, ServerOptions options, TimeProvider wall)
    {
        if (options.ClientCertificates.IsOn)
        {
            services.AddSingleton(parts => new ClientCertificates(options.ClientCertificates, wall, parts.GetRequiredService<ILogger<ClientCertificates>>()));
            services.AddSingleton<CertificateAuthentication>();
            services.AddSingleton<ShownCertificates>();
        }

        if (!options.Oidc.IsOn)
        {
            return;
        }

        services.AddSingleton<UsedTokenTable>();
        services.AddSingleton(parts => new IssuerKeys(new IssuerDocuments(options.OidcIssuer), wall, parts.GetRequiredService<ILogger<IssuerKeys>>()));
        services.AddSingleton(parts => new WorkflowAuthentication(
            new IdTokenVerifier(options.OidcIssuer, options.Oidc.Audience, parts.GetRequiredService<IssuerKeys>(), wall),
            parts.GetRequiredService<AccessPolicy>(),
            parts.GetRequiredService<UsedTokenTable>(),
            parts.GetRequiredService<Refusals>(),
            wall,
            parts.GetRequiredService<ILogger<WorkflowAuthentication>>()));
    }
}
