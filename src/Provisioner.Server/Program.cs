using System.CommandLine;
using Provisioner.Server.Commands;

// Asked to stop, the server ends in order what is under way, within the 30 seconds that its host allows; the command line would end it after 2.
var patient = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(45) };
return await ServerCommand.Create().Parse(RunFlags.WithTwoDashes(args)).InvokeAsync(patient);
