namespace Provisioner.Tests.Images;

public sealed class ConfigureOnVirtualBoxTests
{
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Shells), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task A_guest_reads_its_configuration_from_properties_in_pieces(string shell)
    {
        using var host = new GuestOnVirtualBox();
        host.OfferConfiguration();

        var life = await host.Guest.ConfigureAsync(shell);

        Assert.Equal(["ready", "configuring", "online", "busy", "done"], host.Phases);
        Assert.Equal(host.Guest.Secret, host.Guest.Received);
        Assert.Contains("label vm-1", life.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Guest.Secret[..60], life.Output, StringComparison.Ordinal);
        Assert.Empty(host.Guest.FilesWithTheSecret());
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task A_missing_piece_is_named(string shell)
    {
        using var host = new GuestOnVirtualBox();
        host.OfferConfiguration();
        host.Unset("pending", "/VBDP/Config/2");

        await host.Guest.ConfigureAsync(shell);

        Assert.Equal(["ready", "failed: part 2 of the configuration is missing"], host.Phases);
        Assert.True(host.Guest.PoweredOff);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("-1", "sh")]
    [InlineData("1000", "sh")]
    [InlineData("two", "sh")]
    [InlineData("-1", PowerShell.Name)]
    [InlineData("1000", PowerShell.Name)]
    [InlineData("two", PowerShell.Name)]
    public async Task An_impossible_number_of_pieces_is_refused(string count, string shell)
    {
        using var host = new GuestOnVirtualBox();
        host.OfferConfiguration();
        host.Set("pending", "/VBDP/Config/Count", count);

        await host.Guest.ConfigureAsync(shell);

        Assert.Equal("failed: the configuration is said to have an impossible number of parts", host.Phases[^1]);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(ConfigureOnQemuTests.Twins), MemberType = typeof(ConfigureOnQemuTests))]
    public async Task The_base_itself_is_nobodys_clone_and_is_left_alone(string shell)
    {
        using var host = new GuestOnVirtualBox();
        host.Unset("properties", "/VBDP/Id");

        var life = await host.Guest.ConfigureAsync(shell);

        Assert.Equal(0, life.ExitCode);
        Assert.Empty(host.Phases);
        Assert.False(host.Guest.PoweredOff);
    }
}
