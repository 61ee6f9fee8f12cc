using Microsoft.Playwright;
using Provisioner.Contracts;
using Provisioner.Server.Configuration;
using Provisioner.Tests.Hardware;

namespace Provisioner.Tests.Dashboard;

/// <summary>The devices of a host on its page: free, held and by whom, or absent and why.</summary>
public sealed class DashboardDeviceTests : IDisposable
{
    private const int Patience = 120_000;

    private readonly HostTree _host = new HostTree().Write("dev/ttyUSB0", "").Usb("1", "1050", "0407");

    [Fact(Timeout = Patience)]
    public async Task Each_device_is_free_or_held_by_a_VM_or_absent_for_a_reason()
    {
        await using var browser = await OpenAsync();
        await HoldPortAsync(browser);
        await browser.SignInAsync();
        await browser.SeeAsync("This host can start VMs.");

        Assert.Equal(
            ["license-dongle: free", "serial:/dev/ttyUSB0: held by vm-1", "usb:096e:0006: absent: The USB device 096e:0006 is absent. Plug it in.", "usb:1050:0407: free"],
            await DevicesAsync(browser));

        await browser.Page.Locator("#devices").GetByRole(AriaRole.Link, new() { Name = "vm-1" }).ClickAsync();

        await browser.Page.WaitForURLAsync("**/vms/vm-1");
    }

    [Fact(Timeout = Patience)]
    public async Task A_device_that_is_pulled_out_while_a_VM_has_it_says_both_on_a_page_that_is_open()
    {
        await using var browser = await OpenAsync();
        await HoldPortAsync(browser);
        await browser.SignInAsync();
        await browser.SeeAsync("held by vm-1");

        _host.Unplug("dev/ttyUSB0");

        await browser.SeeAsync("The serial port /dev/ttyUSB0 is absent. Plug it in. held by vm-1");
    }

    [Fact(Timeout = Patience)]
    public async Task On_a_telephone_devices_are_no_wider_than_the_screen()
    {
        await using var browser = await OpenAsync(width: 360);
        await HoldPortAsync(browser);
        await browser.SignInAsync();
        await browser.SeeAsync("This host can start VMs.");

        Assert.Equal(360, await browser.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await browser.ShotAsync("telephone-devices");
    }

    public void Dispose() => _host.Dispose();

    private static async Task HoldPortAsync(Browser browser)
    {
        using var response = await browser.Server.CreateAsync("""{"image": "debian-12", "id": "vm-1", "hardware": "port"}""");
        await browser.Server.FollowAsync("vm-1", change => change.Phase == VmPhase.Online);
    }

    // As a person reads the rows.
    private static async Task<IEnumerable<string>> DevicesAsync(Browser browser) =>
        (await browser.Page.Locator("#devices tbody tr").AllInnerTextsAsync()).Select(row => row.Replace("\t", ": ", StringComparison.Ordinal));

    private Task<Browser> OpenAsync(int width = 1280) => Browser.OpenAsync(
        options =>
        {
            options.Simulated.HostFolder = _host.Root;
            options.Capacity.Devices = ["license-dongle"];
            options.Hardware["port"] = new HardwareOptions { Serial = ["/dev/ttyUSB0"] };
            options.Hardware["key"] = new HardwareOptions { Usb = [new UsbOptions { Vendor = "096e", Product = "0006" }] };
            options.Hardware["other-key"] = new HardwareOptions { Usb = [new UsbOptions { Vendor = "1050", Product = "0407" }] };
        },
        width);
}
