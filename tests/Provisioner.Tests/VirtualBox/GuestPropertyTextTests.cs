using CsCheck;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class GuestPropertyTextTests
{
    private static readonly string[] OddNames = ["--flags=x", "/a/b c", "a\nb", "a\"b", "a,b", "a=b", "é", "plain"];

    [Theory(Timeout = 10_000)]
    [InlineData("guestproperty-enumerate")]
    [InlineData("guestproperty-enumerate-old")]
    public void Odd_names_are_read_in_the_form_of_either_version(string sample)
    {
        var names = GuestPropertyText.ParseNames(Sample.Read(sample));

        Assert.Equal(21, names.Count);
        Assert.Empty(OddNames.Except(names));
    }

    [Fact(Timeout = 10_000)]
    public void Flags_are_not_part_of_a_name()
    {
        var names = GuestPropertyText.ParseNames(Sample.Read("guestproperty-enumerate-flags"));

        Assert.Equal(["/f/", "/f/RDONLYGUEST", "/f/RDONLYHOST", "/f/READONLY", "/f/TRANSIENT_RDONLYGUEST"], names);
    }

    [Fact(Timeout = 10_000)]
    public void No_properties_are_no_names() => Assert.Empty(GuestPropertyText.ParseNames(Sample.Read("guestproperty-enumerate-none")));

    [Fact(Timeout = 10_000)]
    public void No_extra_data_is_no_value() => Assert.Null(GuestPropertyText.ParseValue(Sample.Read("getextradata-missing")));

    [Theory(Timeout = 10_000)]
    [InlineData("Value: ready\n", "ready")]
    [InlineData("Value: failed: no disk, no luck\r\n", "failed: no disk, no luck")]
    [InlineData("No value set!\n", null)]
    [InlineData("", null)]
    public void A_value_is_all_that_follows(string output, string? value) => Assert.Equal(value, GuestPropertyText.ParseValue(output));

    [Fact(Timeout = 10_000)]
    public void A_change_is_read_from_what_was_waited_for() =>
        Assert.Equal("ready", GuestPropertyText.ParseChange(Sample.Read("gp-wait-hit"), "/gha/state"));

    [Theory(Timeout = 10_000)]
    [InlineData("Property /VBDP/Phase was deleted\n")]
    [InlineData("Name: /VBDP/Other, value: ready, flags: \n")]
    [InlineData("")]
    public void Anything_else_is_no_change(string output) => Assert.Null(GuestPropertyText.ParseChange(output, "/VBDP/Phase"));

    [Fact(Timeout = 60_000)]
    public void Whatever_a_guest_reports_is_read_back() =>
        Gen.String[Gen.Char["ab:, fl\"'\n=é"], 0, 40].Sample(
            value => GuestPropertyText.ParseChange($"Name: /VBDP/Phase, value: {value}, flags: \n", "/VBDP/Phase") == value, iter: 100_000);

    [Fact(Timeout = 60_000)]
    public void Plain_names_are_read_back_whatever_their_values()
    {
        var properties = Gen.Select(Gen.String[Gen.Char["abz/09_"], 1, 12], Gen.String[Gen.Char["ab ,:\"\n="], 0, 12]).List[0, 4];

        properties.Sample(
            list => GuestPropertyText.ParseNames(string.Concat(list.Select(p => $"{p.Item1}   = '{p.Item2}'  @ 2026-11-23T22:38:27.897Z\n")))
                .SequenceEqual(list.Select(p => p.Item1)),
            iter: 100_000);
    }
}
