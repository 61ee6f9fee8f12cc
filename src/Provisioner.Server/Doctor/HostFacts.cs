namespace Provisioner.Server.Doctor;

/// <summary>What the operating system says of this host and of who asks. <paramref name="root"/> is where its files are: <c>/</c> but in tests.</summary>
internal sealed class HostFacts(string root = "/")
{
    public string User { get; } = Environment.UserName;

    public string PathOf(string path) => Path.Combine(root, path.TrimStart('/'));

    /// <summary>Who owns a file or folder; null if there is none, or nobody can tell.</summary>
    public static Task<string?> OwnerOfAsync(string path) =>
        Path.Exists(path) && !OperatingSystem.IsWindows() ? HostProgram.AskAsync("stat", "-c", "%U", path) : Task.FromResult<string?>(null);

    /// <summary>The groups of who asks; null where nobody can tell.</summary>
    public static async Task<string[]?> GroupsAsync() => (await HostProgram.AskAsync("id", "-Gn"))?.Split(' ');

    /// <summary>A module of the kernel that is loaded and that programs use at this moment, of some.</summary>
    public string? ModuleInUse(params IReadOnlyList<string> names)
    {
        var modules = PathOf("/proc/modules");
        return File.Exists(modules)
            ? File.ReadLines(modules).Select(line => line.Split(' ')).FirstOrDefault(words => words is [var name, _, var users, ..] && names.Contains(name) && users != "0")?[0]
            : null;
    }
}
