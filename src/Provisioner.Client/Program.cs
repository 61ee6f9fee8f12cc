using System.Collections;
using Provisioner.Client;
using Provisioner.Client.Commands;
using Provisioner.Client.Workflow;

using var interruption = new Interruption(TimeProvider.System, Environment.Exit);
var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");

if (WorkflowStep.IsWanted(args, environment))
{
    var post = WorkflowStep.IsPost(Environment.GetCommandLineArgs()[0], args, environment);
    return (int)await new WorkflowStep(environment, Console.Out, TimeProvider.System).RunAsync(post, interruption.Token);
}

var context = new CommandContext(environment, Console.In, Console.Out, Console.Error, TimeProvider.System)
{
    ErrorIsTerminal = !Console.IsErrorRedirected,
    Terminal = Console.IsOutputRedirected ? null : () => (Console.WindowWidth, Console.WindowHeight),
};
return (int)await new CommandLine(context).RunAsync(args, interruption.Token);
