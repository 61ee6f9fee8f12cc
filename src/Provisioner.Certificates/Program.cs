using Provisioner.Certificates;

return await CertGenerator.RunAsync(args, TimeProvider.System, Console.Out, Console.Error);
