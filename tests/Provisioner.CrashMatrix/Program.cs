using Provisioner.CrashMatrix;

return await Matrix.RunAsync(MatrixOptions.Read(args));
