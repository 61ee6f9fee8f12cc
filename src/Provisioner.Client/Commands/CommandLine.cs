using System.CommandLine;
using System.CommandLine.Invocation;
using Provisioner.Client.Text;

namespace Provisioner.Client.Commands;

/// <summary>The program as an operator's command line.</summary>
internal sealed class CommandLine(CommandContext context)
{
    private const string Description = """
        Virtual machines as GitHub Actions runners: creates, deletes and watches them on a virtualbox-server.

        Data goes to standard output, progress and errors to standard error. In a workflow step, without arguments, it is the Action.

        Exit codes:
          0 done   1 failed   2 usage   3 not found   4 denied   5 timed out   6 no room or too many requests
          7 server unreachable or not trusted   8 the host's hypervisor failed   130 interrupted
        """;

    public async Task<ExitCode> RunAsync(IReadOnlyList<string> arguments, CancellationToken interrupted)
    {
        var line = Build().Parse(arguments);
        if (line.Errors.Count > 0 && arguments.Count > 0 && line.Action is ParseErrorAction)
        {
            Explain(line);
            return ExitCode.Usage;
        }

        // Signals are ours (Interruption), and so are exceptions: both must end in the documented exit codes.
        var invocation = new InvocationConfiguration { Output = context.Out, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            var code = await line.InvokeAsync(invocation, interrupted);
            return line.Action is ParseErrorAction ? ExitCode.Usage : (ExitCode)code;
        }
        catch (ClientException error)
        {
            Explain(error);
            return error.ExitCode;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            context.Error.Write("virtualbox-client: interrupted\n");
            return ExitCode.Interrupted;
        }
        catch (IOException error)
        {
            // Of the network's nothing gets here. A reader that goes away is no error: a pipe's end is not told.
            context.Error.Write($"virtualbox-client: the output cannot be written: {error.Message}\n");
            return ExitCode.Failure;
        }
    }

    internal RootCommand Build()
    {
        var connection = new ConnectionOptions(context);
        var output = new OutputOptions();
        var root = new RootCommand(Description)
        {
            new CreateCommand(context, connection, output).Build(),
            new DeleteCommand(context, connection).Build(),
            new ListCommand(context, connection, output).Build(),
            new ShowCommand(context, connection, output).Build(),
            new ExtendCommand(context, connection, output).Build(),
            new WatchCommand(context, connection).Build(),
            new ExplainCommand(context, connection).Build(),
            new LogsCommand(context, connection).Build(),
            new ConsoleCommand(context, connection).Build(),
            new EventsCommand(context, connection).Build(),
            new ImagesCommand(context, connection, output).Build(),
            new TopCommand(context, connection).Build(),
            new HostsCommand(context, connection, output).Build(),
            new DrainCommand(context, connection, output).Build(),
            new ResumeCommand(context, connection, output).Build(),
            new DoctorCommand(context, connection).Build(),
            CompletionCommand.Build("virtualbox-client"),
        };
        connection.AddTo(root);
        return root;
    }

    /// <summary>Without the page of help below it, in which nobody sees what is wrong; and without a token that somebody gave as an argument.</summary>
    private void Explain(ParseResult line)
    {
        foreach (var error in line.Errors)
        {
            var message = line.Tokens.Where(token => token.Value.Contains("vbdp_", StringComparison.Ordinal))
                .Aggregate(error.Message, (text, token) => text.Replace(token.Value, "***", StringComparison.Ordinal));
            context.Error.Write($"virtualbox-client: {Untrusted.Line(message)}\n");
        }

        context.Error.Write("  See virtualbox-client --help, and --help after a command.\n");
    }

    private void Explain(ClientException error)
    {
        context.Error.Write($"virtualbox-client: {Untrusted.Line(error.Cause)}\n  {Untrusted.Line(error.Remedy)}\n");
        if (error.Console is { Length: > 0 } console)
        {
            context.Error.Write("Last lines of the guest's console:\n");
            foreach (var line in Untrusted.Lines(console))
            {
                context.Error.Write($"  {line}\n");
            }
        }
    }
}
