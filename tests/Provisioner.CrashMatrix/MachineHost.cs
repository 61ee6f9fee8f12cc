using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Provisioner.CrashMatrix;

/// <summary>A hypervisor as the matrix sees it: a folder of machines, twenty of others among them.</summary>
internal abstract class MachineHost(string folder) : IAsyncDisposable
{
    public const int Strangers = 20;

    /// <summary>Where machines are, ours and those of others.</summary>
    public string Folder { get; } = folder;

    /// <summary>A profile with a device that only one VM can have at a time; null where the host has none.</summary>
    public virtual string? Hardware => null;

    /// <summary>How long all may take until a run counts as stuck.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromMinutes(3);

    /// <summary>The longest time from an answer to a delete.</summary>
    public virtual TimeSpan DeleteWithin => TimeSpan.FromMilliseconds(300);

    /// <summary>Adds what the server has to know of this host.</summary>
    public abstract void Configure(JsonObject configuration, Plan plan);

    /// <summary>Makes twenty machines of others.</summary>
    public abstract Task AddStrangersAsync(CancellationToken cancellationToken);

    /// <summary>The name of a machine of ours, as an entry of the folder.</summary>
    public abstract string NameOf(string id);

    /// <summary>Takes the power of all machines of ours away. Only while no server runs.</summary>
    public abstract void CutPower();

    /// <summary>What is left of machines of ours beside files, such as processes and registrations.</summary>
    public virtual Task<IReadOnlyList<string>> LeftBesideFilesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Plays the guests, where nothing else does.</summary>
    public virtual void Begin(Plan plan)
    {
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A machine that was started more than once, if there is any.</summary>
    public virtual string? StartedTwice() => null;

    /// <summary>Every file with what is in it.</summary>
    public virtual IReadOnlyList<string> Fingerprint() =>
    [
        .. Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Where(path => path != Path.Combine(Folder, ".server-id")).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {(Directory.Exists(path) ? "" : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))))}"),
    ];

    /// <summary>The processes with a text among their arguments.</summary>
    protected static IEnumerable<(int Id, string Command)> ProcessesOf(string text) =>
        from entry in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(entry), out _)
        let command = Read(Path.Combine(entry, "cmdline"))
        where command.Contains(text, StringComparison.Ordinal)
        select (int.Parse(Path.GetFileName(entry), System.Globalization.CultureInfo.InvariantCulture), command.Replace('\0', ' '));

    /// <summary>A file that may go at any time.</summary>
    protected static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    protected static byte[] Noise(int number) => SHA512.HashData(Encoding.UTF8.GetBytes($"stranger {number}"));
}
