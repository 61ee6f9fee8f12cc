using System.CommandLine;

namespace Provisioner.Server.Commands;

/// <summary>The command line: without a verb the server runs; <c>token</c>, <c>policy</c>, <c>audit</c>, <c>image</c>, <c>hardware</c>, <c>doctor</c> and <c>init</c> are the operator's.</summary>
internal static class ServerCommand
{
    public static RootCommand Create()
    {
        var run = new RunFlags();
        var root = new RootCommand(
            """
            Virtual machines of this host as single-use GitHub Actions runners, behind a TLS-only REST API.

            Settings come from --config FILE (JSON with comments), then from environment variables (VBDP_PORT,
            VBDP_GITHUB__TOKENFILE, ...), then from these options. See docs/reference/configuration.md.
            Exit codes: 0 done, or stopped on request; 1 failed; 2 wrong settings or words, and nothing was done.
            """);
        run.AddTo(root);
        root.SetAction((parsed, cancellationToken) => RunCommand.RunAsync(run.Read(parsed), cancellationToken));
        root.Add(TokenCommand.Create(run.Config));
        root.Add(PolicyCommand.Create(run.Config));
        root.Add(AuditCommand.Create(run.Config));
        root.Add(ImageCommand.Create(run.Config));
        root.Add(HardwareCommand.Create());
        root.Add(DoctorCommand.Create(run.Config));
        root.Add(InitCommand.Create());
        root.Add(Client.Commands.CompletionCommand.Build("virtualbox-server"));
        return root;
    }
}
