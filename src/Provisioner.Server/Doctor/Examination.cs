using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Doctor;

/// <summary>
/// Looks at all that a VM needs on its way to a runner that is online, whether or not the server runs, and changes nothing: so machines are
/// not listed, since a list cleans up, and the store is not brought to another schema. One look that fails or hangs keeps none of the others from being taken.
/// </summary>
internal sealed class Examination(ServerOptions options, HostFacts host, string? repository, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var hypervisor = VmSetup.CreateHypervisor(options, time, NullLoggerFactory.Instance);
        var isOwner = await HostFacts.OwnerOfAsync(options.DataFolder) is not { } owner || owner == host.User;
        var checks = new (string Name, Func<CancellationToken, Task<IReadOnlyList<Finding>>> Look)[]
        {
            ("user", _ => UserCheck.LookAsync(options, host)),
            ("certificate", _ => CertificateCheck.LookAsync(options, time)),
            ("server", token => ListenerCheck.LookAsync(options, token)),
            ("hypervisor", token => HypervisorCheck.LookAsync(options, hypervisor, host, token)),
            ("unit", _ => UnitCheck.LookAsync(options)),
            ("disk", _ => DiskCheck.LookAsync(options)),
            ("images", token => ImagesCheck.LookAsync(options, hypervisor, time, token)),
            ("hardware", _ => HardwareCheck.LookAsync(options)),
            ("callers", _ => CallerCheck.LookAsync(options, time, isOwner)),
            ("GitHub", token => GitHubCheck.LookAsync(options, repository, time, token)),
            ("VMs", _ => VmsCheck.LookAsync(options, time, isOwner)),
        };
        foreach (var (name, look) in checks)
        {
            foreach (var finding in await LookAsync(name, look, cancellationToken))
            {
                yield return finding;
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The edge of one look: the others are to be taken whatever it met.")]
    private async Task<IReadOnlyList<Finding>> LookAsync(
        string name, Func<CancellationToken, Task<IReadOnlyList<Finding>>> look, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await look(either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [Finding.Fail(name, $"No answer within {Patience.TotalSeconds:0} s.", "See how loaded the host is, and try again.", "docs/how-to/troubleshoot.md")];
        }
        catch (StoreException problem)
        {
            return [Finding.Warn(name, $"The store could not be asked: {problem.Message}", "See the server's log: journalctl -u virtualbox-server -n 50", "docs/how-to/troubleshoot.md")];
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            return [Finding.Fail(name, $"It could not be looked at: {problem.Message}", "Mend that, and try again.", "docs/how-to/troubleshoot.md")];
        }
    }
}
