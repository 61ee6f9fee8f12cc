using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary>Writes what was asked for to standard output. JSON is what the server sent, with its times in RFC 3339.</summary>
internal sealed class DataWriter(CommandContext context)
{
    private static readonly WireJson Indented = new(new JsonSerializerOptions(WireJson.Default.Options) { WriteIndented = true });

    public void Ids(params IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            Line(id);
        }
    }

    public void Json(VmView vm) => Write(vm, Indented.VmView);

    public void Json(VmView[] vms) => Write(vms, Indented.VmViewArray);

    public void Json(ImageView[] images) => Write(images, Indented.ImageViewArray);

    public void Json(HostView host) => Write(host, Indented.HostView);

    public void Json(HostView[] hosts) => Write(hosts, Indented.HostViewArray);

    /// <summary>On one line, for programs that read a stream line by line.</summary>
    public void Json(VmEvent change) => Write(change, WireJson.Default.VmEvent);

    public void Vms(IReadOnlyList<VmView> vms)
    {
        var now = context.Time.GetUtcNow();
        context.Out.Write(Table.Of(
            ["ID", "PHASE", "IMAGE", "REPOSITORY", "HOST", "CREATED", "EXPIRES", "REASON"],
            vms.Select(vm => (IReadOnlyList<string>)
            [
                vm.Id, PhaseName.Of(vm.Phase), vm.Image, vm.Repository, vm.Host,
                RelativeTime.Of(vm.CreatedAt, now), RelativeTime.Of(vm.ExpiresAt, now), vm.Failure?.Cause ?? vm.Reason,
            ])));
    }

    public void Vm(VmView vm)
    {
        var now = context.Time.GetUtcNow();
        (string Name, string? Value)[] facts =
        [
            ("id", vm.Id), ("phase", PhaseName.Of(vm.Phase)), ("reason", vm.Reason), ("why", vm.Explanation),
            ("position", vm.Position?.ToString()), ("image", vm.Image), ("repository", vm.Repository),
            ("cpus", vm.Cpus?.ToString()), ("memory", Mebibytes(vm.Memory)), ("disk", Mebibytes(vm.Disk)), ("labels", string.Join(", ", vm.Labels)), ("host", vm.Host), ("created", RelativeTime.Of(vm.CreatedAt, now)),
            ("expires", RelativeTime.Of(vm.ExpiresAt, now)), ("runner id", vm.RunnerId?.ToString()),
            ("failure", vm.Failure is { } failure ? $"{failure.Code}: {failure.Cause}" : null), ("remedy", vm.Failure?.Remedy),
        ];
        foreach (var (name, value) in facts)
        {
            if (value is not null)
            {
                Line($"{name,-11} {value}");
            }
        }
    }

    private static string? Mebibytes(int? amount) => amount is null ? null : $"{amount} MiB";

    /// <summary>One change, with its date and its VM.</summary>
    public void Event(VmEvent change) => Line($"{change.At:u}  {change.VmId,-20} {PhaseName.Of(change.Phase),-11} {change.Message}");

    /// <summary>One change of a VM that is watched: its time of day is enough.</summary>
    public void Change(VmEvent change) => Line($"{change.At.ToLocalTime():HH:mm:ss}  {PhaseName.Of(change.Phase),-11} {change.Message}");

    /// <summary>The last lines of a guest's console, where there are any.</summary>
    public void Console(string? console)
    {
        if (console is { Length: > 0 })
        {
            Line("Last lines of the guest's console:");
            foreach (var line in Untrusted.Lines(console))
            {
                context.Out.Write($"  {line}\n");
            }
        }
    }

    public void Line(string text) => context.Out.Write(Untrusted.Line(text) + "\n");

    private void Write<T>(T value, JsonTypeInfo<T> type) => context.Out.Write(JsonSerializer.Serialize(value, type) + "\n");
}
