using System.CommandLine;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary>How data is written: for people, for programs, or as ids for the next command of a pipe.</summary>
internal sealed class OutputOptions
{
    private readonly Option<OutputFormat> _format = new("--format")
    {
        Description = "table for people, json for programs",
        HelpName = "table|json",
    };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Write ids only, and no progress" };

    public void AddTo(Command command)
    {
        command.Add(_format);
        command.Add(_quiet);
    }

    public bool IsJson(ParseResult line) => line.GetValue(_format) == OutputFormat.Json;

    public bool IsQuiet(ParseResult line) => line.GetValue(_quiet);

    /// <summary>Writes one VM as was asked for.</summary>
    public void Write(ParseResult line, VmView vm, DataWriter data)
    {
        if (IsQuiet(line))
        {
            data.Ids(vm.Id);
        }
        else if (IsJson(line))
        {
            data.Json(vm);
        }
        else
        {
            data.Vm(vm);
        }
    }
}
