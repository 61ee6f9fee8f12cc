using System.Text.Json.Serialization;
using Provisioner.Contracts;

namespace Provisioner.Server.Configuration;

[JsonConverter(typeof(LowerCaseWordConverter<HypervisorKind>))]
internal enum HypervisorKind
{
    VirtualBox,
    Qemu,
    Simulated,
}
