using Provisioner.RunnerStandIn;

return args switch
{
    ["--version"] => Say(Terminal.Version),
    ["warmup"] => ExitCode.Success, // nothing to compile ahead here: it is a native program
    [] or ["run", ..] or ["--jitconfig", ..] => await Listener.RunProgramAsync(args),
    _ => Complain(),
};

static int Say(string text)
{
    Console.WriteLine(text);
    return ExitCode.Success;
}

static int Complain()
{
    Console.Error.WriteLine("This stand-in of the GitHub Actions runner knows `run`, `run --jitconfig BLOB`, `warmup` and `--version` only.");
    return ExitCode.Terminated;
}
