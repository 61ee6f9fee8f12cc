using System.Text;
using CsCheck;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

/// <summary>
/// A million inputs: samples cut, spliced and salted, and text of the parsers' own signs. None may throw, and none may give more
/// than it was given. They are the same in each run; the one that fails is printed with the seed that makes it alone.
/// </summary>
public sealed class ParserFuzzTests
{
    private const int Inputs = 125_000;
    private const int Longest = 1200;
    private const string Seed = "0N0XIzNsQ0O2";

    private static readonly string[] Salt =
    [
        "\"", "\\", "\n", "\r\n", "\0", " ", "=", "'", "= '", "' @ ", "{", "}", "\" {", "é", "😀", "\ud83d", ", value: ", ", flags:", ", timestamp: ", "Name: ", "Key: ",
        "Value: ", "UUID: ", "Location: ", "code ", "%...", "VBOX_E_", "VBoxManage: error: ", "9f1bf398-7edd-466d-9803-910bf431b955", "99999999999999999999",
    ];

    private static readonly string[] Samples =
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "VirtualBox", "Samples")).Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    [Fact(Timeout = 120_000)]
    public void Lists_of_machines() => Fuzz(text => RegisteredVm.ParseList(text).Count);

    [Fact(Timeout = 120_000)]
    public void Lists_of_disks() => Fuzz(text => Hdd.ParseList(text).Count);

    [Fact(Timeout = 120_000)]
    public void Machines() => Fuzz(text =>
    {
        var info = VmInfo.Parse(text);
        return (info.Name.Length > text.Length ? 1 : 0) + info.Disks.Count + info.Description.Length + ((int)info.Power * 0);
    });

    [Fact(Timeout = 120_000)]
    public void Keys_and_values() => Fuzz(text => KeyValueText.Parse(text).Count());

    [Fact(Timeout = 120_000)]
    public void Guest_properties() => Fuzz(text => GuestPropertyText.ParseNames(text).Count);

    [Fact(Timeout = 120_000)]
    public void Values_and_changes() => Fuzz(text =>
        Math.Max(GuestPropertyText.ParseValue(text)?.Length ?? 0, GuestPropertyText.ParseChange(text, "/VBDP/Phase")?.Length ?? 0));

    [Fact(Timeout = 120_000)]
    public void Results_and_versions() => Fuzz(text =>
    {
        var result = new VBoxResult(0, text, text);
        _ = (result.Succeeded, result.IsNotFound, result.IsLocked, result.IsInaccessible, result.IsInTransition, VBoxVersion.Parse(text));
        return Math.Max(result.Code.Length, result.Message.Length - "exit code 0".Length);
    });

    [Fact(Timeout = 120_000)]
    public void Settings() => Fuzz(Damage(), Inputs / 4, text => SettingsFile.TryRead(new MemoryStream(Encoding.UTF8.GetBytes(text))) is { } settings
        ? settings.Disks.Count + settings.Snapshots.Count + settings.ExtraData.Count + settings.GuestProperties.Count
        : 0);

    // A guest can have hundreds of properties of a kilobyte each, and chooses their names and values. What is read in one pass
    // takes no time; what goes back and forth would take hours, and run into the timeout.
    [Theory(Timeout = 60_000)]
    [InlineData("a = '")]
    [InlineData("'  ")]
    [InlineData("a = '' @ ")]
    [InlineData(" ")]
    [InlineData("Name: a, value: ")]
    [InlineData("Name: a, value: b, timestamp: 1")]
    [InlineData("Key: a, Value")]
    [InlineData("UUID: 9f1bf398-7edd-466d-9803-910bf431b955\n")]
    [InlineData("\" {9f1bf398-7edd-466d-9803-910bf431b955}")]
    [InlineData("\"a=")]
    [InlineData("a=\"\n")]
    [InlineData("\\\"")]
    public async Task The_worst_that_a_guest_can_write_is_read_in_one_pass(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));

        await Task.Run(
            () => _ = (RegisteredVm.ParseList(text), Hdd.ParseList(text), VmInfo.Parse(text), GuestPropertyText.ParseNames(text),
                new VBoxResult(1, text, text).Code, VBoxVersion.Parse(text)),
            TestContext.Current.CancellationToken);
    }

    // What is read is counted, for it can be no more than the characters there are: a parser that does not move on would exceed it.
    private static void Fuzz(Func<string, int> parse) => Fuzz(Gen.OneOf(Mutations(), Noise()), Inputs, parse);

    private static void Fuzz(Gen<string> inputs, int count, Func<string, int> parse)
    {
        var random = PCG.Parse(Seed);
        for (var i = 0; i < count; i++)
        {
            var seed = random.ToString();
            var text = inputs.Generate(random, null, out _);
            var failure = Record.Exception(() => Assert.InRange(parse(text), 0, text.Length));
            Assert.True(failure is null, $"Input {i}, seed {seed}: {text}\n{failure}");
        }
    }

    private static Gen<string> Noise() => Gen.String[Gen.Char["\"\\{}=:'@%,. \r\n0aVé-_\0"], 0, 200];

    private static Gen<string> OneOf(string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    // Two pieces of samples, with something odd between and behind them.
    private static Gen<string> Mutations() =>
        Gen.Select(Piece(), OneOf(Salt), Piece(), OneOf(Salt), (first, salt, second, more) => first + salt + second + more);

    // A whole settings file that something was cut from and put into: most of them are no XML any more, some are.
    private static Gen<string> Damage() =>
        Gen.Select(OneOf([Sample.Read("settings-clone"), Sample.Read("settings-plain-clone")]), Gen.Int[0, 1 << 16], Gen.Int[0, 40], OneOf(Salt), (sample, at, length, salt) =>
        {
            var start = at % sample.Length;
            return sample[..start] + salt + sample[Math.Min(sample.Length, start + length)..];
        });

    private static Gen<string> Piece() => Gen.Select(OneOf(Samples), Gen.Int[0, 1 << 16], Gen.Int[0, Longest / 2], (sample, at, length) =>
    {
        var start = sample.Length == 0 ? 0 : at % sample.Length;
        return sample.Substring(start, Math.Min(length, sample.Length - start));
    });
}
