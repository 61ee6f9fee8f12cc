using System.Text.Json;
using Provisioner.Server.Images.Building;
using Provisioner.Server.Store;

namespace Provisioner.Server.Images;

/// <summary>
/// Keeps the newest runner that was heard of across restarts, in the data folder: warm VMs are made by it, and a server that does not know it
/// yet would take them for outdated.
/// </summary>
/// <param name="folder">The data folder.</param>
/// <param name="releases">Who is asked: what another has said does not count.</param>
/// <param name="writes">False where the folder is another process's.</param>
/// <param name="logger">Hears what could not be read or written; both only cost time.</param>
internal sealed partial class KeptRunner(string folder, string releases, bool writes, ILogger logger)
{
    public const string FileName = "newest-runner.json";

    private readonly string _file = Path.Combine(folder, FileName);

    /// <summary>Null where there is none that counts.</summary>
    public RunnerSource? Read()
    {
        try
        {
            if (!File.Exists(_file))
            {
                return null;
            }

            var note = JsonSerializer.Deserialize(File.ReadAllBytes(_file), ImageJson.Default.RunnerNote);
            return note?.Runner is not { Url: { IsAbsoluteUri: true }, Sha256.Length: 64 } runner || Checksum.Parse(runner.Sha256) is null
                ? throw new JsonException("it names no address and no SHA-256.")
                : note.Releases == releases ? runner : null;
        }
        catch (Exception problem) when (problem is JsonException or IOException or UnauthorizedAccessException)
        {
            LogUnread(_file, problem.Message);
            return null;
        }
    }

    public void Write(RunnerSource runner)
    {
        try
        {
            if (writes)
            {
                DataFolder.Replace(_file, JsonSerializer.SerializeToUtf8Bytes(new RunnerNote { Releases = releases, Runner = runner }, ImageJson.Default.RunnerNote));
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            LogUnwritten(_file, problem.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{File} does not tell the newest runner; it is asked for anew: {Problem}")]
    private partial void LogUnread(string file, string problem);

    [LoggerMessage(LogLevel.Warning, "The newest runner cannot be kept in {File}; after a restart of the server it is asked for before a VM is made by it: {Problem}")]
    private partial void LogUnwritten(string file, string problem);
}
