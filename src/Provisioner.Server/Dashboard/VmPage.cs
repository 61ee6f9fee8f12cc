using Microsoft.Extensions.Primitives;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Api;
using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Dashboard;

/// <summary>One VM: why it is in its state, the timeline of its phases, its failure; and for operators, how it ends.</summary>
internal sealed class VmPage(VmTable vms, HostQueue queue, ServerOptions options, TimeProvider time)
{
    public IResult Show(string id, HttpContext context) => Find(id) is { } vm
        ? new PageResult($"VM {vm.Id.Value}", Body(vm, context.Caller), isLive: true)
        : NoSuchVm();

    public IResult Delete(string id, HttpContext context)
    {
        if (Refusal(id, context, out var vm) is { } refusal)
        {
            return refusal;
        }

        vms.Change(vm!.Id, row => row.IsSame(vm) ? row.NotWanted($"{context.Caller.Name} asked for its removal.") : row, by: context.Caller.Name);
        return Results.LocalRedirect($"/vms/{vm.Id.Value}");
    }

    public async Task<IResult> ExtendAsync(string id, HttpContext context)
    {
        var hours = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(context.RequestAborted))["hours"] : StringValues.Empty;
        if (Refusal(id, context, out var vm) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        var most = vm!.CreatedAt + options.Vms.MaxLifetime - now;
        if (!double.TryParse(hours, System.Globalization.CultureInfo.InvariantCulture, out var wanted) || !(wanted > 0) || wanted > most.TotalHours)
        {
            return PageResult.NotDone(StatusCodes.Status400BadRequest, $"It can live for {Times.Length(most)} more: no VM lives longer than {options.Vms.MaxLifetime:c} since it was asked for (vms.maxLifetime).");
        }

        if (now + TimeSpan.FromHours(wanted) <= vm.ExpiresAt)
        {
            return PageResult.NotDone(StatusCodes.Status400BadRequest, $"It lives for {Times.Length(vm.ExpiresAt - now)} more as it is. Name a longer time.");
        }

        vms.Change(vm.Id, row => row.IsSame(vm) ? row.Extended(time.GetUtcNow() + TimeSpan.FromHours(wanted)) : row, $"{context.Caller.Name} extended its life until {now + TimeSpan.FromHours(wanted):u}.", context.Caller.Name);
        return Results.LocalRedirect($"/vms/{vm.Id.Value}");
    }

    private IResult? Refusal(string id, HttpContext context, out Vm? vm)
    {
        vm = Find(id);
        return context.Caller.Grant.Limits.Role != HostRole.Operator ? PageResult.NotDone(StatusCodes.Status403Forbidden, "This needs the role operator.")
            : vm is null ? NoSuchVm()
            : vm.Wanted == Wanted.Gone ? PageResult.NotDone(StatusCodes.Status409Conflict, "It is gone or being removed.")
            : null;
    }

    private Vm? Find(string id) => VmId.TryParse(id, out var parsed) ? vms.Find(parsed) : null;

    private static PageResult NoSuchVm() => PageResult.NotDone(StatusCodes.Status404NotFound, "There is no such VM. The record of one that is gone is kept for some days only.");

    private Html Body(Vm vm, Caller caller)
    {
        var now = time.GetUtcNow();
        var place = vm.IsQueued ? queue.Look().GetValueOrDefault(vm.Id) : null;
        return Html.Of(
            $"""
            <h1>{vm.Id.Value}</h1>
            <section id="state" aria-live="polite"><p><b class="{VmSection.Phase(vm)}">{VmSection.Phase(vm)}</b> {VmExplanation.Of(vm, place, options.Vms)}</p></section>
            <section id="facts"><dl class="facts">{Facts(vm).Select(fact => Html.Of($"<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd></div>"))}</dl></section>
            {(vm.Failure is { } failure ? Html.Of($"<section id=\"failure\"><h2>Failure</h2>{FailureSection.Details(failure)}</section>") : Html.Empty)}
            <section id="timeline" aria-labelledby="timeline-title"><h2 id="timeline-title">Timeline</h2><ol class="timeline">{Timeline(vms.Events(vm.Id, 0), now)}</ol></section>
            {(caller.Grant.Limits.Role == HostRole.Operator && vm.Wanted == Wanted.Present ? Actions(vm) : Html.Empty)}
            """);
    }

    private static IEnumerable<(string Name, string Value)> Facts(Vm vm) =>
    [
        ("Image", vm.Image), ("Repository", vm.Warm is null ? vm.Repository.ToString() : "nobody yet (warm)"), ("Host", vm.Host), ("Machine", vm.Machine.Value),
        ("CPUs", vm.Cpus?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Default), ("Memory", Mebibytes(vm.Memory)), ("Disk", Mebibytes(vm.Disk)), ("Hardware", vm.Hardware ?? "none"),
        ("Asked for", Times.Exact(vm.CreatedAt)), ("Ends", Times.Exact(vm.ExpiresAt)), ("Runner", vm.RunnerId?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"),
        ("Run", vm.Run is { } run ? $"{run.Id}, attempt {run.Attempt}" : "none named"), ("Caller", vm.Caller), ("Rule", vm.Rule.Length > 0 ? vm.Rule : "none"),
    ];

    private const string Default = "the image's";

    private static string Mebibytes(int? amount) => amount is null ? Default : $"{amount} MiB";

    // How long it stayed as each entry says; the last one until now, or for ever.
    private static IEnumerable<Html> Timeline(IReadOnlyList<VmEvent> events, DateTimeOffset now) => events.Select((change, n) => Html.Of(
        $"<li><time datetime=\"{Times.Exact(change.At)}\">{Times.Exact(change.At)}</time> <b class=\"{Word(change)}\">{Word(change)}</b> {change.Message} <small>{(n + 1 < events.Count ? $"for {Times.Length(events[n + 1].At - change.At)}" : change.Phase == VmPhase.Gone ? "" : $"since {Times.Length(now - change.At)}")}</small>"));

    private static string Word(VmEvent change) => change.Phase.ToString().ToLowerInvariant();

    private static Html Actions(Vm vm) => Html.Of(
        $"""
        <section id="actions"><h2>Actions</h2>
        <form method="post" action="/vms/{vm.Id.Value}/extend"><label for="hours">Let it live for</label> <input id="hours" name="hours" type="number" min="0.1" step="0.1" value="1" required> hours <button>Extend</button></form>
        <form method="post" action="/vms/{vm.Id.Value}/delete"><button class="danger">Delete this VM and end its job</button></form></section>
        """);
}
