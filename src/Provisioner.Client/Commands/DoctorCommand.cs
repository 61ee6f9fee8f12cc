using System.CommandLine;
using System.Text.Json;
using Provisioner.Client.Api;
using Provisioner.Client.Text;

namespace Provisioner.Client.Commands;

/// <summary><c>doctor</c>: whether a VM could be had from here, and if not, the first thing that is in the way. Changes nothing.</summary>
internal sealed class DoctorCommand(CommandContext context, ConnectionOptions connection)
{
    // A workflow's token is refused when it seems to be from the future or too old.
    private static readonly TimeSpan Tolerable = TimeSpan.FromSeconds(20);

    private readonly Option<OutputFormat> _format = new("--format") { Description = "table for people, json for programs", HelpName = "table|json" };

    public Command Build()
    {
        var command = new Command("doctor", "See whether a VM could be had: the server is reached, trusted and ready, lets you in, and has images") { _format };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        var findings = new List<DoctorFinding>();
        ClientException? first = null;
        try
        {
            await foreach (var finding in LookAsync(api, interrupted))
            {
                findings.Add(finding);
            }
        }
        catch (ClientException problem)
        {
            // What would come after it cannot be seen.
            first = problem;
            findings.Add(new DoctorFinding(problem.Title.ToLowerInvariant(), "fail", problem.Cause, problem.Remedy));
        }

        Write(findings, line.GetValue(_format) == OutputFormat.Json);
        return (int)(first?.ExitCode ?? (findings.Any(finding => finding.Verdict == "fail") ? ExitCode.Failure : ExitCode.Ok));
    }

    private async IAsyncEnumerable<DoctorFinding> LookAsync(VmApi api, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken interrupted)
    {
        var (word, date) = await api.ReadyAsync(interrupted);
        yield return new DoctorFinding("server", "ok", $"{api.Server} is reached, and shows a certificate that is trusted", null);
        yield return word == "ready"
            ? new DoctorFinding("ready", "ok", "It can make VMs", null)
            : new DoctorFinding("ready", "fail", $"It says: {word}", "On the host: virtualbox-server doctor");
        if (date is { } theirs)
        {
            var skew = (context.Time.GetUtcNow() - theirs).Duration();
            yield return skew > Tolerable
                ? new DoctorFinding("clock", "warn", $"Its clock and the one here are {skew.TotalSeconds:0} s apart", "Set both by NTP: timedatectl set-ntp true")
                : new DoctorFinding("clock", "ok", "It agrees about the time", null);
        }

        var images = await api.ImagesAsync(interrupted);
        yield return new DoctorFinding("credential", "ok", "It lets you in", null);
        if (images.Length == 0)
        {
            yield return new DoctorFinding("images", "fail", "It has no image that you may ask for", "On the host: virtualbox-server image build FILE");
        }

        foreach (var image in images)
        {
            yield return image.Usable
                ? new DoctorFinding($"image {image.Alias}", "ok", "A VM can be made of it", null)
                : new DoctorFinding($"image {image.Alias}", images.Any(other => other.Usable) ? "warn" : "fail", image.Problem ?? "It cannot be used", "On the host: virtualbox-server doctor");
        }
    }

    private void Write(List<DoctorFinding> findings, bool json)
    {
        if (json)
        {
            context.Out.Write(JsonSerializer.Serialize(findings, DoctorJson.Default.ListDoctorFinding) + "\n");
            return;
        }

        foreach (var finding in findings)
        {
            context.Out.Write($"{finding.Verdict.ToUpperInvariant(),-5} {Untrusted.Line(finding.Check),-20} {Untrusted.Line(finding.Detail)}\n");
            if (finding.Remedy is { } remedy)
            {
                context.Out.Write($"      {"",-20} → {Untrusted.Line(remedy)}\n");
            }
        }
    }
}
