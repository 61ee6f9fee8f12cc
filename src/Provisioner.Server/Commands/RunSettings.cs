namespace Provisioner.Server.Commands;

/// <summary>Where the settings of this run come from.</summary>
internal sealed record RunSettings(string? ConfigurationFile, IReadOnlyDictionary<string, string> Flags);
