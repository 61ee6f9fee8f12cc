namespace Provisioner.GitHubSimulator;

/// <summary>Writes files that only their owner can read, whole or not at all.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var writer = new StreamWriter(path + ".new", options))
        {
            writer.Write(text);
        }
        File.Move(path + ".new", path, overwrite: true);
    }
}
