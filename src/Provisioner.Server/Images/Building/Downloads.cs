using System.Security.Cryptography;

namespace Provisioner.Server.Images.Building;

/// <summary>Gets the files that an image is built of, and does not let one through that is not what it should be.</summary>
internal sealed class Downloads(string folder, HttpClient http, Action<string> say)
{
    private const int Portion = 1 << 20;

    /// <summary>The file, checked, and its SHA-256. A file of this host stays where it is.</summary>
    /// <exception cref="ImageException">It cannot be had, or is another.</exception>
    public async Task<(string Path, string Sha256)> GetAsync(SourceFile source, CancellationToken cancellationToken)
    {
        var wanted = await ChecksumAsync(source, cancellationToken);
        if (source.File is { } file)
        {
            return (file, await CheckAsync(file, wanted, cancellationToken));
        }

        var kept = Path.Combine(folder, $"{wanted!.Hex[..16]}-{NameOf(source.Url!)}");
        if (!File.Exists(kept))
        {
            Directory.CreateDirectory(folder);
            await DownloadAsync(source.Url!, kept, wanted, cancellationToken);
        }

        return (kept, await CheckAsync(kept, wanted, cancellationToken));
    }

    /// <exception cref="ImageException">It cannot be had.</exception>
    public async Task<string> ReadTextAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            return await http.GetStringAsync(url, cancellationToken);
        }
        catch (HttpRequestException problem)
        {
            throw new ImageException($"{url} cannot be read: {problem.Message}");
        }
    }

    private static string NameOf(Uri url) => Path.GetFileName(url.AbsolutePath) is { Length: > 0 and <= 100 } name ? name : "file";

    private async Task<Checksum?> ChecksumAsync(SourceFile source, CancellationToken cancellationToken)
    {
        if ((source.Sha256 ?? source.Sha512) is { } hex)
        {
            return Checksum.Parse(hex);
        }

        if (source.Checksums is not { } list)
        {
            return null;
        }

        var name = source.Url is { } url ? NameOf(url) : Path.GetFileName(source.File!);
        return Checksum.Find(await ReadTextAsync(list, cancellationToken), name) ?? throw new ImageException($"{list} has no checksum of {name}. Is it still published there?");
    }

    private async Task DownloadAsync(Uri url, string target, Checksum wanted, CancellationToken cancellationToken)
    {
        say($"downloading {url}");
        var draft = target + ".part";
        try
        {
            using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            answer.EnsureSuccessStatusCode();
            await using (var to = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None, Portion))
            {
                await CopyAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), to, answer.Content.Headers.ContentLength, cancellationToken);
            }

            await CheckAsync(draft, wanted, cancellationToken);
            File.Move(draft, target, overwrite: true);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            throw new ImageException($"{url} could not be downloaded: {problem.Message}");
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private async Task CopyAsync(Stream from, FileStream to, long? length, CancellationToken cancellationToken)
    {
        var buffer = new byte[Portion];
        var (done, told) = (0L, 0L);
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            done += count;
            if (length is > 0 and { } all && done * 10 / all > told)
            {
                told = done * 10 / all;
                say($"  {told * 10} % of {all >> 20} MiB");
            }
        }
    }

    private static async Task<string> CheckAsync(string file, Checksum? wanted, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(file);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var other = wanted is { } sum ? IncrementalHash.CreateHash(sum.Algorithm) : null;
        var buffer = new byte[Portion];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            sha256.AppendData(buffer, 0, count);
            other?.AppendData(buffer, 0, count);
        }

        if (other is not null && Convert.ToHexStringLower(other.GetHashAndReset()) is var seen && seen != wanted!.Hex)
        {
            throw new ImageException($"{file} is not the file that was asked for: its {wanted.Algorithm} is {seen}, expected was {wanted.Hex}. Nothing was made of it.");
        }

        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }
}
