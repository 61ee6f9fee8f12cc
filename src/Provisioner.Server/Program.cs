using Provisioner.Server.Commands;

return await ServerCommand.Create().Parse(args).InvokeAsync();
