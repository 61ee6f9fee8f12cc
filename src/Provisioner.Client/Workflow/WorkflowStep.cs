namespace Provisioner.Client.Workflow;

/// <summary>The program as the Action: one step of a workflow, in its main or its post stage.</summary>
internal sealed class WorkflowStep(IReadOnlyDictionary<string, string> environment, TextWriter output, TimeProvider time)
{
    private readonly WorkflowLog _log = new(output, time);
    private readonly StepFiles _files = new(environment);

    /// <summary>Without arguments in a step, or by the verb <c>action</c>.</summary>
    public static bool IsWanted(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment) =>
        arguments is ["action"] or ["action", "main" or "post"] || (arguments.Count == 0 && environment.GetValueOrDefault("GITHUB_ACTIONS") == "true" && Inputs.ArePresent(environment));

    /// <summary>
    /// The runner starts the post stage by another entry point of the same image (action.yml), which can have no arguments; hence the
    /// name. Its state betrays it too, so that a post stage can never create a second VM.
    /// </summary>
    public static bool IsPost(string programName, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment) =>
        arguments is ["action", "post"]
        || Path.GetFileName(programName).EndsWith("-post", StringComparison.Ordinal)
        || StepState.Read(environment, StepState.Started) is not null;

    public async Task<ExitCode> RunAsync(bool post, CancellationToken interrupted)
    {
        var inputs = new Inputs(environment);
        _log.Mask(inputs.Get("api-token"));
        _log.Mask(inputs.Get("token"));
        _log.Mask(environment.GetValueOrDefault(JobTokens.Bearer) ?? "");
        try
        {
            return post ? await PostAsync(interrupted) : await MainAsync(inputs, interrupted);
        }
        catch (ClientException error)
        {
            _log.Error(error.Title, error.Message);
            if (error.Console is { Length: > 0 } console)
            {
                _log.Console(console);
            }

            return error.ExitCode;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.Error("Cannot write", $"A file of the runner cannot be written ({error.Message}). See the disk of the machine that runs this step, and that the container runs as root.");
            return ExitCode.Failure;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            _log.Warning("Interrupted", "The step was cancelled.");
            return ExitCode.Interrupted;
        }
    }

    private async Task<ExitCode> PostAsync(CancellationToken interrupted)
    {
        await new PostStep(environment, _log, time).RunAsync(interrupted);
        return ExitCode.Ok;
    }

    private async Task<ExitCode> MainAsync(Inputs inputs, CancellationToken interrupted)
    {
        _files.State(StepState.Started, "true");
        var reader = new StepRequestReader(inputs, RunIdentity.From(environment), environment.GetValueOrDefault("GITHUB_REPOSITORY"), new JobTokens(environment, _log.Mask, time));
        if (reader.Read() is not { } request)
        {
            foreach (var error in reader.Errors)
            {
                _log.Error($"Input {error.Input}", $"{error.Input}: {error.Cause} {error.Remedy}");
            }

            return ExitCode.Usage;
        }

        var work = request.Mode switch
        {
            StepMode.Create => new CreateStep(request, _log, _files, time).RunAsync(interrupted),
            StepMode.Delete => new DeleteStep(request, new Registration(request.GitHubToken, environment, _log, time), _log, time).RunAsync(interrupted),
        };
        await work;
        return ExitCode.Ok;
    }
}
