using System.Diagnostics;
using Provisioner.Server.Configuration;
using Provisioner.Server.Doctor;
using Provisioner.Server.Store;

namespace Provisioner.Server.Setup;

/// <summary>
/// Makes what a server needs before its first start: certificates, a configuration, the first token. What is there already stays as it is, so that it can be
/// repeated after anything failed. It tells what it did, a line each.
/// </summary>
internal sealed class Installation(InstallationPlan plan, Action<string> tell, TimeProvider time)
{
    /// <returns>The first token; null if none was asked for, or there is one.</returns>
    /// <exception cref="InstallationException">Something could not be made; what was made before it stays, and is taken up by the next try.</exception>
    public async Task<string?> MakeAsync()
    {
        try
        {
            Directory.CreateDirectory(plan.Folder);
            await CertifyAsync();
            try
            {
                await WriteConfigurationAsync(ConfigurationDraft.Of(plan));
            }
            finally
            {
                await HandOverAsync();
            }

            return await new FirstToken(plan, tell, time).MakeAsync();
        }
        catch (Exception problem) when (problem is StoreException or DataFolderException)
        {
            throw new InstallationException($"No token was made: {problem.Message}", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new InstallationException($"{problem.Message} Run it as root, or name folders of your own with --folder and --home.", problem);
        }
    }

    private async Task CertifyAsync()
    {
        if (File.Exists(Path.Combine(plan.Folder, "cert.pem")))
        {
            tell($"kept   {plan.Folder}/cert.pem, with its key");
            return;
        }

        var beside = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "", "cert-generator");
        var program = File.Exists(beside) ? beside : "cert-generator";
        try
        {
            using var generator = Process.Start(new ProcessStartInfo(program, ["--host", string.Join(',', plan.Names), "--org", "virtualbox-server", "--out", plan.Folder])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var output = generator.StandardOutput.ReadToEndAsync();
            var error = await generator.StandardError.ReadToEndAsync();
            await output;
            await generator.WaitForExitAsync();
            if (generator.ExitCode != 0)
            {
                throw new InstallationException($"No certificate was made: {error.Trim()}");
            }
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            throw new InstallationException("No certificate was made: there is no cert-generator beside this program or in the PATH.", problem);
        }

        tell($"made   {plan.Folder}/ca.pem, which clients trust, and ca-key.pem: keep that one safe, best not on this host");
        tell($"made   {plan.Folder}/cert.pem and key.pem, for {string.Join(", ", plan.Names)}");
    }

    private async Task WriteConfigurationAsync(string draft)
    {
        var packaged = IsAsPackaged();
        if (File.Exists(plan.ConfigurationFile) && !packaged)
        {
            tell($"kept   {plan.ConfigurationFile}");
            return;
        }

        var fresh = plan.ConfigurationFile + ".new";
        File.WriteAllText(fresh, draft);
        var (_, errors) = ConfigurationReader.Read(fresh, new Dictionary<string, string>(), new Dictionary<string, string>());
        if (errors.Count > 0)
        {
            File.Delete(fresh);
            throw new InstallationException($"The configuration would be refused:{string.Concat(errors.Select(error => $"\n  - {error}"))}");
        }

        if (packaged && (await HostProgram.AskAsync("chown", $"--reference={plan.ConfigurationFile}", fresh) is null
            || await HostProgram.AskAsync("chmod", $"--reference={plan.ConfigurationFile}", fresh) is null))
        {
            File.Delete(fresh);
            throw new InstallationException($"The new configuration could not be given the owner and the mode of {plan.ConfigurationFile}. Run it as root.");
        }

        File.Move(fresh, plan.ConfigurationFile, overwrite: packaged);
        tell($"made   {plan.ConfigurationFile}{(packaged ? ", in place of the package's" : "")}");
    }

    private bool IsAsPackaged() => plan.Packaged is { } file && File.Exists(file) && File.Exists(plan.ConfigurationFile)
        && File.ReadAllText(file) == File.ReadAllText(plan.ConfigurationFile);

    /// <summary>What root has made is useless to the server's user until it is his.</summary>
    private async Task HandOverAsync()
    {
        if (plan.User is not { } user)
        {
            return;
        }

        List<string> his = [.. new[] { Path.Combine(plan.Folder, "key.pem"), plan.GitHubKey, plan.GitHubTokenFile }.OfType<string>().Where(file => File.Exists(file) && Path.GetDirectoryName(file) == plan.Folder)];
        if (!OperatingSystem.IsWindows() && !Directory.Exists(plan.Home))
        {
            Directory.CreateDirectory(plan.Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if (await HostFacts.OwnerOfAsync(plan.Home) is { } owner && owner != user)
        {
            his.Add(plan.Home);
        }

        if (his.Count > 0 && await HostProgram.AskAsync("chown", ["-hR", $"{user}:", .. his]) is null)
        {
            throw new InstallationException($"{string.Join(" and ", his)} could not be given to {user}. Is there such a user? sudo useradd --system --home-dir {plan.Home} {user}");
        }

        tell($"gave   {string.Join(" and ", his)} to {user}");
    }
}
