using System.CommandLine;
using Provisioner.Hypervisors;
using Provisioner.Server.Hardware;

namespace Provisioner.Server.Commands;

/// <summary><c>hardware list</c>: what this host has that VMs could be given. It needs no configuration and no server.</summary>
internal static class HardwareCommand
{
    public static Command Create()
    {
        var format = new Option<string>("--format") { Description = "text, or json for programs", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var list = new Command("list", "Show USB devices, PCI devices, serial ports and the like, with a configuration to paste") { format };
        list.SetAction(parsed =>
        {
            var found = HardwareInventory.Read(new HostDevices());
            Console.WriteLine(parsed.GetValue(format) == "json" ? HardwareReport.Json(found) : string.Join(Environment.NewLine, HardwareReport.Lines(found)));
            return ExitCodes.Done;
        });
        return new Command("hardware", "Look at the hardware of this host") { list };
    }
}
