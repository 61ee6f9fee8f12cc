namespace Provisioner.Client.Commands;

internal enum OutputFormat
{
    Table,
    Json,
}
