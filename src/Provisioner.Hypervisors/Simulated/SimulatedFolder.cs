using System.Text.Json;

namespace Provisioner.Hypervisors.Simulated;

/// <summary>
/// The files of machines, <c>vbdp-ID.json</c>: whole or not there, whenever the server is killed. Files without our mark are
/// machines of others, and are read only.
/// </summary>
internal sealed class SimulatedFolder
{
    private const string Prefix = "vbdp-";
    private const string Suffix = ".json";
    private const string Draft = ".new";

    private readonly string path;

    public SimulatedFolder(string path)
    {
        this.path = Path.GetFullPath(path);
        PrivateFiles.CreateFolder(this.path);
        foreach (var draft in Directory.EnumerateFiles(this.path, Prefix + "*" + Suffix + Draft))
        {
            File.Delete(draft); // of a server that was killed while it wrote
        }
    }

    public IEnumerable<(VmId Id, SavedSimulatedMachine Machine)> Ours()
    {
        foreach (var file in Directory.EnumerateFiles(path, Prefix + "*" + Suffix))
        {
            if (VmId.TryParse(Path.GetFileNameWithoutExtension(file)[Prefix.Length..], out var id) && Read(file) is { Mark: SavedSimulatedMachine.OurMark } machine)
            {
                yield return (id, machine);
            }
        }
    }

    public bool HasForeign(VmId id) => File.Exists(FileOf(id)) && Read(FileOf(id)) is not { Mark: SavedSimulatedMachine.OurMark };

    public void Save(VmId id, SavedSimulatedMachine machine) =>
        PrivateFiles.Replace(FileOf(id), JsonSerializer.SerializeToUtf8Bytes(machine, SimulatedJson.Default.SavedSimulatedMachine));

    public void Delete(VmId id) => File.Delete(FileOf(id));

    private string FileOf(VmId id) => Path.Combine(path, Prefix + id + Suffix);

    private static SavedSimulatedMachine? Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize(stream, SimulatedJson.Default.SavedSimulatedMachine);
        }
        catch (JsonException)
        {
            return null; // theirs, whatever it is
        }
    }
}
