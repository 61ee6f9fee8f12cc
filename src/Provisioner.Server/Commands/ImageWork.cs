using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;

namespace Provisioner.Server.Commands;

/// <summary>What the verbs of <c>image</c> have in common: the folder of images, and how they fail.</summary>
internal static class ImageWork
{
    public static async Task<int> RunAsync(FileInfo? config, Func<ServerOptions, ImageFolder, Task<int>> act)
    {
        var (options, errors) = ConfigurationReader.Read(config?.FullName, Environment.GetEnvironmentVariables(), new Dictionary<string, string>());
        if (options is null)
        {
            return StoreCommand.Refuse(string.Join(Environment.NewLine + "  ", errors));
        }

        try
        {
            return await act(options, new ImageFolder(Path.GetFullPath(options.ImageFolder)));
        }
        catch (Exception problem) when (problem is ImageException or HypervisorException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"virtualbox-server: {problem.Message}");
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("virtualbox-server: interrupted; nothing of it is left.");
            return ExitCodes.Failed;
        }
    }

    /// <exception cref="ImageException">There is no version.</exception>
    public static ImageManifest Newest(ImageFolder folder, string name) =>
        VmId.TryParse(name, out _) && folder.Versions(name) is [.., var newest] ? newest : throw Unknown(folder, name);

    public static ImageException Unknown(ImageFolder folder, string name) => new(
        folder.Names.ToList() is { Count: > 0 } names
            ? $"There is no image {name} here. There is: {string.Join(", ", names)}."
            : $"There is no image {name} here, nor any other. Build one: virtualbox-server image build FILE");
}
