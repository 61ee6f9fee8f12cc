using System.CommandLine;
using Provisioner.Server.Commands;

// Asked to stop, the server ends in order what is under way, within the 30 seconds that its host allows; the command line would end it after 2.
var patient = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(45) };
var parsed = ServerCommand.Create().Parse(RunFlags.WithTwoDashes(args));
var code = await parsed.InvokeAsync(patient);
return parsed.Errors.Count > 0 ? 2 : code; // what was not understood was not done, and 1 has a meaning of its own
