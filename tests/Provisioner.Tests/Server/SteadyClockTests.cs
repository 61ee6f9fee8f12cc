using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Server;

public sealed class SteadyClockTests : IDisposable
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly string _folder = Directory.CreateTempSubdirectory("clock").FullName;

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_wall_clock_that_is_set_does_not_change_the_time_until_it_is_followed(int years)
    {
        var real = new JumpingClock();
        var clock = new SteadyClock(real);

        real.Set(years * Year);
        real.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(Noon.AddMinutes(1), clock.GetUtcNow());
        Assert.Equal(years * Year, clock.Deviation);
        clock.Move(clock.Deviation);
        Assert.Equal((real.GetUtcNow(), TimeSpan.Zero), (clock.GetUtcNow(), clock.Deviation));
    }

    [Fact]
    public void All_times_of_all_rows_move_and_what_has_not_happened_stays_so()
    {
        var clock = new SteadyClock(new JumpingClock());
        var vms = new VmTable(new Database(new ServerOptions { DataFolder = _folder }), new VmNews(), clock);
        var row = Vm() with { StartedAt = Noon.AddMinutes(1), BusyAt = Noon.AddMinutes(2) };
        vms.Add(row);
        vms.Add(Vm("gone") with { GoneAt = Noon });

        vms.Shift(Year, clock.Move);
        var moved = vms.Find(row.Id)!;

        var expected = row with
        {
            Labels = moved.Labels,
            Host = moved.Host,
            CreatedAt = row.CreatedAt + Year,
            ExpiresAt = row.ExpiresAt + Year,
            StartedAt = row.StartedAt + Year,
            BusyAt = row.BusyAt + Year,
        };
        Assert.Equal(expected, moved);
        Assert.Equal(Noon + Year, vms.Find(VmId.Parse("gone"))!.GoneAt);
        Assert.Equal(Noon + Year, clock.GetUtcNow());
    }

    [Fact]
    public void A_row_from_the_future_lives_one_lifetime_more_and_not_until_its_future_comes()
    {
        var future = Vm() with { CreatedAt = Noon + Year, StartedAt = Noon + Year + TimeSpan.FromMinutes(1), ExpiresAt = Noon + Year + TimeSpan.FromHours(2) };

        var back = future.BroughtBack(Noon);

        Assert.Equal((Noon.AddMinutes(-1), Noon, Noon.AddMinutes(119)), (back.CreatedAt, back.StartedAt, back.ExpiresAt));
        Assert.Same(back, back.BroughtBack(Noon));
    }

    [Fact]
    public void Every_time_of_a_row_from_the_future_is_brought_back()
    {
        var future = Vm();
        foreach (var time in typeof(Vm).GetProperties().Where(property => property.CanWrite && (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(DateTimeOffset)))
        {
            time.SetValue(future, Noon + Year);
        }

        var back = future.BroughtBack(Noon);

        Assert.Equal(Noon, back.LastTime);
        Assert.Same(back, back.BroughtBack(Noon));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
