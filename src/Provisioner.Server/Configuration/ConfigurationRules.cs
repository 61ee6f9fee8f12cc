using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;

namespace Provisioner.Server.Configuration;

/// <summary>What the values of a configuration must fulfil beyond their type. Each error names key, cause and remedy.</summary>
internal static class ConfigurationRules
{
    public static IEnumerable<string> Errors(ServerOptions options) =>
        [
            .. Listener(options), .. Policy(options.PolicyFile), .. GitHub(options.GitHub), .. OidcRules.Errors(options), .. ClientCertificateRules.Errors(options.ClientCertificates), .. Images(options), .. SeedRules.Errors(options), .. Vms(options.Vms), .. CapacityRules.Errors(options), .. HardwareRules.Errors(options), .. Limits(options.Limits),
            .. Hypervisor(options), .. Store(options.Store), .. LegacyRules.Errors(options),
        ];

    private static IEnumerable<string> Listener(ServerOptions options)
    {
        if (options.Port is < 0 or > 65535)
        {
            yield return $"port: {options.Port} is not a port; 0 to 65535 are.";
        }

        if (!System.Net.IPAddress.TryParse(options.Host, out _))
        {
            yield return $"host: '{options.Host}' is not an IP address; 0.0.0.0 listens on all addresses.";
        }

        foreach (var (key, file) in new[] { ("certFile", options.CertFile), ("keyFile", options.KeyFile) })
        {
            if (file.Length == 0)
            {
                yield return $"{key}: missing. The server speaks TLS only; make a certificate with cert-generator.";
            }
            else if (!File.Exists(file))
            {
                yield return $"{key}: there is no file {file}. Make a certificate with cert-generator.";
            }
        }
    }

    private static IEnumerable<string> Policy(string? file) =>
        file is null ? [] : PolicyFile.Read(file).Errors.Select(error => $"policyFile: {file}: {error}");

    private static IEnumerable<string> GitHub(GitHubOptions options)
    {
        if (!GitHubEndpoints.TryParse(options.Url, out _))
        {
            yield return $"gitHub.url: '{options.Url}' is not the https address of a GitHub.";
        }

        if (options.RunPeriod < TimeSpan.Zero || options.RunPeriod > TimeSpan.FromDays(1))
        {
            yield return $"gitHub.runPeriod: {options.RunPeriod} is not between zero (never) and a day.";
        }

        if (options is { Token: not null, TokenFile: not null })
        {
            yield return "gitHub.token and gitHub.tokenFile: give one of them.";
        }

        if (options.AppClientId is null != options.AppKeyFile is null)
        {
            yield return "gitHub.appClientId and gitHub.appKeyFile: both are needed for a GitHub App.";
        }

        foreach (var (key, file) in new[] { ("gitHub.tokenFile", options.TokenFile), ("gitHub.appKeyFile", options.AppKeyFile) })
        {
            if (file is not null && !File.Exists(file))
            {
                yield return $"{key}: there is no file {file}.";
            }
        }

        if (options.TokenFile is { } tokenFile && File.Exists(tokenFile) && TokenFileProblem(tokenFile) is { } tokenProblem)
        {
            yield return $"gitHub.tokenFile: {tokenProblem}";
        }

        if (options is { AppClientId: { } app, AppKeyFile: { } appKey } && File.Exists(appKey) && AppKeyProblem(app, appKey) is { } problem)
        {
            yield return $"gitHub.appKeyFile: {problem}";
        }
    }

    private static string? TokenFileProblem(string file)
    {
        try
        {
            return string.IsNullOrWhiteSpace(File.ReadAllText(file)) ? $"{file} is empty; it must hold the token and nothing else." : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return $"{file} cannot be read: {problem.Message}";
        }
    }

    private static string? AppKeyProblem(string app, string file)
    {
        try
        {
            AppKey.FromPem(app, File.ReadAllText(file)).Dispose();
            return null;
        }
        catch (Exception problem) when (problem is FormatException or IOException or UnauthorizedAccessException)
        {
            return $"{file} cannot be used: {problem.Message}";
        }
    }

    private static IEnumerable<string> Images(ServerOptions options)
    {
        foreach (var (alias, image) in options.Images)
        {
            if (!VmId.TryParse(alias, out _))
            {
                yield return $"images.{alias}: an alias is {VmId.Rule}.";
            }

            if (image.Source.Length == 0)
            {
                yield return $"images.{alias}.source: missing. It names the base machine or disk.";
            }

            if (image.Cpus is < 1)
            {
                yield return $"images.{alias}.cpus: {image.Cpus} is less than 1.";
            }

            if (image.Memory is < 64)
            {
                yield return $"images.{alias}.memory: {image.Memory} MiB is less than 64.";
            }
        }
    }

    private static IEnumerable<string> Vms(VmOptions options)
    {
        if (options.MaxRunning < 1)
        {
            yield return $"vms.maxRunning: {options.MaxRunning} is less than 1.";
        }

        if (options.MaxActions < 1)
        {
            yield return $"vms.maxActions: {options.MaxActions} is less than 1.";
        }

        if (options.Lifetime > options.MaxLifetime)
        {
            yield return $"vms.lifetime: {options.Lifetime} is longer than vms.maxLifetime, {options.MaxLifetime}.";
        }

        foreach (var (key, value) in new[]
        {
            ("lifetime", options.Lifetime), ("bootTimeout", options.BootTimeout), ("registrationTimeout", options.RegistrationTimeout),
            ("idleTimeout", options.IdleTimeout), ("queueTimeout", options.QueueTimeout), ("reviewPeriod", options.ReviewPeriod), ("history", options.History),
        })
        {
            if (value <= TimeSpan.Zero)
            {
                yield return $"vms.{key}: {value} is not longer than zero.";
            }
        }
    }

    private static IEnumerable<string> Hypervisor(ServerOptions options) =>
        options.Hypervisor switch
        {
            HypervisorKind.VirtualBox => options.VirtualBox.FindProblems().Select(problem => $"virtualBox: {problem}"),
            HypervisorKind.Qemu => options.Qemu.FindProblems().Select(problem => $"qemu: {problem}"),
            HypervisorKind.Simulated => [],
        };

    private static IEnumerable<string> Store(StoreOptions options)
    {
        if (options.Lease < TimeSpan.FromSeconds(1))
        {
            yield return $"store.lease: {options.Lease} is less than a second.";
        }

        foreach (var problem in options.PostgreSql.FindProblems())
        {
            yield return $"store.postgreSql.{problem}";
        }
    }

    private static IEnumerable<string> Limits(LimitOptions options)
    {
        foreach (var (key, value) in new[]
        {
            ("connections", options.Connections), ("connectionsPerAddress", options.ConnectionsPerAddress),
            ("requestsPerSecond", options.RequestsPerSecond), ("burst", options.Burst),
            ("callerRequestsPerSecond", options.CallerRequestsPerSecond), ("callerBurst", options.CallerBurst), ("bytesPerSecond", options.BytesPerSecond),
        })
        {
            if (value < 1)
            {
                yield return $"limits.{key}: {value} is less than 1.";
            }
        }

        foreach (var (key, value) in new[] { ("slowGrace", options.SlowGrace), ("idleConnection", options.IdleConnection) })
        {
            if (value < TimeSpan.FromSeconds(2))
            {
                yield return $"limits.{key}: {value} is less than two seconds.";
            }
        }
    }
}
