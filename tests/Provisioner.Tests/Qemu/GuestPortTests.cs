using System.IO.Pipelines;
using System.Text;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

public sealed class GuestPortTests
{
    private readonly Pipe fromGuest = new();
    private readonly Pipe toGuest = new();

    [Fact(Timeout = 10_000)]
    public async Task Reports_are_read_line_by_line_however_they_arrive()
    {
        var reports = await ReadAsync("phase rea", "dy\npha", "se busy: job 7\r\nphase failed: no ", "network\n");

        Assert.Equal(
            [new(GuestPhase.Ready), new(GuestPhase.Busy, "job 7"), new GuestReport(GuestPhase.Failed, "no network")], reports);
    }

    [Fact(Timeout = 10_000)]
    public async Task What_is_no_report_is_passed_over()
    {
        var reports = await ReadAsync("\n\nhello\nphase\nphase \nphase nonsense\nPHASE ready\n phase ready\n\0\u001b[31m\nphase ready\nphase done");

        Assert.Equal([new GuestReport(GuestPhase.Ready)], reports);
    }

    [Fact(Timeout = 10_000)]
    public async Task A_line_without_end_is_neither_kept_nor_taken_for_a_report()
    {
        var reports = await ReadAsync("phase failed: ", new string('x', 100_000), "\nphase ready\n");

        Assert.Equal([new GuestReport(GuestPhase.Ready)], reports);
    }

    [Fact(Timeout = 10_000)]
    public async Task Control_characters_and_broken_text_of_a_guest_are_tamed()
    {
        await fromGuest.Writer.WriteAsync(new byte[] { (byte)'p', (byte)'h', (byte)'a', (byte)'s', (byte)'e', 32, (byte)'b', (byte)'u', (byte)'s', (byte)'y', (byte)':', 0x1b, 0xff, 0xfe, 10 }, Token);

        Assert.Equal([new GuestReport(GuestPhase.Busy, "\ufffd\ufffd")], await ReadAsync());
    }

    [Fact(Timeout = 10_000)]
    public async Task A_guest_is_told_who_it_is_in_one_line_each()
    {
        var machine = new SavedMachine { Mark = "", Image = "", Label = "l\nconfig evil", Owner = "o\r", Repository = "r s" };
        await using var port = Open();

        await port.IntroduceAsync(machine, Token);
        await port.AskForReportAsync(Token);

        Assert.Equal("label l config evil\nowner o \nrepo r s\nreport\n", await SentAsync());
    }

    [Fact(Timeout = 10_000)]
    public async Task The_configuration_is_one_line()
    {
        await using var port = Open();

        await port.ConfigureAsync(new GuestConfiguration("QUJD"), Token);

        Assert.Equal("config QUJD\n", await SentAsync());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private GuestPort Open() => new(new TwoWays(fromGuest.Reader.AsStream(), toGuest.Writer.AsStream()), TimeProvider.System);

    private async Task<List<GuestReport>> ReadAsync(params string[] pieces)
    {
        await using var port = Open();
        var reading = port.ReadAsync().ToListAsync(Token);
        foreach (var piece in pieces)
        {
            await fromGuest.Writer.WriteAsync(Encoding.UTF8.GetBytes(piece), Token);
        }

        await fromGuest.Writer.CompleteAsync();
        return await reading;
    }

    private async Task<string> SentAsync()
    {
        await toGuest.Writer.CompleteAsync();
        using var reader = new StreamReader(toGuest.Reader.AsStream());
        return await reader.ReadToEndAsync(Token);
    }
}
