using System.Text.Json.Serialization;
using Provisioner.GitHubSimulator.Control;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.GitHubSimulator.Rest;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator;

/// <summary>What is sent to us in GitHub's REST style, and what we keep in files. (What we send is composed where it is sent.)</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    PropertyNameCaseInsensitive = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AccessTokenRequest))]
[JsonSerializable(typeof(JitConfigRequest))]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(JobRequest))]
[JsonSerializable(typeof(RunRequest))]
[JsonSerializable(typeof(HideRequest))]
[JsonSerializable(typeof(BoardImage))]
internal sealed partial class SimulatorJson : JsonSerializerContext;
