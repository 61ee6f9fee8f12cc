using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Provisioner.Hypervisors;
using Provisioner.Server.Store;

namespace Provisioner.Server.Images;

/// <summary>
/// The images that were built on this host: <c>NAME/VERSION/image.json</c> with the disk beside it, and <c>NAME/promoted.json</c>, which
/// says what new VMs are made of. The server reads it with each clone, so that a promotion needs no restart.
/// </summary>
internal sealed class ImageFolder(string root)
{
    private const string ManifestFile = "image.json";
    private const string PromotionFile = "promoted.json";
    private const string LockFile = ".lock";
    private const string VersionForm = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>Where images are built. What is in it while nobody builds is what a build left that was killed.</summary>
    public string Work => Path.Combine(root, ".work");

    public string Downloads => Path.Combine(root, ".downloads");

    public IEnumerable<string> Names => Directory.Exists(root)
        ? new DirectoryInfo(root).EnumerateDirectories().Select(folder => folder.Name).Where(name => VmId.TryParse(name, out _)).Order(StringComparer.Ordinal)
        : [];

    /// <summary>The versions of an image, oldest first.</summary>
    public IReadOnlyList<ImageManifest> Versions(string name) => Directory.Exists(Folder(name))
        ? [.. new DirectoryInfo(Folder(name)).EnumerateDirectories().OrderBy(folder => folder.Name, StringComparer.Ordinal)
            .Select(folder => Read(Path.Combine(folder.FullName, ManifestFile), ImageJson.Default.ImageManifest)).OfType<ImageManifest>()]
        : [];

    /// <exception cref="ImageException">There is none.</exception>
    public ImageManifest Find(string name, string version) => Versions(name).FirstOrDefault(found => found.Version == version)
        ?? throw new ImageException($"There is no version {version} of image {name}. There is: {Join(Versions(name).Select(found => found.Version))}.");

    public Promotion? Promoted(string name) => Read(Path.Combine(Folder(name), PromotionFile), ImageJson.Default.Promotion);

    /// <summary>What new VMs are made of; null if there is no such image.</summary>
    /// <exception cref="ImageException">What it points to is gone.</exception>
    public ImageManifest? Current(string name) => VmId.TryParse(name, out _) && Promoted(name) is { } promoted ? Find(name, promoted.Current) : null;

    /// <summary>What clones of a version are made of.</summary>
    public BaseImage BaseOf(string name, ImageManifest version) =>
        version.Snapshot is { } snapshot ? new(version.Source, snapshot) : new(Path.Combine(Folder(name), version.Version, version.Source));

    /// <summary>The size of a version's files, in bytes.</summary>
    public long SizeOf(string name, string version) =>
        Directory.Exists(FolderOf(name, version)) ? new DirectoryInfo(FolderOf(name, version)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;

    public string FolderOf(string name, string version) => Path.Combine(Folder(name), version);

    /// <summary>Makes a version of what was built in its folder: it has a manifest from now on. The first one of an image is promoted.</summary>
    public void Add(string name, ImageManifest version, DateTimeOffset now)
    {
        DataFolder.Make(FolderOf(name, version.Version));
        Write(Path.Combine(FolderOf(name, version.Version), ManifestFile), version, ImageJson.Default.ImageManifest);
        if (Promoted(name) is null)
        {
            Promote(name, version.Version, now);
        }
    }

    /// <exception cref="ImageException">There is no such version.</exception>
    public void Promote(string name, string version, DateTimeOffset now)
    {
        Find(name, version);
        var before = Promoted(name);
        if (before?.Current != version)
        {
            Write(Path.Combine(Folder(name), PromotionFile), new Promotion(version, before?.Current, now), ImageJson.Default.Promotion);
        }
    }

    /// <summary>Returns to the version before, and tells which that is.</summary>
    /// <exception cref="ImageException">There is none.</exception>
    public string Rollback(string name, DateTimeOffset now)
    {
        if (Promoted(name) is not { Previous: { } previous })
        {
            throw new ImageException($"Image {name} has no version before the one in use. There is: {Join(Versions(name).Select(found => found.Version))}.");
        }

        Promote(name, previous, now);
        return previous;
    }

    /// <summary>Takes a version out of the list, before what it consists of is removed: what is left after a crash is no version any more.</summary>
    public void Forget(string name, string version) => File.Delete(Path.Combine(FolderOf(name, version), ManifestFile));

    /// <summary>The name of a version that is built now.</summary>
    public static string VersionAt(DateTimeOffset now) => now.UtcDateTime.ToString(VersionForm, CultureInfo.InvariantCulture);

    /// <summary>
    /// Folders that have the name of a version and no manifest: what a build or a removal has left that was killed. Any other folder may be
    /// somebody's, whose place was taken for that of images by mistake.
    /// </summary>
    public IEnumerable<string> Leftovers => Names.SelectMany(name => Directory.EnumerateDirectories(Folder(name)))
        .Where(version => DateTime.TryParseExact(Path.GetFileName(version), VersionForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        .Where(version => !File.Exists(Path.Combine(version, ManifestFile)));

    /// <summary>One at a time builds, promotes and cleans up.</summary>
    /// <exception cref="ImageException">Another is at it.</exception>
    public IDisposable Lock()
    {
        DataFolder.Make(root);
        try
        {
            return DataFolder.OpenFile(Path.Combine(root, LockFile), FileShare.None);
        }
        catch (IOException)
        {
            throw new ImageException($"Another virtualbox-server image command works in {root}. Wait for its end, and try again.");
        }
    }

    /// <summary>Whether nothing is left of an image, not even a promotion.</summary>
    public bool IsEmpty(string name) => Directory.Exists(Folder(name)) && !Directory.EnumerateFileSystemEntries(Folder(name)).Any();

    private string Folder(string name) => Path.Combine(root, name);

    private static string Join(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } some ? some : "nothing";

    private static T? Read<T>(string file, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllText(file), type) : null;
        }
        catch (Exception problem) when (problem is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return problem is JsonException ? throw new ImageException($"{file} cannot be read: {problem.Message}") : null;
        }
    }

    private static void Write<T>(string file, T content, JsonTypeInfo<T> type)
    {
        using (var draft = DataFolder.OpenFile(file + ".new", FileShare.None))
        {
            draft.SetLength(0);
            JsonSerializer.Serialize(draft, content, type);
            draft.Flush(flushToDisk: true);
        }

        File.Move(file + ".new", file, overwrite: true);
    }
}
