namespace Provisioner.Server.Configuration;

/// <summary>Whether clients may show who they are by a certificate. Off unless there is an authority.</summary>
internal sealed record ClientCertificateOptions
{
    /// <summary>PEM file with the authorities that sign them, each with a certificate of its own hand. It is read again while the server runs.</summary>
    public string? CaFile { get; set; }

    /// <summary>File with the serial numbers of certificates that count no more, one a line. It is read again while the server runs.</summary>
    public string? RevokedFile { get; set; }

    public bool IsOn => CaFile is not null;
}
