using System.Diagnostics;

namespace Provisioner.Tests.Store;

/// <summary>A PostgreSQL server of the tests' own, in a folder for temporary files, reached by a Unix socket and a password.</summary>
internal sealed class PostgreSqlCluster : IAsyncDisposable
{
    public const string Password = "canary-of-the-store";

    private const string Unprivileged = "postgres"; // PostgreSQL does not run as root
    private const string Versions = "/usr/lib/postgresql";
    private static readonly string? Programs = FindPrograms();

    private readonly string _folder;
    private int _databases;

    private PostgreSqlCluster(string folder) => _folder = folder;

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Problem => Programs is null ? "PostgreSQL is not installed: eng/install-packages test" : null;

    public string PasswordFile => $"{_folder}.password";

    private string Data => Path.Combine(_folder, "data");

    public static async Task<PostgreSqlCluster> StartAsync()
    {
        var cluster = new PostgreSqlCluster(Directory.CreateTempSubdirectory("vbdp-pg-").FullName);
        await File.WriteAllTextAsync(cluster.PasswordFile, Password);
        var initial = Path.Combine(cluster._folder, "password");
        await File.WriteAllTextAsync(initial, Password);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "-R", Unprivileged, cluster._folder);
        }

        await RunProgramAsync("initdb", "-D", cluster.Data, "--no-sync", "-E", "UTF8", "--locale=C", "-U", "vbdp", "--auth=scram-sha-256", $"--pwfile={initial}");
        await cluster.BeginAsync();
        return cluster;
    }

    public Task BeginAsync() => RunProgramAsync(
        "pg_ctl", "-D", Data, "-l", Path.Combine(_folder, "log"), "-w", "-t", "300", "-o", $"-k {_folder} -c listen_addresses='' -c fsync=off", "start");

    /// <summary>Ends it as a restart does: who is connected is thrown out.</summary>
    public Task EndAsync() => RunProgramAsync("pg_ctl", "-D", Data, "-m", "fast", "-w", "-t", "300", "stop");

    /// <summary>Makes an empty database; returns how to connect to it.</summary>
    public async Task<string> MakeDatabaseAsync()
    {
        var name = $"tests{Interlocked.Increment(ref _databases)}";
        await RunProgramAsync("psql", "-q", "-h", _folder, "-U", "vbdp", "-d", "postgres", "-c", $"CREATE DATABASE {name}");
        return Connection(name);
    }

    public async ValueTask DisposeAsync()
    {
        await RunProgramAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
        File.Delete(PasswordFile);
    }

    private string Connection(string database) => $"Host={_folder};Username=vbdp;Database={database}";

    private static Task RunProgramAsync(string program, params string[] arguments)
    {
        string[] command = [Path.Combine(Programs!, program), .. arguments];
        return Environment.IsPrivilegedProcess ? RunAsync("runuser", ["-u", Unprivileged, "--", .. command]) : RunAsync(command[0], command[1..]);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
            Environment = { ["PGPASSWORD"] = Password },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await output}{await error}");
    }

    private static string? FindPrograms() => !Directory.Exists(Versions) ? null : Directory.GetDirectories(Versions)
        .Select(version => Path.Combine(version, "bin"))
        .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
        .Order(StringComparer.Ordinal)
        .LastOrDefault();
}
