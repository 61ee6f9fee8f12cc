namespace Provisioner.Certificates;

/// <summary>The folder that holds an installation's certificates, and what each file in it is called.</summary>
internal sealed class CertificateFolder(string path)
{
    public const string AuthorityFile = "ca.pem";
    public const string AuthorityKeyFile = "ca-key.pem";
    public const string ServerFile = "cert.pem";
    public const string ServerKeyFile = "key.pem";

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public bool HasAuthority => File.Exists(Of(AuthorityFile)) && File.Exists(Of(AuthorityKeyFile));

    public CertificateAuthority LoadAuthority(DateTimeOffset now)
    {
        if (!HasAuthority)
        {
            throw new CertificateException(
                $"There is no {AuthorityFile} with {AuthorityKeyFile} in {Path}. Only the authority can sign: run this where both are "
                + "kept (--out DIR), or make everything anew with --host and --force, and give all clients the new ca.pem.");
        }

        var authority = CertificateAuthority.Load(Read(AuthorityFile), Read(AuthorityKeyFile));
        return authority.Certificate.NotAfter > now
            ? authority
            : throw new CertificateException(
                $"The authority in {Path} expired on {authority.Certificate.LastDay}. Make everything anew with --host and --force.");
    }

    public string Read(string file) => File.ReadAllText(Of(file));

    public string Of(string file) => System.IO.Path.Combine(Path, file);

    public FileSet NewFiles() => new(Path);
}
