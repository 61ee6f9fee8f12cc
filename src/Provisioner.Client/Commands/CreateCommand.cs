using System.CommandLine;
using System.Security.Cryptography;
using Provisioner.Client.Api;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary><c>create IMAGE</c></summary>
internal sealed class CreateCommand(CommandContext context, ConnectionOptions connection, OutputOptions output)
{
    private readonly Argument<string> _image = new("image") { Description = "Alias of the image (see 'images')" };
    private readonly Option<string?> _id = new("--id") { Description = $"Id of the VM and its runner: {Slug.Rule}. Made up when absent" };
    private readonly Option<string?> _repository = new("--repo") { Description = "Repository of the runner, owner/name; needed where the token covers more than one" };
    private readonly Option<string[]> _labels = new("--label") { Description = "A label in addition to the one that the server makes; may be repeated" };
    private readonly Option<int?> _cpus = new("--cpus") { Description = "Virtual CPUs" };
    private readonly Option<int?> _memory = Parsed<int?>("--memory", $"Memory: {MemorySize.Rule}", text => MemorySize.TryParse(text, out var size) ? size : null);
    private readonly Option<int?> _disk = Parsed<int?>("--disk", $"Size of the disk, at least the image's: {MemorySize.Rule}", text => MemorySize.TryParse(text, out var size) ? size : null);
    private readonly Option<string?> _hardware = new("--hardware") { Description = "Name of a hardware profile of the server; the image's when absent" };
    private readonly Option<TimeSpan?> _lifetime = Parsed<TimeSpan?>("--lifetime", $"Longest life of the VM: {Duration.Rule}", ReadDuration);
    private readonly Option<TimeSpan?> _timeout = Parsed<TimeSpan?>("--timeout", "How long to wait for the runner; 10m when absent", ReadDuration);
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Return as soon as the server has noted the VM" };
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until the runner is online (the default). A VM whose runner does not come online is deleted" };

    public Command Build()
    {
        var command = new Command("create", "Create a VM and wait until its runner is online") { _image, _id, _repository, _labels, _cpus, _memory, _disk, _hardware, _lifetime, _timeout, _wait, _noWait };
        output.AddTo(command);
        command.Validators.Add(line =>
        {
            if (line.GetValue(_wait) && line.GetValue(_noWait))
            {
                line.AddError("--wait and --no-wait exclude each other.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken interrupted)
    {
        using var api = connection.Open(line);
        using var progress = new Progress(context, output.IsQuiet(line));
        var creation = new VmCreation(api, context.Time, progress.Notice);
        var vm = await creation.RequestAsync(Read(line), interrupted);
        if (!line.GetValue(_noWait))
        {
            await creation.WaitAsync(vm.Id, line.GetValue(_timeout) ?? TimeSpan.FromMinutes(10), progress.Report, interrupted);
            vm = await creation.ShowAsync(vm.Id, interrupted);
        }

        progress.Dispose();
        output.Write(line, vm, new DataWriter(context));
        return (int)ExitCode.Ok;
    }

    private CreateVm Read(ParseResult line) => new()
    {
        Image = line.GetRequiredValue(_image),
        // Made here and not by the server, so that the VM can be deleted even if the reply never comes.
        Id = line.GetValue(_id) ?? $"vm-{RandomNumberGenerator.GetHexString(12, lowercase: true)}",
        Repository = line.GetValue(_repository),
        Labels = line.GetValue(_labels) ?? [],
        Cpus = line.GetValue(_cpus),
        Memory = line.GetValue(_memory),
        Disk = line.GetValue(_disk),
        Hardware = line.GetValue(_hardware),
        Lifetime = line.GetValue(_lifetime),
    };

    private static TimeSpan? ReadDuration(string text) => Duration.TryParse(text, out var duration) && duration > TimeSpan.Zero ? duration : null;

    private static Option<T?> Parsed<T>(string name, string description, Func<string, T?> read) => new(name)
    {
        Description = description,
        CustomParser = argument =>
        {
            var value = read(argument.Tokens[0].Value);
            if (value is null)
            {
                argument.AddError($"'{argument.Tokens[0].Value}' cannot be read as {name}. {description}.");
            }

            return value;
        },
    };
}
