using Provisioner.Server.Commands;

return await ServerCommand.Create().Parse(RunFlags.WithTwoDashes(args)).InvokeAsync();
