namespace Provisioner.RunnerStandIn;

internal enum JobResult
{
    Succeeded,
    Failed,
    Canceled,
}
