using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Provisioner.Server.Images.Building;

namespace Provisioner.Tests.Images;

/// <summary>The disk of a build, read by another program than wrote it.</summary>
public sealed class SeedDiskTests : IDisposable
{
    private static readonly DateTimeOffset Made = new(2026, 11, 26, 8, 30, 15, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("seed-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(200)]
    public async Task What_is_written_is_read_again_by_its_own_names(int count)
    {
        var files = Enumerable.Range(0, count).ToDictionary(
            n => n == 0 ? "user-data" : $"a rather long name of a file, number {n}.service",
            n => RandomNumberGenerator.GetBytes(n is 0 ? 0 : (n * 701) + (n % 3 == 0 ? 2048 - (n * 701 % 2048) : 0)));
        var disk = Write("cidata", files);

        var names = (await RunAsync("isoinfo", "-J", "-f", "-i", disk)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(files.Keys.Select(name => "/" + name).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        await RunAsync("bsdtar", "-x", "-f", disk, "-C", _folder.CreateSubdirectory("out").FullName);
        foreach (var (name, content) in files)
        {
            Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, "out", name), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task It_is_found_by_its_label()
    {
        var disk = Write("cidata", new() { ["meta-data"] = Encoding.UTF8.GetBytes("{}") });

        Assert.Equal("cidata", (await RunAsync("blkid", "-p", "-s", "LABEL", "-o", "value", disk)).Trim());
        Assert.Contains("Joliet with UCS level 3", await RunAsync("isoinfo", "-d", "-i", disk), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_files_make_the_same_disk()
    {
        var files = new Dictionary<string, byte[]> { ["b"] = [1], ["a"] = [2] };

        Assert.Equal(File.ReadAllBytes(Write("cidata", files)), File.ReadAllBytes(Write("cidata", files.Reverse().ToDictionary())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a-name-that-has-more-characters-than-the-sixty-four-that-joliet-has-room-for")]
    public void A_name_that_has_no_room_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => Write("cidata", new() { [name] = [] }));

    private string Write(string label, Dictionary<string, byte[]> files)
    {
        var path = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("N") + ".iso");
        using var disk = File.Create(path);
        SeedDisk.Write(disk, label, files.ToDictionary(file => file.Key, file => (Func<Stream>)(() => new MemoryStream(file.Value))), Made);
        return path;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }
}
