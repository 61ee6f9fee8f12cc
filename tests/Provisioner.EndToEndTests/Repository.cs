namespace Provisioner.EndToEndTests;

/// <summary>Where the published programs and the baked image are; the scripts of eng/ make what is missing and find what is there.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Program(string name) => Path.Combine(Root, "artifacts", "publish", name, name);

    public static async Task PublishAsync() => await EngAsync("publish");

    /// <summary>The path of the baked image.</summary>
    public static async Task<string> ImageAsync() => (await EngAsync("image")).Split('\n')[^1];

    /// <summary>The path of a Debian with cloud-init and without a runner, as a distribution's cloud image.</summary>
    public static async Task<string> CloudImageAsync() => (await EngAsync("image", "--cloud")).Split('\n')[^1];

    /// <summary>The path of the tarball of the runner's stand-in.</summary>
    public static async Task<string> RunnerAsync() => (await EngAsync("runner-stand-in")).Split('\n')[^1];

    /// <summary>The path of a VBoxManage: the machine's own, or one in a private root.</summary>
    public static async Task<string> VirtualBoxAsync() => (await EngAsync("virtualbox")).Split('\n')[^1];

    private static async Task<string> EngAsync(string script, string option = "")
    {
        // Progress goes to standard error, the answer to standard output: the last line of both together is the answer.
        var (exitCode, output) = await NativeProcess.RunAsync("/bin/sh", ["-c", $"'{Path.Combine(Root, "eng", script)}' {option} 2>&1"]);
        return exitCode == 0 ? output.TrimEnd() : throw new InvalidOperationException($"eng/{script} failed:\n{output}");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Provisioner.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie below the repository.");
        }

        return folder.FullName;
    }
}
