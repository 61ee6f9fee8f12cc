using System.Text;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Workflow;

/// <summary>The table on the page of the workflow run: which VM, where, and what took how long.</summary>
internal static class StepSummary
{
    public static string Of(VmView vm, string result, IReadOnlyList<(VmEvent Change, TimeSpan At)> changes)
    {
        var text = new StringBuilder();
        text.Append($"### VM `{vm.Id}`: {Cell(result)}\n\n");
        text.Append("| image | host | repository | labels | removed at the latest |\n| --- | --- | --- | --- | --- |\n");
        text.Append($"| {Cell(vm.Image)} | {Cell(vm.Host)} | {Cell(vm.Repository)} | {Cell(Labels(vm))} | {vm.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC |\n\n");
        if (changes.Count > 0)
        {
            text.Append("| after | phase | |\n| ---: | --- | --- |\n");
            foreach (var (change, at) in changes)
            {
                text.Append($"| {at.TotalSeconds:0.0} s | {PhaseName.Of(change.Phase)} | {Cell(change.Message)} |\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The one that only this VM has stands in the output alone: logs and summaries of public repositories are read by all.</summary>
    public static string Labels(VmView vm) => string.Join(", ", ["(output)", .. vm.Labels.Skip(1)]);

    // Entities, because a guest's text must neither break the table nor become a link, an image or HTML.
    private static string Cell(string text)
    {
        var cell = new StringBuilder();
        foreach (var c in Untrusted.Line(text))
        {
            cell.Append("|<>&`*_[]!\\@#~".Contains(c) ? $"&#{(int)c};" : c);
        }

        return cell.ToString();
    }
}
