using Provisioner.GitHubSimulator;

return await CommandLine.Create().Parse(args).InvokeAsync();
