using Provisioner.Hypervisors;
using Provisioner.Tests.Nasty;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>Hostile text in each field that the driver is given, and the list of arguments that its program really gets (threat T9).</summary>
public sealed class VirtualBoxNastyText : IDisposable
{
    private const int Patience = 300_000;
    private const int Fields = 5;

    private readonly FakeVirtualBox box = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task Hostile_text_is_one_whole_argument_or_none()
    {
        // Each argument with an end that no argument can hold, and an empty one behind the last.
        box.Script($"printf '%s\\0' \"$@\" '' >> \"$VBOX_USER_HOME/arguments\"\nexec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.OpenPatiently();
        var cloned = 0;
        foreach (var (index, text) in NastyText.Listed.Index())
        {
            Assert.False(VmId.TryParse(text, out _));
            cloned += await GiveAsync(hypervisor, index % Fields, text) ? 1 : 0;
            var calls = Recorded();
            Assert.All(calls, argument => Assert.True(!argument.Contains(NastyText.Mark, StringComparison.Ordinal) || argument == text, $"'{text}' arrived as '{argument}'"));
        }

        Assert.True(NastyText.Listed.Count > 200);
        Assert.True(cloned > 20, $"Only {cloned} got as far as a machine.");
    }

    public void Dispose() => box.Dispose();

    /// <returns>Whether a machine was made with it.</returns>
    private static async Task<bool> GiveAsync(IHypervisor hypervisor, int field, string text)
    {
        var harmless = new VmSpecification { Id = VmId.Parse("a1"), Image = new BaseImage(FakeVirtualBox.Base), Label = "a1", Owner = "acme", Repository = "widgets" };
        var given = field switch
        {
            0 => harmless with { Image = new BaseImage(text) },
            1 => harmless with { Image = new BaseImage(FakeVirtualBox.Base, text) },
            2 => harmless with { Label = text },
            3 => harmless with { Owner = text },
            _ => harmless with { Repository = text },
        };
        try
        {
            await hypervisor.EnsureClonedAsync(given, Token);
        }
        catch (Exception refusal) when (refusal is HypervisorException or ArgumentException)
        {
            return false;
        }
        finally
        {
            await hypervisor.EnsureGoneAsync(given.Id, Token);
        }

        return true;
    }

    private string[] Recorded()
    {
        var file = Path.Combine(box.Options.UserHome!, "arguments");
        var all = File.ReadAllText(file).Split('\0');
        File.Delete(file);
        return all;
    }
}
