using System.Text;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

public sealed class ConsoleLogTests : IDisposable
{
    private readonly MachineFolder folder = new(Directory.CreateTempSubdirectory("vbdp-console-").FullName, VmId.Parse("one"));

    public ConsoleLogTests() => Directory.CreateDirectory(folder.Path);

    [Fact(Timeout = 30_000)]
    public async Task It_keeps_the_last_of_a_flood_and_takes_no_more_room_than_that()
    {
        var log = new ConsoleLog(folder, TimeProvider.System);
        var flood = string.Concat(Enumerable.Range(0, 100_000).Select(n => $"line {n}\n"));

        await log.RecordAsync(new MemoryStream(Encoding.UTF8.GetBytes(flood)));

        var kept = log.Read();
        Assert.EndsWith("line 99999\n", kept, StringComparison.Ordinal);
        Assert.InRange(kept.Length, ConsoleLog.Kept / 2, ConsoleLog.Kept);
        Assert.InRange(Directory.EnumerateFiles(folder.Path).Sum(file => new FileInfo(file).Length), 1, 2 * ConsoleLog.Kept);
    }

    [Fact(Timeout = 30_000)]
    public async Task It_goes_on_where_a_former_server_stopped()
    {
        await new ConsoleLog(folder, TimeProvider.System).RecordAsync(new MemoryStream("before "u8.ToArray()));
        await new ConsoleLog(folder, TimeProvider.System).RecordAsync(new MemoryStream("after"u8.ToArray()));

        Assert.Equal("before after", new ConsoleLog(folder, TimeProvider.System).Read());
    }

    [Fact]
    public void A_machine_that_never_wrote_has_an_empty_console() => Assert.Equal("", new ConsoleLog(folder, TimeProvider.System).Read());

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder.Path)!, recursive: true);
}
