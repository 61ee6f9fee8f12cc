using System.Net;
using System.Security.Cryptography;
using Provisioner.Server.Images;
using Provisioner.Server.Images.Building;

namespace Provisioner.Tests.Images;

public sealed class DownloadTests : IDisposable
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(3_000_000);
    private static readonly string Sum = Convert.ToHexStringLower(SHA256.HashData(Content));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("downloads-");
    private readonly Network _network = new();
    private readonly List<string> _told = [];

    public void Dispose()
    {
        _network.Dispose();
        _folder.Delete(recursive: true);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_downloaded_once_with_its_progress()
    {
        var source = new SourceFile { Url = new Uri("https://example.org/images/disk.qcow2"), Checksums = new Uri("https://example.org/images/SHA256SUMS") };

        var first = await Get(source);
        var second = await Get(source);

        Assert.Equal(Content, await File.ReadAllBytesAsync(first.Path, Token));
        Assert.Equal((first, Sum), (second, first.Sha256));
        Assert.Equal(1, _network.Asked.Count(path => path.EndsWith("disk.qcow2", StringComparison.Ordinal)));
        Assert.Contains(_told, line => line.Contains("100 % of 2 MiB", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://example.org/images/disk.qcow2", "is not the file that was asked for")]
    [InlineData("https://example.org/images/cut.qcow2", "could not be downloaded")]
    [InlineData("https://example.org/images/nothing.qcow2", "404")]
    public async Task What_is_not_the_file_is_refused_and_not_kept(string url, string error)
    {
        var problem = await Assert.ThrowsAsync<ImageException>(() => Get(new SourceFile { Url = new Uri(url), Sha256 = new string('0', 64) }));

        Assert.Contains(error, problem.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public async Task A_file_that_was_damaged_after_its_download_is_refused()
    {
        var source = new SourceFile { Url = new Uri("https://example.org/images/disk.qcow2"), Sha256 = Sum };
        var (path, _) = await Get(source);
        await File.AppendAllTextAsync(path, "x", Token);

        Assert.Contains("is not the file", (await Assert.ThrowsAsync<ImageException>(() => Get(source))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_this_host_is_checked_where_it_lies()
    {
        var path = Path.Combine(_folder.FullName, "mine");
        await File.WriteAllBytesAsync(path, Content, Token);

        Assert.Equal((path, Sum), await Get(new SourceFile { File = path }));
        Assert.Equal((path, Sum), await Get(new SourceFile { File = path, Sha512 = Convert.ToHexString(SHA512.HashData(Content)) }));
        await Assert.ThrowsAsync<ImageException>(() => Get(new SourceFile { File = path, Sha512 = new string('0', 128) }));
    }

    [Fact]
    public async Task A_list_without_the_file_is_named() => Assert.Contains(
        "SHA256SUMS has no checksum of other.qcow2",
        (await Assert.ThrowsAsync<ImageException>(() => Get(
            new SourceFile { Url = new Uri("https://example.org/images/other.qcow2"), Checksums = new Uri("https://example.org/images/SHA256SUMS") }))).Message,
        StringComparison.Ordinal);

    private async Task<(string Path, string Sha256)> Get(SourceFile source)
    {
        using var http = new HttpClient(_network, disposeHandler: false);
        return await new Downloads(_folder.FullName, http, _told.Add).GetAsync(source, Token);
    }

    /// <summary>A publisher with a disk, a list of checksums, and a file that breaks off.</summary>
    private sealed class Network : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.AbsolutePath);
            return Task.FromResult(Path.GetFileName(request.RequestUri.AbsolutePath) switch
            {
                "disk.qcow2" => Answer(new ByteArrayContent(Content)),
                "SHA256SUMS" => Answer(new StringContent($"{Sum}  disk.qcow2\n")),
                "cut.qcow2" => Answer(new StreamContent(new Cut())),
                _ => new HttpResponseMessage(HttpStatusCode.NotFound),
            });
        }

        private static HttpResponseMessage Answer(HttpContent content) => new(HttpStatusCode.OK) { Content = content };
    }

    private sealed class Cut : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("The connection was closed.");

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The connection was closed.");
    }
}
