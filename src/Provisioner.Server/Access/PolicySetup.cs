namespace Provisioner.Server.Access;

/// <summary>The policy for workflows, kept as its file is.</summary>
internal static class PolicySetup
{
    public static void AddPolicy(this IServiceCollection services)
    {
        services.AddSingleton<AccessPolicy>();
        services.AddHostedService<PolicyWatch>();
    }
}
