namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>One VirtualBox with one image, for tests that each leave it as they found it.</summary>
public sealed class LabWithImage : IAsyncLifetime
{
    private VirtualBoxLab? lab;

    internal VirtualBoxLab Lab => lab!;

    public async ValueTask InitializeAsync()
    {
        lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
    }

    public async ValueTask DisposeAsync()
    {
        if (lab is not null)
        {
            await lab.DisposeAsync();
        }
    }
}
