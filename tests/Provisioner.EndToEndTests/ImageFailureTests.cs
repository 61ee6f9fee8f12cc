using System.Text.Json.Nodes;
using Provisioner.HypervisorTests.VirtualBox;

namespace Provisioner.EndToEndTests;

/// <summary>What is wrong with an image's parts is named, and nothing of the build is left.</summary>
public sealed class ImageFailureTests(Stage stage)
{
    private const int Patience = 10 * 60_000;

    [Fact(Timeout = Patience)]
    public async Task A_base_that_was_cut_off_is_refused()
    {
        using var images = await ImageStage.MakeAsync(stage);
        var cut = Path.Combine(images.Folder, "cut.qcow2");
        await using (var whole = File.OpenRead(await Repository.CloudImageAsync()))
        await using (var half = File.Create(cut))
        {
            var buffer = new byte[30 << 20];
            await whole.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);
            await half.WriteAsync(buffer, TestContext.Current.CancellationToken);
        }

        await AssertFailsAsync(images, recipe => recipe["base"] = new JsonObject { ["file"] = cut }, "damaged or was cut off");
    }

    [Fact(Timeout = Patience)]
    public async Task A_file_with_another_checksum_is_refused()
    {
        using var images = await ImageStage.MakeAsync(stage);

        await AssertFailsAsync(images, recipe => recipe["base"]!["sha512"] = new string('0', 128), "is not the file that was asked for");
        await AssertFailsAsync(images, recipe => recipe["runner"]!["sha256"] = new string('0', 64), "is not the file that was asked for");
    }

    [Fact(Timeout = Patience)]
    public async Task A_build_that_does_not_end_is_ended()
    {
        using var images = await ImageStage.MakeAsync(stage);

        await AssertFailsAsync(images, recipe => recipe["deadline"] = "00:00:03", "The build did not end within 00:00:03");
    }

    [Fact(Timeout = Patience)]
    public async Task What_goes_wrong_in_the_guest_is_shown()
    {
        using var images = await ImageStage.MakeAsync(stage);

        await AssertFailsAsync(images, recipe => recipe["setup"] = new JsonArray("--no-packages", "--frobnicate it's \"here\""), "unknown option '--frobnicate it's \"here\"'");
    }

    [Theory(Timeout = Patience)]
    [InlineData(15)]
    [InlineData(9)]
    public async Task A_build_that_is_ended_leaves_nothing(int signal)
    {
        using var images = await ImageStage.MakeAsync(stage);
        var recipe = await images.RecipeAsync();
        await using (var build = images.Start("build", recipe))
        {
            await build.LineAsync("booting it", TestContext.Current.CancellationToken);
            await build.LineAsync("  | ", TestContext.Current.CancellationToken);
            build.Send(signal);
            Assert.NotEqual(0, await build.ExitAsync());
        }

        if (signal == 9)
        {
            // Nobody was there to clean up: the next one does.
            Assert.NotEmpty(NativeProcess.Ids(images.Images));
            await AssertFailsAsync(images, it => it["runner"]!["sha256"] = new string('0', 64), "is not the file");
        }

        images.AssertNothingIsLeft();
    }

    [Theory(Timeout = Patience)]
    [InlineData(1, "No space left on device")]
    [InlineData(64, "is full. Free some space there.")]
    public async Task A_disk_that_is_full_before_the_machine_boots_is_named(int megabytes, string why)
    {
        using var small = await SmallDisk.MountAsync(megabytes);
        using var images = await ImageStage.MakeAsync(stage, small.Folder);

        await AssertFailsAsync(images, _ => { }, why, small.Folder);
    }

    /// <summary>The hypervisor stops the machine then, and nobody waits for its deadline.</summary>
    [Fact(Timeout = Patience)]
    public async Task A_disk_that_is_full_while_the_machine_builds_ends_the_build()
    {
        using var small = await SmallDisk.MountAsync(2_048);
        using var images = await ImageStage.MakeAsync(stage, small.Folder);
        await using var build = images.Start("build", await images.RecipeAsync());
        await build.LineAsync("booting it", TestContext.Current.CancellationToken);
        small.Fill();

        Assert.Equal(1, await build.ExitAsync());
        Assert.Contains($"The machine that builds was stopped, because the file system of {small.Folder}", build.Output, StringComparison.Ordinal);
        File.Delete(Path.Combine(small.Folder, "ballast"));
        images.AssertNothingIsLeft();
    }

    private static async Task AssertFailsAsync(ImageStage images, Action<JsonObject> change, params string[] why)
    {
        var (exitCode, output) = await images.RunAsync("build", await images.RecipeAsync(change));

        Assert.Equal(1, exitCode);
        Assert.All(why, words => Assert.Contains(words, output, StringComparison.Ordinal));
        images.AssertNothingIsLeft();
    }
}
