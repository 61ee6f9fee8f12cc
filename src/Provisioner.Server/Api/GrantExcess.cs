using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary>The answer to who asks for more than the grant holds: everything that is too much, each with what is allowed.</summary>
internal static class GrantExcess
{
    /// <summary>Of a new VM; null where the grant holds it all.</summary>
    public static IResult? Find(CreateVm request, ImageOptions? image, HardwareOptions? profile, Grant grant)
    {
        var excess = grant.Limits.Excess(new Wish(request.Image)
        {
            Hardware = [.. image?.Devices ?? [], .. request.Hardware is null && image?.Hardware is { } own ? [own] : Array.Empty<string>()],
            Profile = request.Hardware,
            Cpus = request.Cpus ?? profile?.Cpus ?? image?.Cpus,
            Memory = request.Memory ?? profile?.Memory ?? image?.Memory,
            Disk = request.Disk ?? profile?.Disk,
            Lifetime = request.Lifetime,
            Labels = [.. request.Labels.Where(label => label != request.Id)],
        });
        return Answer(excess, grant);
    }

    /// <summary>Of a longer life; null where the grant holds it.</summary>
    public static IResult? Find(Vm vm, TimeSpan lifetime, DateTimeOffset now, Grant grant) =>
        vm.Wanted == Wanted.Present && grant.Limits.Lifetime is { } most && now + lifetime > vm.CreatedAt + most
            ? Answer([("lifetime", $"{lifetime:c} is too long: allowed is a life of {most:c} since the VM was asked for, which is until {vm.CreatedAt + most:u}.")], grant)
            : null;

    private static IResult? Answer(IEnumerable<(string Field, string Message)> excess, Grant grant)
    {
        var errors = new RequestErrors();
        foreach (var (field, message) in excess)
        {
            errors.Add(field, message);
        }

        return errors.Any ? errors.ToProblem(ProblemCode.ExceedsGrant, $"Ask for what is allowed; or ask the operator of the server for more than '{grant.Rule}' allows.") : null;
    }
}
