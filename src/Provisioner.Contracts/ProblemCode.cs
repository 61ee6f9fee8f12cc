namespace Provisioner.Contracts;

/// <summary>The stable codes of problems and failures. A new one may come; none changes its meaning.</summary>
public static class ProblemCode
{
    /// <summary>400: the request is malformed or a field is invalid.</summary>
    public const string InvalidRequest = "invalid-request";

    /// <summary>401: no API token, or one that is unknown, expired or revoked.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>403: the caller's grant does not cover what was asked.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>403: the repository is the caller's, but not so much, or not this image, hardware or label.</summary>
    public const string ExceedsGrant = "exceeds-grant";

    /// <summary>404: no such thing, or not the caller's.</summary>
    public const string NotFound = "not-found";

    /// <summary>404: no image of that alias.</summary>
    public const string UnknownImage = "unknown-image";

    /// <summary>404: no hardware profile of that name.</summary>
    public const string UnknownHardware = "unknown-hardware";

    /// <summary>405: the address exists, but not with this method.</summary>
    public const string MethodNotAllowed = "method-not-allowed";

    /// <summary>409: the id is in use for something else.</summary>
    public const string IdInUse = "id-in-use";

    /// <summary>413: the body is larger than the server reads.</summary>
    public const string TooLarge = "too-large";

    /// <summary>415: the body is not JSON by its content type.</summary>
    public const string UnsupportedMediaType = "unsupported-media-type";

    /// <summary>429: too many requests.</summary>
    public const string TooManyRequests = "too-many-requests";

    /// <summary>409: the VM is gone, or being removed.</summary>
    public const string AlreadyGone = "already-gone";

    /// <summary>409: the VM's console cannot be read: its hypervisor keeps none, or another server runs it.</summary>
    public const string NoConsole = "no-console";

    /// <summary>422: the VM needs more than the whole host has.</summary>
    public const string NeverFits = "never-fits";

    /// <summary>429: as many VMs wait as may.</summary>
    public const string QueueFull = "queue-full";

    /// <summary>429: as many VMs of the repository live as the caller's rule allows.</summary>
    public const string RuleUsedUp = "rule-used-up";

    /// <summary>The VM waited too long for its place on the host.</summary>
    public const string QueueTimeout = "queue-timeout";

    /// <summary>500: a fault of the server; its log has the details.</summary>
    public const string ServerFault = "server-fault";

    /// <summary>503: the server's store does not answer, is full, or is held by somebody else.</summary>
    public const string StoreUnavailable = "store-unavailable";

    /// <summary>503: the keys of the issuer of workflows' tokens cannot be read, so that no token can be checked.</summary>
    public const string IssuerUnavailable = "issuer-unavailable";

    /// <summary>503: the image exists but cannot be cloned.</summary>
    public const string ImageUnusable = "image-unusable";

    /// <summary>503: the image has no snapshot to clone from.</summary>
    public const string SnapshotMissing = "snapshot-missing";

    /// <summary>503: a device of the hardware that was asked for is not there.</summary>
    public const string HardwareAbsent = "hardware-absent";

    /// <summary>503: too little disk space for another VM.</summary>
    public const string DiskFull = "disk-full";

    /// <summary>503: the hypervisor's program is missing.</summary>
    public const string HypervisorMissing = "hypervisor-missing";

    /// <summary>503: the hypervisor does not answer.</summary>
    public const string HypervisorTimeout = "hypervisor-timeout";

    /// <summary>The hypervisor failed.</summary>
    public const string HypervisorFailed = "hypervisor-failed";

    /// <summary>The VM could not be started.</summary>
    public const string CannotStart = "cannot-start";

    /// <summary>503: the server has no GitHub credential.</summary>
    public const string GitHubCredentialMissing = "github-credential-missing";

    /// <summary>GitHub could not be reached or answered with an error of its own.</summary>
    public const string GitHubUnavailable = "github-unavailable";

    /// <summary>GitHub refused the server's credential.</summary>
    public const string GitHubRefused = "github-refused";

    /// <summary>GitHub's rate limit is used up.</summary>
    public const string GitHubRateLimited = "github-rate-limited";

    /// <summary>A runner of that name exists at GitHub and is not ours to replace.</summary>
    public const string RunnerNameTaken = "runner-name-taken";

    /// <summary>GitHub called the registration request invalid.</summary>
    public const string GitHubRejected = "github-rejected";

    /// <summary>The guest did not report in time.</summary>
    public const string GuestSilent = "guest-silent";

    /// <summary>The guest reported that it failed.</summary>
    public const string GuestFailed = "guest-failed";

    /// <summary>The machine stopped before its runner had a job.</summary>
    public const string StoppedEarly = "stopped-early";

    /// <summary>The VM's lifetime was over.</summary>
    public const string LifetimeOver = "lifetime-over";

    /// <summary>GitHub has no such runner any more, though it has had no job.</summary>
    public const string RunnerMissing = "runner-missing";

    /// <summary>The runner was online, but no job came for it.</summary>
    public const string NoJob = "no-job";

    /// <summary>A job of another workflow run than the one that asked took the runner.</summary>
    public const string ForeignJob = "foreign-job";
}
