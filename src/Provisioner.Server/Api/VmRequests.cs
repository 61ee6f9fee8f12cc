using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Hardware;
using Provisioner.Server.Images;
using Provisioner.Server.Placement;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary>Turns the body of <c>POST /v1/vms</c> into a row, or into the one answer that names everything that is wrong with it.</summary>
internal sealed class VmRequests(
    ImageCatalog images, Registrations registrations, HostQueue queue, ServerOptions options, TimeProvider time)
{
    private readonly HardwareCatalog _hardware = new(options);

    public async Task<(Vm? Vm, IResult? Refusal)> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        CreateVm? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.CreateVm, cancellationToken);
        }
        catch (JsonException problem)
        {
            return (null, Problems.Of(
                ProblemCode.InvalidRequest,
                context.Request.ContentLength is null or 0 ? "The request has no body." : $"The body is not what POST /v1/vms takes: {Describe(problem)}",
                "Send JSON such as {\"image\": \"debian-12\"}; /openapi/v1.json describes all fields."));
        }

        var errors = new RequestErrors();
        var request = body ?? new CreateVm();
        var repository = ReadRepository(request, context, errors);
        Check(request, errors);
        var key = ReadKey(context, errors);
        var id = ReadId(request, key, context.Caller, errors);
        if (errors.Any)
        {
            return (null, errors.ToProblem());
        }

        context.Features.Set(new AskedVm(id, repository));
        var refusal = await RefuseAsync(request, repository, context, cancellationToken);
        return refusal is null ? (ToVm(request, id, repository, key, context.Caller), null) : (null, refusal);
    }

    /// <summary>The row of a request in which nothing is wrong.</summary>
    public Vm ToVm(CreateVm request, VmId id, RepositoryName repository, string key, Caller caller)
    {
        var now = time.GetUtcNow();
        return new Vm
        {
            Id = id,
            Key = key,
            Caller = caller.Name,
            Rule = caller.Grant.Rule,
            Repository = repository,
            Image = request.Image,
            Labels = [.. new[] { OwnLabel.Make() }.Concat(request.Labels).Distinct(StringComparer.OrdinalIgnoreCase)],
            Cpus = request.Cpus,
            Memory = request.Memory,
            Disk = request.Disk,
            Hardware = _hardware.NameFor(request.Image, request.Hardware),
            CreatedAt = now,
            ExpiresAt = now + (request.Lifetime ?? caller.Grant.Limits.Shorten(options.Vms.Lifetime)),
            Run = caller.Workflow is { } workflow ? new WorkflowRun(workflow.RunId, workflow.RunAttempt)
                : request.Run is { } run ? new WorkflowRun(run.Id, run.Attempt) : null,
        };
    }

    /// <summary>What no caller can mend by writing the request differently.</summary>
    private async Task<IResult?> RefuseAsync(CreateVm request, RepositoryName repository, HttpContext context, CancellationToken cancellationToken)
    {
        if (!context.Caller.Grant.Covers(repository))
        {
            return Problems.Of(
                ProblemCode.Forbidden,
                $"This caller may not make runners for {repository}.",
                context.Caller.Workflow is { } workflow
                    ? $"A workflow makes runners for its own repository only: leave it out, or write {workflow.Repository}."
                    : "Use a token whose grant holds that repository: virtualbox-server token create --repository OWNER/NAME.");
        }

        // An image that a grant does not hold is not spoken of, whether it exists or not.
        if (!images.Knows(request.Image) && context.Caller.Grant.Limits.AllowsImage(request.Image))
        {
            return UnknownImage(request, context.Caller.Grant);
        }

        if (request.Hardware is { } name && _hardware.Find(name) is null && context.Caller.Grant.Limits.AllowsHardware(name))
        {
            return UnknownHardware(name, context.Caller.Grant);
        }

        var profile = _hardware.Find(_hardware.NameFor(request.Image, request.Hardware));
        if (GrantExcess.Find(request, options.Images.GetValueOrDefault(request.Image), profile, context.Caller.Grant) is { } excessive)
        {
            return excessive;
        }

        return await FindObstacleAsync(request, cancellationToken) is { } obstacle ? Problems.Of(obstacle) : await RefuseDiskAsync(request, cancellationToken);
    }

    /// <summary>A clone's disk cannot be smaller than what it is a clone of. Where that is not known now, the hypervisor refuses it when it clones.</summary>
    private async Task<IResult?> RefuseDiskAsync(CreateVm request, CancellationToken cancellationToken)
    {
        if (request.Disk is not { } disk || (await images.CheckAsync(request.Image, cancellationToken)).DiskMegabytes is not { } least || disk >= least)
        {
            return null;
        }

        var errors = new RequestErrors();
        errors.Add("disk", least <= options.Vms.MaxDisk
            ? $"{disk} MiB is less than the disk of the image '{request.Image}' has. Ask for {least} to {options.Vms.MaxDisk} MiB, or for none."
            : $"{disk} MiB is less than the disk of the image '{request.Image}' has, which is {least} MiB. Ask for none.");
        return errors.ToProblem();
    }

    private IResult UnknownImage(CreateVm request, Grant grant)
    {
        var aliases = images.Aliases.Where(grant.Limits.AllowsImage).ToList();
        return Problems.Of(
            ProblemCode.UnknownImage,
            $"There is no image '{request.Image}'.",
            aliases.Count > 0 ? $"Ask for one of: {string.Join(", ", aliases)}." : "Add one under 'images' in the server's configuration.");
    }

    private IResult UnknownHardware(string name, Grant grant)
    {
        var names = _hardware.Names.Where(grant.Limits.AllowsHardware).ToList();
        return Problems.Of(
            ProblemCode.UnknownHardware,
            $"There is no hardware '{name}'.",
            names.Count > 0 ? $"Ask for one of: {string.Join(", ", names)}." : "Leave it out: this server has no hardware that you may ask for.");
    }

    /// <summary>Why this host cannot make such a VM, of an image that it knows, for whomever.</summary>
    public async Task<VmFailure?> FindObstacleAsync(CreateVm request, CancellationToken cancellationToken)
    {
        if (queue.Excess(request.Image, request.Cpus, request.Memory, request.Disk, request.Hardware) is { Length: > 0 } excess)
        {
            return Failures.NeverFits(excess);
        }

        if (_hardware.FindProblem(_hardware.NameFor(request.Image, request.Hardware)) is { } absent)
        {
            return Failures.From(HypervisorFault.DeviceAbsent, absent);
        }

        var health = await images.CheckAsync(request.Image, cancellationToken);
        return health is { Problem: { } cause, Fault: { } fault } ? Failures.From(fault, cause) : registrations.Problem;
    }

    /// <summary>Without an id the key makes it, so that the same request finds the same VM.</summary>
    private static VmId ReadId(CreateVm request, string key, Caller caller, RequestErrors errors)
    {
        var made = SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Name}\n{key}"));
        if (VmId.TryParse(request.Id ?? $"vm-{Convert.ToHexStringLower(made.AsSpan(0, 16))}", out var id) && !WarmName.Is(id))
        {
            return id;
        }

        errors.Add("id", WarmName.Is(id) ? "Names of this form are the server's own, for its warm VMs." : $"An id is {VmId.Rule}.");
        return default;
    }

    private static RepositoryName ReadRepository(CreateVm request, HttpContext context, RequestErrors errors)
    {
        // A workflow's token names it; the body may only say the same.
        if (context.Caller.Workflow is { Repository: var own } && string.Equals(request.Repository ?? own.ToString(), own.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            return own;
        }

        if (request.Repository is null && context.Caller.Grant.Only is { } only)
        {
            return only;
        }

        if (!RepositoryName.TryParse(request.Repository, out var repository))
        {
            errors.Add("repository", request.Repository is null
                ? "Needed: this caller's grant holds more than one repository."
                : "A repository is written owner/name.");
        }

        return repository;
    }

    private void Check(CreateVm request, RequestErrors errors)
    {
        errors.AddIf(request.Image.Length is 0 or > 63, "image", "Needed: the alias of an image, see GET /v1/images.");
        errors.AddIf(request.Labels.Count > 20, "labels", "At most 20 labels.");
        errors.AddIf(request.Labels.Any(label => !IsLabel(label)), "labels", "A label is 1 to 100 letters, digits and any of . _ : - +");
        errors.AddIf(request.Cpus < 1 || request.Cpus > options.Vms.MaxCpus, "cpus", $"1 to {options.Vms.MaxCpus}.");
        errors.AddIf(request.Memory < 128 || request.Memory > options.Vms.MaxMemory, "memory", $"128 to {options.Vms.MaxMemory} MiB.");
        errors.AddIf(request.Disk < 1 || request.Disk > options.Vms.MaxDisk, "disk", $"1 to {options.Vms.MaxDisk} MiB, and not less than the disk of the image has.");
        errors.AddIf(request.Hardware is { Length: 0 or > 63 } || request.Hardware?.Any(char.IsControl) == true, "hardware", "The name of a hardware profile of the server.");
        errors.AddIf(
            request.Lifetime < TimeSpan.FromMinutes(1) || request.Lifetime > options.Vms.MaxLifetime,
            "lifetime",
            $"00:01:00 to {options.Vms.MaxLifetime:c}.");
        errors.AddIf(request.Run is { } run && (run.Id < 1 || run.Attempt < 1), "run", "An id and an attempt of 1 or more, as in GITHUB_RUN_ID and GITHUB_RUN_ATTEMPT.");
    }

    private static bool IsLabel(string? label) =>
        label is { Length: > 0 and <= 100 } && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-' or '+');

    private static string ReadKey(HttpContext context, RequestErrors errors)
    {
        var header = context.Request.Headers["Idempotency-Key"];
        errors.AddIf(header.Count > 1 || header.ToString().Length > 200, "Idempotency-Key", "One value of at most 200 characters.");
        return StringValues.IsNullOrEmpty(header) ? Guid.NewGuid().ToString("n") : header.ToString();
    }

    private static string Describe(JsonException problem) =>
        problem.Path is { Length: > 1 } path ? $"{path[2..]} is unknown or of the wrong type." : "it is not JSON.";
}
