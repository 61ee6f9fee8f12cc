using System.Globalization;
using Provisioner.Client.Text;
using Provisioner.Contracts;
using Provisioner.GitHub;

namespace Provisioner.Client.Workflow;

/// <summary>Turns inputs into a request. All that is wrong is collected first: a workflow should fail once, not once for each mistake.</summary>
internal sealed class StepRequestReader(Inputs inputs, RunIdentity? run, string? thisRepository, JobTokens job)
{
    private readonly List<InputError> _errors = [];

    public IReadOnlyList<InputError> Errors => _errors;

    public StepRequest? Read()
    {
        var mode = ReadMode();
        var connection = new ConnectionInputs(inputs, _errors, job).Read();
        var id = ReadId();
        var vm = ReadVm(mode, id);
        var timeout = ReadDuration("timeout", mode == StepMode.Delete ? TimeSpan.FromMinutes(2) : TimeSpan.FromMinutes(10));
        var failOnMissing = ReadFlag("fail-on-missing");
        return _errors.Count > 0 ? null : new StepRequest
        {
            Mode = mode!.Value,
            Connection = connection!,
            Vm = vm,
            Timeout = timeout!.Value,
            GitHubToken = inputs.Get("token"),
            FailOnMissing = failOnMissing,
        };
    }

    private StepMode? ReadMode()
    {
        var (name, text) = inputs.Get("mode") is { Length: > 0 } mode ? ("mode", mode) : ("action", inputs.Get("action"));
        StepMode? read = text.ToLowerInvariant() switch
        {
            "create" => StepMode.Create,
            "delete" => StepMode.Delete,
            _ => null,
        };
        if (read is null)
        {
            Wrong(text.Length > 0 ? name : "mode", text.Length > 0 ? $"'{text}' is not a mode." : "It is missing.", "Write 'create' or 'delete'.");
        }

        return read;
    }

    private string ReadId()
    {
        var (prefix, id, name) = (inputs.Get("prefix"), inputs.Get("id"), inputs.Get("name"));
        if (id.Length == 0)
        {
            if (run is null)
            {
                Wrong("id", "It is missing, and cannot be derived from the run, because GITHUB_REPOSITORY and GITHUB_RUN_ID are not set.", $"Give an id of {Slug.Rule}.");
            }

            return run?.IdFor(prefix, name) ?? "";
        }

        var whole = prefix + id;
        if (!Slug.IsValid(whole))
        {
            var suggestion = Slug.From(whole);
            Wrong("id", $"prefix and id make '{whole}'; an id is {Slug.Rule}.", suggestion.Length > 0 ? $"Write '{suggestion}'." : "Leave it empty: one is made from the run.");
        }

        return whole;
    }

    private CreateVm ReadVm(StepMode? mode, string id)
    {
        if (mode == StepMode.Create && inputs.Get("image").Length == 0)
        {
            Wrong("image", "It is missing.", "Name one of the server's images (virtualbox-client images lists them).");
        }

        var repository = ReadRepository();
        return new CreateVm
        {
            Image = inputs.Get("image"),
            Id = id,
            Repository = repository,
            Run = run?.ReferenceFor(repository),
            Labels = ReadLabels(),
            Cpus = ReadCpus(),
            Memory = ReadSize("memory", "an amount of memory"),
            Disk = ReadSize("disk", "the size of a disk"),
            Hardware = inputs.Get("hardware") is { Length: > 0 } hardware ? hardware : null,
            Lifetime = ReadDuration("lifetime", null, "ttl"),
        };
    }

    private string? ReadRepository()
    {
        var repository = inputs.Get("repo") is { Length: > 0 } given ? given : thisRepository ?? "";
        if (!RepositoryName.TryParse(repository, out _))
        {
            Wrong("repo", repository.Length == 0 ? "It is missing." : $"'{repository}' is not {RepositoryName.Rule}.", "Leave it empty for this repository, or write owner/name.");
        }

        return repository;
    }

    private string[] ReadLabels()
    {
        var labels = inputs.Get("labels").Split([',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (labels.Length > 20 || labels.Any(label => label.Length > 100 || label.Any(char.IsControl)))
        {
            Wrong("labels", "There are more than 20, or one is longer than 100 characters.", "Separate labels by commas or line breaks.");
        }

        return labels;
    }

    private int? ReadCpus()
    {
        if (inputs.Get("cpus") is not { Length: > 0 } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cpus) && cpus > 0)
        {
            return cpus;
        }

        Wrong("cpus", $"'{text}' is not a number of virtual CPUs.", "Write a whole number from 1, or leave it empty for the image's default.");
        return null;
    }

    private int? ReadSize(string name, string kind)
    {
        if (inputs.Get(name) is not { Length: > 0 } text)
        {
            return null;
        }

        if (MemorySize.TryParse(text, out var mebibytes))
        {
            return mebibytes;
        }

        Wrong(name, $"'{text}' is not {kind}.", $"Write {MemorySize.Rule}, or leave it empty for the image's default.");
        return null;
    }

    private TimeSpan? ReadDuration(string name, TimeSpan? whenEmpty, params ReadOnlySpan<string> aliases)
    {
        var text = inputs.Get([name, .. aliases]);
        if (text.Length == 0)
        {
            return whenEmpty;
        }

        if (Duration.TryParse(text, out var duration) && duration >= TimeSpan.FromSeconds(1) && duration <= TimeSpan.FromDays(7))
        {
            return duration;
        }

        Wrong(name, $"'{text}' is not a length of time between a second and a week.", $"Write {Duration.Rule}.");
        return null;
    }

    private bool ReadFlag(string name)
    {
        switch (inputs.Get(name))
        {
            case "true" or "True" or "TRUE":
                return true;
            case "" or "false" or "False" or "FALSE":
                return false;
            default:
                Wrong(name, $"'{inputs.Get(name)}' is neither true nor false.", "Write true or false.");
                return false;
        }
    }

    private void Wrong(string input, string cause, string remedy) => _errors.Add(new InputError(input, cause, remedy));
}
