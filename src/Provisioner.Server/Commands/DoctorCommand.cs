using System.CommandLine;
using Provisioner.GitHub;
using Provisioner.Server.Configuration;
using Provisioner.Server.Doctor;

namespace Provisioner.Server.Commands;

/// <summary><c>doctor</c>: looks at all that a VM needs on its way to a runner that is online, and says what mends what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create(Option<FileInfo?> config)
    {
        var repository = new Option<string?>("--repository") { Description = "Also see whether the server's credential may manage the runners of this repository", HelpName = "OWNER/NAME" };
        var format = new Option<string>("--format") { Description = "text, or json: one object for all", DefaultValueFactory = _ => "text", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command(
            "doctor",
            """
            Look at all that a VM needs to become a runner that is online: configuration, certificate, hypervisor, disk, images, callers, GitHub.
            Changes nothing. Run it as the server's user. Exit codes: 0 nothing failed, 1 something did, 2 wrong settings.
            """) { repository, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(repository) is { } name && !RepositoryName.TryParse(name, out _))
            {
                return StoreCommand.Refuse($"--repository: '{name}' is not OWNER/NAME.");
            }

            var (options, errors) = ConfigurationReader.Read(parsed.GetValue(config)?.FullName, Environment.GetEnvironmentVariables(), new Dictionary<string, string>());
            return options is null
                ? StoreCommand.Refuse(string.Join(Environment.NewLine + "  ", errors))
                : await ReportAsync(new Examination(options, new HostFacts(), parsed.GetValue(repository), TimeProvider.System), parsed.GetValue(format) == "json", cancellationToken);
        });
        return command;
    }

    private static async Task<int> ReportAsync(Examination examination, bool json, CancellationToken cancellationToken)
    {
        var all = new List<Finding>();
        await foreach (var finding in examination.RunAsync(cancellationToken))
        {
            all.Add(finding);
            if (!json)
            {
                DoctorReport.Lines(finding).ToList().ForEach(Console.WriteLine);
            }
        }

        Console.WriteLine(json ? DoctorReport.Json(all) : DoctorReport.Sum(all));
        return all.Any(finding => finding.Verdict == Verdict.Fail) ? ExitCodes.Failed : ExitCodes.Done;
    }
}
