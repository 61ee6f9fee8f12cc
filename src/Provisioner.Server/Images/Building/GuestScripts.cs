namespace Provisioner.Server.Images.Building;

/// <summary>The scripts of images/linux, as they were when this program was built.</summary>
internal static class GuestScripts
{
    private const string Folder = "images/linux/";

    /// <summary>By their names there.</summary>
    public static IReadOnlyDictionary<string, Func<Stream>> All { get; } = typeof(GuestScripts).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
        .ToDictionary(name => name[Folder.Length..], name => (Func<Stream>)(() => typeof(GuestScripts).Assembly.GetManifestResourceStream(name)!));
}
