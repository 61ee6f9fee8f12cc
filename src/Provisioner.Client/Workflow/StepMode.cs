namespace Provisioner.Client.Workflow;

internal enum StepMode
{
    Create,
    Delete,
}
