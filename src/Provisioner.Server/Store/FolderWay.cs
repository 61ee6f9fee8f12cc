using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>
/// Whoever could exchange a folder of the server, or one on the way to it, for a link would have the server write and delete behind that link, with
/// its own rights. So before anything is written the way to each is walked, step by step, and what is missing of it is made.
/// </summary>
internal static class FolderWay
{
    private const int MostLinks = 40;

    /// <exception cref="DataFolderException">A folder, or one on the way to it, is not the server's user's or root's alone.</exception>
    public static void Check(ServerOptions options)
    {
        var (key, machines) = MachineFolder.Of(options);
        Require("dataFolder", options.DataFolder, make: true);
        Require(key, machines, make: true);
        Require("imageFolder", options.ImageFolder);
        if (options.Hypervisor == HypervisorKind.VirtualBox)
        {
            // Usually everybody's: its files have names that nobody can guess, and in a sticky folder nobody can exchange them.
            Require("virtualBox.secretFolder", options.VirtualBox.SecretFolder, shared: true);
        }
    }

    private static void Require(string key, string? folder, bool make = false, bool shared = false)
    {
        if (folder is not null && FindProblem(folder, make, shared) is { } problem)
        {
            throw new DataFolderException($"{key}: {problem}");
        }
    }

    /// <summary>Why a folder cannot be trusted, in sentences; null where it can.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="make">Makes it where it is missing, for this user alone. Else a folder that is missing is none to worry about.</param>
    /// <param name="shared">It may be one that all can write in, as long as they cannot touch what is another's.</param>
    public static string? FindProblem(string folder, bool make, bool shared)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var (here, links) = ("/", 0);
        var ahead = new Stack<string>(Steps(Path.GetFullPath(folder)));
        while (true)
        {
            if (Problem(here, mayBeShared: shared || ahead.Count > 0) is { } problem)
            {
                return problem;
            }

            if (!ahead.TryPop(out var step))
            {
                return null;
            }

            var next = Path.GetFullPath(step, here);
            if ((FileFacts.Of(next) ?? (make ? Make(next) : null)) is not { } facts)
            {
                return make ? $"{next} is not there and cannot be made. Make it, for user {FileFacts.User} alone, or choose another folder." : null;
            }

            if (!facts.IsLink)
            {
                here = next;
            }
            else if (!IsTrusted(facts) || ++links > MostLinks)
            {
                return $"{next} is a link of user {facts.Owner}, who can have the server write anywhere. Remove it, or choose another folder.";
            }
            else
            {
                Array.ForEach(Steps(new FileInfo(next).LinkTarget ?? ""), ahead.Push);
            }
        }
    }

    // Last step first. An absolute path begins at the root again.
    private static string[] Steps(string path) =>
        [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Prepend(path.StartsWith('/') ? "/" : ".").Reverse()];

    // mkdir(2) follows no link in its place: whoever was faster is seen by looking again.
    private static FileFacts? Make(string folder)
    {
        try
        {
            DataFolder.Make(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Seen below.
        }

        return FileFacts.Of(folder);
    }

    private static string? Problem(string folder, bool mayBeShared) => FileFacts.Of(folder) switch
    {
        { } facts when !IsTrusted(facts) =>
            $"{folder} belongs to user {facts.Owner}, who can put links where the server writes. Give it to the server's user ({FileFacts.User}), start the server as its owner, or choose another folder.",
        { } facts when IsOpen(facts) || (!mayBeShared && (facts.IsGroupWritable || facts.IsWritableByOthers)) =>
            $"{folder} has mode {facts.Mode}: others than the server's user can put links where the server writes. Take it from them (chmod go-w {folder}), or choose another folder.",
        _ => null,
    };

    private static bool IsTrusted(FileFacts facts) => facts.Owner == 0 || facts.Owner == FileFacts.User;

    // The user's own group is taken to have no other members, as most systems make it.
    private static bool IsOpen(FileFacts facts) =>
        !facts.IsSticky && (facts.IsWritableByOthers || (facts.IsGroupWritable && facts.Group != 0 && facts.Group != FileFacts.UsersGroup));
}
