using Provisioner.Contracts;

namespace Provisioner.Server.Api;

/// <summary>Everything that is wrong with one request, by field.</summary>
internal sealed class RequestErrors
{
    private readonly Dictionary<string, List<string>> _byField = [];

    public bool Any => _byField.Count > 0;

    public void Add(string field, string message)
    {
        if (!_byField.TryGetValue(field, out var messages))
        {
            _byField[field] = messages = [];
        }

        messages.Add(message);
    }

    public void AddIf(bool isWrong, string field, string message)
    {
        if (isWrong)
        {
            Add(field, message);
        }
    }

    public IResult ToProblem() => ToProblem(ProblemCode.InvalidRequest, "Correct the named fields; /openapi/v1.json describes them.");

    public IResult ToProblem(string code, string remedy) => Problems.Of(
        code,
        string.Join(' ', _byField.SelectMany(field => field.Value.Select(message => $"{field.Key}: {message}"))),
        remedy,
        _byField.ToDictionary(field => field.Key, field => field.Value.ToArray()));
}
