namespace Provisioner.Tests.Client.Fakes;

internal sealed record SeenRequest(string Call, IReadOnlyDictionary<string, string> Headers, string Body);
