using System.Net;
using Provisioner.Server.Api;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>Who may use the calls of the Go version, and for what: nobody, unless networks, repositories and images are listed.</summary>
public sealed class LegacyAccessTests
{
    private const int Patience = 60_000;

    [Theory(Timeout = Patience)]
    [InlineData("/create/vbx-1/acme/gpu/debian-12")]
    [InlineData("/delete/vbx-1")]
    public async Task They_are_not_there_unless_switched_on(string path)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.StartsWith("404 application/problem+json", await server.CallAsync(path), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task An_address_outside_of_the_networks_is_refused_whatever_its_headers_say()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            LegacyCalls.Allow(options);
            options.Legacy.Networks = ["10.0.0.0/8"];
        });

        LegacyCalls.AssertRefused(await server.CallAsync("/create/vbx-1/acme/gpu/debian-12", forwardedFor: "10.0.0.1"), "legacy.networks");
        LegacyCalls.AssertRefused(await server.CallAsync("/delete/vbx-1", forwardedFor: "10.0.0.1"), "legacy.networks");
        Assert.Empty(server.Vms.List());
    }

    [Theory(Timeout = Patience)]
    [InlineData("acme/other/debian-12", "legacy.repositories")]
    [InlineData("acme2/gpu/debian-12", "legacy.repositories")]
    [InlineData("--flags/gpu/debian-12", "legacy.repositories")]
    [InlineData("a%20b/gpu%0A/debian-12", "legacy.repositories")]
    [InlineData("acme/*/debian-12", "legacy.repositories")]
    [InlineData("acme/gpu/secret", "Ask for one of: debian-12")]
    [InlineData("acme/gpu/--help", "Ask for one of: debian-12")]
    [InlineData("acme/gpu/DEBIAN-12", "Ask for one of: debian-12")]
    public async Task What_is_not_listed_is_refused_with_what_to_do_and_leaves_nothing(string rest, string words)
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            LegacyCalls.Allow(options);
            options.Images["secret"] = new ImageOptions { Source = "secret" };
        });

        LegacyCalls.AssertRefused(await server.CallAsync($"/create/vbx-1/{rest}"), words);
        Assert.Empty(server.Vms.List());
    }

    [Fact(Timeout = Patience)]
    public async Task A_vm_of_another_caller_looks_like_none_and_stays()
    {
        await using var server = await RunningServer.StartAsync(LegacyCalls.Allow);
        await server.CreateVmAsync("with-a-token");

        Assert.Equal(LegacyCalls.NoMachine, await server.CallAsync("/delete/with-a-token"));
        Assert.Equal(Wanted.Present, server.Vms.List().Single().Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task A_vm_of_a_repository_that_is_no_longer_listed_looks_like_none_and_stays()
    {
        LegacyOptions? lists = null;
        await using var server = await RunningServer.StartAsync(options =>
        {
            LegacyCalls.Allow(options);
            lists = options.Legacy;
        });
        await server.CallAsync("/create/vbx-1/acme/gpu/debian-12");
        lists!.Repositories[0] = "acme/other";

        Assert.Equal(LegacyCalls.NoMachine, await server.CallAsync("/delete/vbx-1"));
        Assert.Equal(Wanted.Present, server.Vms.List().Single().Wanted);
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("11.1.2.3", false)]
    [InlineData("::ffff:11.1.2.3", false)]
    [InlineData("fd00:1::7", true)]
    [InlineData("fd00:2::7", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData(null, false)]
    public void An_address_is_judged_by_the_networks(string? address, bool allowed)
    {
        var callers = new LegacyCallers(new ServerOptions { Legacy = new LegacyOptions { Networks = ["10.0.0.0/8", "fd00:1::/64"] } });

        Assert.Equal(allowed, callers.At(address is null ? null : IPAddress.Parse(address)) is not null);
    }

    [Fact]
    public void All_that_is_wrong_with_the_lists_is_said_at_once()
    {
        var options = new ServerOptions { Legacy = new LegacyOptions { Enabled = true } };
        Assert.Equal(["legacy.networks", "legacy.repositories", "legacy.images"], LegacyRules.Errors(options).Select(error => error.Split(':')[0]));

        options.Legacy.Networks = ["10.0.0.0", "everywhere", "10.0.0.0/33", "0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104", null!];
        options.Legacy.Repositories = ["*/*", "acme", null!];
        options.Legacy.Images = ["debian-12", null!];
        Assert.Equal(12, LegacyRules.Errors(options).Count());

        options.Legacy.Enabled = false;
        Assert.Empty(LegacyRules.Errors(options));
    }
}
