using Provisioner.Client.Api;
using Provisioner.Client.Text;

namespace Provisioner.Tests.Client;

public sealed class TextTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("1h30m", 5400)]
    [InlineData("2d", 172800)]
    [InlineData("01:00:30", 3630)]
    public void A_duration_is_read_as_people_write_it(string text, int seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("-1m")]
    [InlineData("10m 5")]
    [InlineData("5s10m")]
    public void A_duration_without_its_unit_is_not_guessed(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("4096M", 4096)]
    [InlineData("4G", 4096)]
    [InlineData("4 GiB", 4096)]
    public void Memory_is_read_in_mebibytes(string text, int mebibytes)
    {
        Assert.True(MemorySize.TryParse(text, out var memory));
        Assert.Equal(mebibytes, memory);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("4.5G")]
    [InlineData("99999999999G")]
    [InlineData("16777216G")]
    public void Memory_that_no_machine_has_is_refused(string text) => Assert.False(MemorySize.TryParse(text, out _));

    [Theory]
    [InlineData("https://vbox.example.org", "https://vbox.example.org/")]
    [InlineData("vbox.example.org", "https://vbox.example.org:8080/")]
    [InlineData("vbox.example.org:8443", "https://vbox.example.org:8443/")]
    [InlineData("[::1]:8443", "https://[::1]:8443/")]
    public void A_server_is_found_by_url_or_by_name(string text, string address)
    {
        Assert.True(ServerAddress.TryParse(text, out var read));
        Assert.Equal(address, read.ToString());
    }

    [Theory]
    [InlineData("\u001b[31mred", @"\x1b[31mred")]
    [InlineData("a\r\n::error::b", @"a\x0d\x0a::error::b")]
    [InlineData("\u202egnp", @"\u202egnp")]
    [InlineData("##[error]x", "# #[error]x")]
    [InlineData("tab\there", "tab    here")]
    [InlineData("grüße 🚀", "grüße 🚀")]
    public void Text_of_others_can_neither_move_the_cursor_nor_command(string text, string shown) => Assert.Equal(shown, Untrusted.Line(text));

    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell() =>
        Assert.Equal("ID     PHASE\nvbx-1  gone\n", Table.Of(["ID", "PHASE"], [["vbx-1", "gone"]]));

    [Fact]
    public void A_fingerprint_may_have_colons_and_capitals()
    {
        var digits = string.Concat(Enumerable.Repeat("AB", 32));

        Assert.True(ServerTrust.TryReadFingerprint($"sha256:{digits}", out var plain));
        Assert.True(ServerTrust.TryReadFingerprint($"SHA256:{string.Join(':', digits.Chunk(2).Select(pair => new string(pair)))}", out var written));
        Assert.Equal(plain, written);
    }
}
