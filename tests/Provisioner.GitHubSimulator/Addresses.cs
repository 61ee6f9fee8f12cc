namespace Provisioner.GitHubSimulator;

/// <summary>Where we are found: our own address is known once we listen, the runners' one may be another.</summary>
internal sealed class Addresses(SimulatorOptions options)
{
    private Uri? own;

    /// <summary>For programs on this machine; ends in a slash.</summary>
    public Uri Own
    {
        get => own ?? throw new InvalidOperationException("Not listening yet.");
        set => own = value;
    }

    public Uri Runners => options.RunnerUrl ?? Own;

    public Uri RunnerToken => new(Runners, "_services/runner/token");

    public Uri Broker => new(Runners, "broker/");

    public Uri Run => new(Runners, "run/");

    public Uri Results => new(Runners, "results/");

    public string OidcIssuer => options.OidcIssuer ?? new Uri(Own, "_services/token").ToString();
}
