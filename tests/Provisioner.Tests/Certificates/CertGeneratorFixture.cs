using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Certificates;

namespace Provisioner.Tests.Certificates;

/// <summary>The program in a folder of its own, on a clock that only the test moves.</summary>
internal sealed class CertGeneratorFixture : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("vbdp-certs-").FullName;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2027, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public async Task<int> RunAsync(params string[] args)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        var code = await CertGenerator.RunAsync(args, Time, output, error);
        (Output, Error) = (output.ToString(), error.ToString());
        return code;
    }

    /// <summary>Runs the program and fails the test unless it succeeds.</summary>
    public async Task MakeAsync(params string[] args)
    {
        var code = await RunAsync([.. args, "--out", Folder]);
        Assert.True(code == 0, Error);
    }

    public string PathOf(string file) => Path.Combine(Folder, file);

    public X509Certificate2 Load(string file) => X509Certificate2.CreateFromPem(File.ReadAllText(PathOf(file)));

    public string[] Files() => [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>Whether a client that trusts only <paramref name="root"/> accepts the certificate for that purpose.</summary>
    public bool IsTrusted(X509Certificate2 certificate, X509Certificate2 root, string purpose)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = Time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new(purpose));
        return chain.Build(certificate);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
