using System.Text.RegularExpressions;

namespace Provisioner.Hypervisors.Qemu;

public sealed partial class QemuHypervisor
{
    // The stream network that passt is given to came with it.
    private static readonly Version FirstWithPasst = new(7, 2);
    private static readonly Version Oldest = new(6, 0);

    public Task<HypervisorHealth> CheckAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        Version? version = null;
        try
        {
            version = await VersionAsync(cancellationToken);
            List<string> problems = [.. options.FindProblems(), .. await FindProblemsAsync(version, cancellationToken)];
            var accelerator = await accelerators.ChooseAsync(cancellationToken);
            problems.AddRange(accelerator.CanStart ? [] : [accelerator.Why]);
            return new HypervisorHealth(version.ToString(), problems is [], problems is [] ? accelerator.Why : string.Join(' ', problems));
        }
        catch (HypervisorException e)
        {
            return new HypervisorHealth(version?.ToString(), CanStart: false, e.Message);
        }
    }, cancellationToken);

    private async Task<Version> VersionAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync(options.Program, "--version", cancellationToken);
        return Version.TryParse(VersionNumber().Match(result.Output).Value, out var version)
            ? version
            : throw new HypervisorException(HypervisorFault.Failed, $"{options.Program} --version does not tell a version: {result.FirstError}");
    }

    private async Task<IReadOnlyList<string>> FindProblemsAsync(Version version, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        await RunAsync(options.ImageProgram, "--version", cancellationToken);
        if (version < Oldest)
        {
            problems.Add($"QEMU {version} is too old: {Oldest} or later is needed.");
        }

        if (options.Forwards.Count > 0)
        {
            await RunAsync(options.SocatProgram, "-V", cancellationToken);
        }

        if (options.Network == QemuNetwork.Passt)
        {
            await RunAsync(options.PasstProgram, "--version", cancellationToken);
            if (version < FirstWithPasst)
            {
                problems.Add($"QEMU {version} cannot use passt: {FirstWithPasst} or later is needed, or another Network.");
            }
        }

        return problems;
    }

    private Task<ProgramResult> RunAsync(string program, string argument, CancellationToken cancellationToken) =>
        ExternalProgram.RunAsync(program, [argument], options.Deadline, time, cancellationToken);

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex VersionNumber();
}
