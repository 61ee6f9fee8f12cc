using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary>
/// What the calls of the Go version do: the same rows, queue and life as <c>POST /v1/vms</c>, but answered when it is done, as that
/// server did, because its client begins to count its five minutes then. Each method returns null, or what went wrong.
/// </summary>
internal sealed class LegacyVms(
    LegacyCallers callers, VmRequests requests, Admission admission, VmTable vms, LegacyWait wait, Refusals refusals, ServerOptions options)
{
    /// <summary>Ends well when the guest has booted: all that can go wrong with the VM itself is in the answer then.</summary>
    public async Task<string?> CreateAsync(LegacyRequest asked, Caller caller, CancellationToken hungUp)
    {
        var (vm, refusal) = await AdmitAsync(asked, caller, hungUp);
        if (vm is not null)
        {
            return await BootedAsync(vm, hungUp);
        }

        refusals.Note(new AuditEntry(caller.Name, AuditAction.VmDenied)
        {
            Target = asked.Id,
            Repository = $"{asked.Owner}/{asked.Name}",
            Outcome = ProblemCode.Forbidden,
            Detail = refusal!,
        });
        return refusal;
    }

    private async Task<(Vm? Vm, string? Refusal)> AdmitAsync(LegacyRequest asked, Caller caller, CancellationToken hungUp)
    {
        if (!VmId.TryParse(asked.Id, out var id) || WarmName.Is(id))
        {
            return (null, $"The id is not one that this server takes. It is the prefix and the id of the step together: {VmId.Rule}.");
        }

        if (!RepositoryName.TryCreate(asked.Owner, asked.Name, out var repository) || !caller.Grant.Covers(repository))
        {
            return (null, "This server makes no runners for that repository without a credential. Its operator can add it to legacy.repositories; or use the present action, with a token.");
        }

        if (!options.Legacy.Images.Contains(asked.Image))
        {
            return (null, $"That image cannot be asked for without a credential. Ask for one of: {string.Join(", ", options.Legacy.Images)}; or have it added to legacy.images.");
        }

        // The old workflows say the id in runs-on, and no answer of that format could tell them another label.
        var request = new CreateVm { Image = asked.Image, Labels = [id.Value] };
        if (await requests.FindObstacleAsync(request, hungUp) is { } obstacle)
        {
            return (null, Describe(obstacle));
        }

        // A key of its own for each request: that server never found what an earlier one had made.
        hungUp.ThrowIfCancellationRequested();
        return admission.Add(requests.ToVm(request, id, repository, Guid.NewGuid().ToString("n"), caller), mostOfRule: null) switch
        {
            { Vm: null } => (null, $"{options.Vms.MaxQueued} VMs wait for their place on this host already, and no more may. Run the step again later."),
            { Created: false } => (null, $"The id {id} is in use by another VM. Choose another id, or delete that VM first."),
            { Vm: { } vm } => (vm, null),
        };
    }

    /// <summary>Ends well when VM, disk and registration are gone. What is gone or going already, or another caller's, does not exist.</summary>
    public async Task<string?> DeleteAsync(string text, Caller caller, CancellationToken hungUp)
    {
        if (!VmId.TryParse(text, out var id))
        {
            return LegacyAnswers.NoMachine;
        }

        var taken = false; // of several deletes at once, one takes it
        var vm = vms.Change(id, row =>
        {
            taken = row.Wanted == Wanted.Present && callers.Owns(row);
            return taken ? row.NotWanted($"{caller.Name} asked for its removal.") : row;
        }, by: caller.Name);
        return !taken || vm is null ? LegacyAnswers.NoMachine
            : await wait.UntilAsync(vm, row => row.GoneAt is not null, LegacyWait.Removal, hungUp) is { Over: true } ? null
            : "The VM is being removed. That takes longer than usual and goes on by itself; nothing needs to be done.";
    }

    private async Task<string?> BootedAsync(Vm vm, CancellationToken hungUp)
    {
        // The queue, the clone and the boot have deadlines of their own, so this comes to an end.
        var (over, row) = await wait.UntilAsync(vm, row => row.ReadyAt is not null || row.Wanted == Wanted.Gone, Timeout.InfiniteTimeSpan, hungUp);
        return !over ? "The server stops. The VM goes on when the server is back; delete it, or wait for its runner."
            : row is { Failure: { } failure } ? Describe(failure)
            : row is { Wanted: Wanted.Present } or { BusyAt: not null } ? null
            : "The VM was deleted before its guest had booted. Run the step again if that was not meant.";
    }

    private static string Describe(VmFailure failure) => $"{failure.Cause} {failure.Remedy}";
}
