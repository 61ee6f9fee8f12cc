using Provisioner.GitHub;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Api;

/// <summary>What a request asks for that could be read: it may still be refused.</summary>
internal sealed record AskedVm(VmId Id, RepositoryName Repository);
