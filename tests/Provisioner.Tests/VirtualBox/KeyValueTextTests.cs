using CsCheck;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class KeyValueTextTests
{
    [Fact(Timeout = 60_000)]
    public void Whatever_7_2_writes_is_read_back()
    {
        var keys = Gen.String[Gen.Char["abZ09-"], 1, 12];
        var values = Gen.String[Gen.Char["ab 09=\"\\,é\n"], 0, 20];

        Gen.Select(keys, values).List[0, 5].Sample(
            pairs => KeyValueText.Parse(string.Concat(pairs.Select(p => $"{p.Item1}=\"{Escape(p.Item2)}\"\n")))
                .Select(p => (p.Key, p.Value)).SequenceEqual(pairs),
            iter: 100_000);
    }

    [Fact(Timeout = 60_000)]
    public void Before_7_2_quotes_and_backslashes_were_bare()
    {
        var pair = Assert.Single(KeyValueText.Parse("name=\"a\"b\\c\"\n"));

        Assert.Equal("a\"b\\c", pair.Value);
    }

    [Fact(Timeout = 60_000)]
    public void Lines_without_a_key_are_passed_over()
    {
        var pairs = KeyValueText.Parse(" rec_screen0\r\nmemory=256\r\n\"SATA-0-0\"=\"none\"\r\n");

        Assert.Equal([new("memory", "256"), new("SATA-0-0", "none")], pairs);
    }

    [Fact(Timeout = 60_000)]
    public void Garbage_ends() =>
        Gen.String[Gen.Char["a=\"\\\r\n "], 0, 60].Sample(text => KeyValueText.Parse(text).Count() <= text.Length, iter: 100_000);

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
