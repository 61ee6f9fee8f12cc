using System.Text;

namespace Provisioner.Certificates;

/// <summary>
/// Files that are written together or not at all. Each is written under a temporary name beside its place, with its final mode
/// from the first byte on, and then renamed; a file that is replaced stays as NAME.bak. What fails on the way is undone.
/// </summary>
internal sealed class FileSet(string folder)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly List<(string Path, byte[] Content, UnixFileMode Mode)> files = [];

    public FileSet AddPublic(string name, string content) => Add(name, content, Readable);

    public FileSet AddPrivate(string name, string content) => Add(name, content, OwnerOnly);

    public IReadOnlyList<string> Existing => [.. files.Select(file => file.Path).Where(File.Exists)];

    /// <exception cref="IOException">One of them exists, and <paramref name="replace"/> does not allow that.</exception>
    public void Write(bool replace)
    {
        Directory.CreateDirectory(folder);
        var undo = new Stack<Action>();
        try
        {
            foreach (var (path, content, mode) in files)
            {
                undo.Push(() => File.Delete(Staged(path)));
                Stage(Staged(path), content, mode);
            }

            foreach (var (path, _, mode) in files)
            {
                if (replace && File.Exists(path))
                {
                    KeepOld(path, mode, undo);
                    File.Move(Staged(path), path, overwrite: true);
                }
                else
                {
                    File.Move(Staged(path), path);
                    undo.Push(() => File.Delete(path));
                }
            }
        }
        catch
        {
            while (undo.TryPop(out var action))
            {
                action();
            }

            throw;
        }
    }

    private FileSet Add(string name, string content, UnixFileMode mode)
    {
        files.Add((Path.Combine(folder, name), Encoding.ASCII.GetBytes(content), mode));
        return this;
    }

    private static string Staged(string path) => $"{path}.new";

    private static void Stage(string path, byte[] content, UnixFileMode mode)
    {
        // A leftover of an interrupted run may be anybody's and have any mode: never write into it.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using var stream = new FileStream(path, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    // A copy, not a rename: the path holds either the old or the new file at any moment.
    private static void KeepOld(string path, UnixFileMode mode, Stack<Action> undo)
    {
        Stage($"{path}.bak", File.ReadAllBytes(path), mode);
        undo.Push(() => File.Move($"{path}.bak", path, overwrite: true));
    }
}
