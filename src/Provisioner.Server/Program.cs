using System.CommandLine;
using System.CommandLine.Invocation;
using Provisioner.Server.Commands;

// Asked to stop, the server ends in order what is under way, within the 30 seconds that its host allows; the command line would end it after 2.
var patient = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(45) };
var parsed = ServerCommand.Create().Parse(RunFlags.WithTwoDashes(args));
if (parsed.Action is not ParseErrorAction)
{
    return await parsed.InvokeAsync(patient);
}

// Without the page of help below it, in which nobody sees what is wrong. What was not understood was not done, and 1 has a meaning of its own.
foreach (var mistake in parsed.Errors)
{
    await Console.Error.WriteLineAsync($"virtualbox-server: {mistake.Message}");
}

await Console.Error.WriteLineAsync("Try: virtualbox-server --help, and --help after a verb");
return ExitCodes.Refused;
