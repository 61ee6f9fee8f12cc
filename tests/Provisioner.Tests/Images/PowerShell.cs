namespace Provisioner.Tests.Images;

/// <summary>The real PowerShell (<c>tests/Provisioner.PowerShell</c>), where the scripts for Windows guests are read and run.</summary>
internal static class PowerShell
{
    /// <summary>Its name in lists of shells.</summary>
    public const string Name = "pwsh";

    public static string Program { get; } =
        Path.Combine(AppContext.BaseDirectory.Replace("Provisioner.Tests", "Provisioner.PowerShell", StringComparison.Ordinal), "Provisioner.PowerShell");

    public static Task<Shell> RunAsync(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        Shell.RunAsync(Program, ["-NoProfile", "-NonInteractive", "-File", script, .. arguments], environment);
}
