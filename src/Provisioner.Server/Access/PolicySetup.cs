using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Provisioner.Server.Access;

/// <summary>The policy for workflows, kept as its file is.</summary>
internal static class PolicySetup
{
    public static void AddPolicy(this IServiceCollection services)
    {
        services.TryAddSingleton<AccessPolicy>();
        services.AddHostedService<PolicyWatch>();
    }
}
