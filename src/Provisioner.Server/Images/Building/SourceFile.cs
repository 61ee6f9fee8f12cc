namespace Provisioner.Server.Images.Building;

/// <summary>A file of this host or of the network, and what proves that it is the right one.</summary>
internal record SourceFile
{
    /// <summary>Path of it; a relative one begins at the recipe's folder.</summary>
    public string? File { get; init; }

    /// <summary>Where it is downloaded from. <c>http</c> only where the checksum stands in the recipe.</summary>
    public Uri? Url { get; init; }

    /// <summary>Its SHA-256, in hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its SHA-512, in hexadecimal.</summary>
    public string? Sha512 { get; init; }

    /// <summary>Where its publisher tells its checksum, beside those of other files: <c>SHA512SUMS</c> and the like. <c>https</c> only.</summary>
    public Uri? Checksums { get; init; }
}
