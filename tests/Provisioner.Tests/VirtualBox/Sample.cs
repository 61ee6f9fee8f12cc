namespace Provisioner.Tests.VirtualBox;

/// <summary>What a real VBoxManage 7.2 printed, recorded.</summary>
internal static class Sample
{
    public static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "VirtualBox", "Samples", name + ".txt"));
}
