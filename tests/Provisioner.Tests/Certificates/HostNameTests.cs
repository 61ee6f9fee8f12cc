using Provisioner.Certificates;

namespace Provisioner.Tests.Certificates;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("VM1.Example.COM", "vm1.example.com")]
    [InlineData("*.example.com", "*.example.com")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("10.0.0.5", "10.0.0.5")]
    [InlineData("::1", "::1")]
    [InlineData("2001:DB8::0:1", "2001:db8::1")]
    [InlineData("a--b", "a--b")]
    public void Names_and_addresses_are_read(string text, string expected)
    {
        var name = HostName.TryParse(text, out var problem);

        Assert.Equal("", problem);
        Assert.Equal(expected, name?.Text);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("a b", "space")]
    [InlineData("a\tb", "space")]
    [InlineData("a\0b", "control")]
    [InlineData("https://vm1", "URL")]
    [InlineData("10.0.0.0/8", "slash")]
    [InlineData("[::1]", "brackets")]
    [InlineData("vm1:8080", "port")]
    [InlineData("fe80::1%eth0", "zone")]
    [InlineData("0.0.0.0", "every address")]
    [InlineData("::", "every address")]
    [InlineData("1", "IPv4")]
    [InlineData("1.2.3", "IPv4")]
    [InlineData("1.2.3.256", "IPv4")]
    [InlineData("010.0.0.1", "IPv4")]
    [InlineData("-a", "no host name")]
    [InlineData("a-", "no host name")]
    [InlineData("a..b", "no host name")]
    [InlineData("a.", "no host name")]
    [InlineData("a_b", "no host name")]
    [InlineData("$(id)", "no host name")]
    [InlineData("*", "wildcard")]
    [InlineData("*.com", "top-level")]
    [InlineData("a*.example.com", "wildcard")]
    [InlineData("*.*.example.com", "wildcard")]
    public void What_cannot_stand_in_a_certificate_is_refused_with_the_reason(string text, string reason)
    {
        Assert.Null(HostName.TryParse(text, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_too_long_are_refused()
    {
        Assert.NotNull(HostName.TryParse(new string('a', 63), out _));
        Assert.Null(HostName.TryParse(new string('a', 64), out _));
        Assert.Null(HostName.TryParse(string.Join('.', Enumerable.Repeat(new string('a', 60), 5)), out _));
    }

    [Fact]
    public void All_wrong_names_are_told_at_once()
    {
        var failure = Assert.Throws<CertificateException>(() => HostNames.Parse(["good,a b", "0.0.0.0,https://x"]));

        Assert.Equal(3, failure.Message.Split('\n').Count(line => line.StartsWith("  - ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_name_that_is_given_twice_stands_once()
    {
        Assert.Equal("a, 10.0.0.5", HostNames.Parse(["a,10.0.0.5", "A,a"]).ToString());
    }
}
