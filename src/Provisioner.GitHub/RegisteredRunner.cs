namespace Provisioner.GitHub;

/// <summary>A fresh registration. The configuration is a private key: it goes to the guest and nowhere else.</summary>
public sealed record RegisteredRunner(long Id, string EncodedJitConfig)
{
    public override string ToString() => $"RegisteredRunner {{ Id = {Id}, EncodedJitConfig = *** }}";
}
