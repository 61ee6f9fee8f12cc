using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Access;

/// <summary>The operator binds a token with the program itself.</summary>
public sealed class TokenCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("token-command").FullName;

    [Fact(Timeout = 60_000)]
    public async Task A_token_is_bound_to_images_and_a_number_of_vms_and_the_list_shows_it()
    {
        File.WriteAllText(Path.Combine(_folder, "cert.pem"), "");
        string[] config = ["--config", Path.Combine(_folder, "server.json")];
        File.WriteAllText(config[1], $$"""{ "certFile": "{{_folder}}/cert.pem", "keyFile": "{{_folder}}/cert.pem", "dataFolder": "{{_folder}}/data", "hypervisor": "simulated" }""");

        var bound = await RunAsync(["token", "create", "--name", "bound", "--repository", "acme/gpu", "--image", "debian-12", "--image", "gpu-12", "--max-vms", "2", .. config]);
        var free = await RunAsync(["token", "create", "--name", "free", "--repository", "acme/*", .. config]);
        var wrong = await RunAsync(["token", "create", "--name", "none", "--repository", "acme/*", "--max-vms", "0", .. config]);
        var list = await RunAsync(["token", "list", .. config]);

        Assert.Equal((0, 0, 2), (bound.Code, free.Code, wrong.Code));
        Assert.Equal(
            ["bound acme/gpu; images: debian-12, gpu-12; VMs: 2; never used", "free acme/*; never used"],
            list.Output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2..])));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(int Code, string Output)> RunAsync(string[] arguments)
    {
        using var program = ProductProgram.Start("virtualbox-server", new Dictionary<string, string>(), arguments);
        return (await program.ExitAsync(), program.Output);
    }
}
