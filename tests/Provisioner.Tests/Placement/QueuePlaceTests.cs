using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

public sealed class QueuePlaceTests
{
    [Theory]
    [InlineData(null, 700, true)]
    [InlineData(700, 699, false)]
    [InlineData(501, 500, true)]
    [InlineData(21, 20, true)]
    [InlineData(20, 19, false)]
    [InlineData(11, 10, true)]
    [InlineData(5, 4, true)]
    [InlineData(5, 5, false)]
    public void Near_the_front_each_change_is_told_and_further_back_each_great_one(int? told, int position, bool isNews)
    {
        var waiting = Waits("a-1", 0) with { Told = told, Reason = $"Waits as number {told} of 900: all is in use." };

        Assert.Equal(isNews, new QueuePlace(waiting, position, 900, "all is in use").IsNews);
    }

    [Fact]
    public void Near_the_front_another_reason_is_told_too()
    {
        var waiting = Waits("a-1", 0) with { Told = 2, Reason = "Waits as number 2 of 9: all is in use." };

        Assert.True(new QueuePlace(waiting, 2, 9, "the device gpu0 is in use").IsNews);
        Assert.False(new QueuePlace(waiting, 2, 30, "all is in use").IsNews);
    }

    [Fact]
    public void A_thousand_that_wait_are_told_a_few_times_each()
    {
        var told = 0;
        for (var (waiting, position) = (Waits("a-1", 0), 1000); position > 0; position--)
        {
            var place = new QueuePlace(waiting, position, 1000, "all is in use");
            told += place.IsNews ? 1 : 0;
            waiting = place.IsNews ? waiting with { Told = position, Reason = place.Reason } : waiting;
        }

        Assert.Equal(16, told); // 1000, 500, 200, 100, 50, 20, and ten to one
    }
}
