using Provisioner.Contracts;

namespace Provisioner.Server.Api;

/// <summary>Which problems each operation may answer with: <c>/openapi/v1.json</c> says so, and the tests hold every answer against it.</summary>
internal static class OperationProblems
{
    // Limits stand before all else; a fault can be anywhere.
    private static readonly string[] Anywhere = [ProblemCode.TooManyRequests, ProblemCode.ServerFault, ProblemCode.InvalidRequest];

    private static readonly string[] BehindTheDoor = [ProblemCode.Unauthenticated, ProblemCode.Forbidden, ProblemCode.IssuerUnavailable, ProblemCode.StoreUnavailable];

    private static readonly Dictionary<string, string[]> Own = new()
    {
        ["createVm"] =
        [
            .. BehindTheDoor, ProblemCode.ExceedsGrant, ProblemCode.UnknownImage, ProblemCode.UnknownHardware, ProblemCode.HardwareAbsent, ProblemCode.IdInUse, ProblemCode.TooLarge, ProblemCode.UnsupportedMediaType, ProblemCode.NeverFits,
            ProblemCode.QueueFull, ProblemCode.RuleUsedUp, ProblemCode.GitHubCredentialMissing, ProblemCode.ImageUnusable, ProblemCode.SnapshotMissing, ProblemCode.DiskFull,
            ProblemCode.HypervisorMissing, ProblemCode.HypervisorTimeout, ProblemCode.HypervisorFailed, ProblemCode.CannotStart,
        ],
        ["listVms"] = BehindTheDoor,
        ["getVm"] = [.. BehindTheDoor, ProblemCode.NotFound],
        ["followVm"] = [.. BehindTheDoor, ProblemCode.NotFound],
        ["readConsole"] = [.. BehindTheDoor, ProblemCode.NotFound, ProblemCode.NoConsole, ProblemCode.HypervisorMissing, ProblemCode.HypervisorTimeout, ProblemCode.HypervisorFailed],
        ["followAll"] = BehindTheDoor,
        ["extendVm"] = [.. BehindTheDoor, ProblemCode.NotFound, ProblemCode.AlreadyGone, ProblemCode.ExceedsGrant, ProblemCode.TooLarge, ProblemCode.UnsupportedMediaType],
        ["deleteVm"] = BehindTheDoor,
        ["listImages"] = BehindTheDoor,
        ["listHosts"] = BehindTheDoor,
        ["drainHost"] = [.. BehindTheDoor, ProblemCode.NotFound],
        ["resumeHost"] = [.. BehindTheDoor, ProblemCode.NotFound],
        ["metrics"] = BehindTheDoor,
        ["health"] = [],
        ["ready"] = [],
    };

    public static IEnumerable<string> Operations => Own.Keys;

    public static IReadOnlyList<string> Of(string operation) => [.. Anywhere, .. Own[operation]];
}
