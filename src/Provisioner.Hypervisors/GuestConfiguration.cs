namespace Provisioner.Hypervisors;

/// <summary>The secret that turns a waiting guest into one runner for one job: GitHub's encoded just-in-time configuration.</summary>
/// <param name="EncodedJitConfig">Base64, several KiB. Never shown by <see cref="ToString"/>.</param>
public sealed record GuestConfiguration(string EncodedJitConfig)
{
    public override string ToString() => "GuestConfiguration { *** }";
}
