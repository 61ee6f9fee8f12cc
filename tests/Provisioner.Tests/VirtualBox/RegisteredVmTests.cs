using CsCheck;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class RegisteredVmTests
{
    [Fact(Timeout = 10_000)]
    public void Machines_are_listed_by_name_and_uuid()
    {
        var machines = RegisteredVm.ParseList(Sample.Read("list-vms"));

        Assert.Equal(["base", "bigf1", "c1", "runner-1", "two words"], machines.Select(vm => vm.Name));
        Assert.Equal(Guid.Parse("4f5b1820-105c-46be-95c9-11ad85096310"), machines[0].Uuid);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("q\"dq", "e57cac91-e2b0-4291-8bb3-ed2dd2625519")]
    [InlineData("new\nline", "92bea2fb-1959-48ff-9ba6-e8cdca80d5a0")]
    [InlineData("{15947929-4d24-4672-8d5a-c24d1c073389}", "9dffeacf-c7f2-4ee1-84f3-8423ba54b7ba")]
    [InlineData("uni-çé-日本-😀", "0797b67a-eaff-470b-8c0d-6edaa91233fb")]
    [InlineData(" lead", "3c07f64c-41f0-45a9-a4d1-51d2a26a0986")]
    public void Odd_names_of_others_are_read_whole(string name, string uuid)
    {
        var machines = RegisteredVm.ParseList(Sample.Read("list-vms-odd-names"));

        Assert.Equal(28, machines.Count);
        Assert.Contains(new RegisteredVm(name, Guid.Parse(uuid)), machines);
    }

    [Fact(Timeout = 10_000)]
    public void Machines_whose_settings_cannot_be_read_are_listed()
    {
        var machines = RegisteredVm.ParseList(Sample.Read("list-vms-inaccessible"));

        Assert.Equal(4, machines.Count(vm => vm.Name == RegisteredVm.Inaccessible));
    }

    [Fact(Timeout = 10_000)]
    public void No_machines_are_an_empty_list() => Assert.Empty(RegisteredVm.ParseList(""));

    [Fact(Timeout = 60_000)]
    public void Whatever_is_listed_is_read_back()
    {
        var names = Gen.String[Gen.Char[" abz09-_.\"{}'\\\r\n\té日"], 0, 30].Where(name => !name.Contains("\" {", StringComparison.Ordinal));
        var lists = Gen.Select(names, Gen.Guid, (name, uuid) => new RegisteredVm(name, uuid)).List[0, 5];

        lists.Sample(list => RegisteredVm.ParseList(string.Concat(list.Select(vm => $"\"{vm.Name}\" {{{vm.Uuid}}}\n"))).SequenceEqual(list), iter: 100_000);
    }

    [Fact(Timeout = 60_000)]
    public void Garbage_is_never_more_than_ignored() =>
        Gen.String[Gen.Char["\" {}0123456789abcdef-\n"], 0, 120].Sample(text => RegisteredVm.ParseList(text).Count >= 0, iter: 100_000);
}
