using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Server;

/// <summary>What present programs do not even offer any more (threat T13): hellos written byte by byte, renegotiation, and other names.</summary>
public sealed class OldTlsTests
{
    private const int Patience = 60_000;
    private const byte Alert = 0x15;
    private const byte Handshake = 0x16;

    [Theory(Timeout = Patience)]
    [InlineData(0x0303, 0xC02B, Handshake)] // ECDHE-ECDSA-AES128-GCM-SHA256: proves that the hello is one
    [InlineData(0x0303, 0x0005, Alert)] // RC4-SHA
    [InlineData(0x0303, 0x0004, Alert)] // RC4-MD5
    [InlineData(0x0303, 0xC007, Alert)] // ECDHE-ECDSA-RC4-SHA
    [InlineData(0x0303, 0xC011, Alert)] // ECDHE-RSA-RC4-SHA
    [InlineData(0x0303, 0x000A, Alert)] // 3DES
    [InlineData(0x0303, 0xC008, Alert)] // ECDHE-ECDSA-3DES
    [InlineData(0x0303, 0x0003, Alert)] // for export
    [InlineData(0x0303, 0x0001, Alert)] // NULL-MD5
    [InlineData(0x0303, 0xC006, Alert)] // ECDHE-ECDSA-NULL-SHA
    [InlineData(0x0303, 0x0018, Alert)] // nobody's certificate, RC4
    [InlineData(0x0303, 0xC018, Alert)] // nobody's certificate, AES
    [InlineData(0x0303, 0x008C, Alert)] // a shared password
    [InlineData(0x0303, 0xC009, Alert)] // ECDHE-ECDSA-AES128-CBC
    [InlineData(0x0303, 0xC023, Alert)] // ECDHE-ECDSA-AES128-CBC with SHA-256
    [InlineData(0x0303, 0x009C, Alert)] // RSA without forward secrecy
    [InlineData(0x0302, 0xC02B, Alert)] // TLS 1.1
    [InlineData(0x0301, 0xC009, Alert)] // TLS 1.0
    [InlineData(0x0300, 0x0005, Alert)] // SSL 3
    public async Task A_hello_is_answered_only_with_a_present_version_and_suite(int version, int suite, byte answer)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = new TcpClient("127.0.0.1", server.Address.Port);
        await using var stream = client.GetStream();

        await stream.WriteAsync(Hello((ushort)version, (ushort)suite), TestContext.Current.CancellationToken);
        var first = new byte[1];
        var read = await stream.ReadAsync(first, TestContext.Current.CancellationToken);

        Assert.True(read == 1 ? first[0] == answer : answer == Alert, $"{read}: {first[0]:x2}");
    }

    [Fact(Timeout = Patience)]
    public async Task Ssl_2_is_not_understood()
    {
        await using var server = await RunningServer.StartAsync();
        using var client = new TcpClient("127.0.0.1", server.Address.Port);
        await using var stream = client.GetStream();
        byte[] hello = [0x80, 0x1C, 0x01, 0x00, 0x02, 0x00, 0x03, 0x00, 0x00, 0x00, 0x10, 0x01, 0x00, 0x80, .. new byte[16]];

        await stream.WriteAsync(hello, TestContext.Current.CancellationToken);
        var first = new byte[1];
        int read;
        try
        {
            read = await stream.ReadAsync(first, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            read = 0; // torn off
        }

        Assert.True(read == 0 || first[0] == Alert, $"{first[0]:x2}");
    }

    [Fact(Timeout = Patience)]
    public async Task Nobody_renegotiates()
    {
        await using var server = await RunningServer.StartAsync();
        ProcessStartInfo start = new("openssl", ["s_client", "-connect", server.Address.Authority, "-tls1_2"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("Verify return code", StringComparison.Ordinal))
        {
            // Until it has connected, and reads its commands.
        }

        await process.StandardInput.WriteLineAsync("R");
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken); // it ends by itself, because it is refused
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        var after = (await error).Split("RENEGOTIATING");
        Assert.Equal(2, after.Length);
        Assert.DoesNotContain("depth=0", after[1], StringComparison.Ordinal); // no second handshake came so far as to a certificate
        Assert.Contains("unexpected eof", after[1], StringComparison.Ordinal); // the server hung up
    }

    [Theory(Timeout = Patience)]
    [InlineData("tests", true)]
    [InlineData("other.example.org", false)]
    public async Task Who_asks_for_another_name_is_shown_the_same_certificate_and_can_tell(string name, bool holds)
    {
        var file = "";
        await using var server = await RunningServer.StartAsync(options => file = options.CertFile);

        var answer = await OpenSsl.RunAsync(
            "s_client", "-connect", server.Address.Authority, "-servername", name, "-verify_hostname", name, "-verify_return_error", "-CAfile", file);

        Assert.Equal(holds, answer.Contains("Verification: OK", StringComparison.Ordinal));
        Assert.Equal(!holds, answer.Contains("hostname mismatch", StringComparison.OrdinalIgnoreCase));
    }

    private static byte[] Hello(ushort version, ushort suite)
    {
        byte[] extensions =
        [
            0x00, 0x0A, 0x00, 0x04, 0x00, 0x02, 0x00, 0x17, // P-256
            0x00, 0x0B, 0x00, 0x02, 0x01, 0x00,
            0x00, 0x0D, 0x00, 0x06, 0x00, 0x04, 0x04, 0x03, 0x08, 0x04, // ECDSA and RSA with SHA-256
            0xFF, 0x01, 0x00, 0x01, 0x00,
        ];
        byte[] body = [.. Two(version), .. new byte[32], 0, .. Two(2), .. Two(suite), 1, 0, .. Two((ushort)extensions.Length), .. extensions];
        byte[] message = [1, 0, .. Two((ushort)body.Length), .. body];
        return [Handshake, .. Two(version is 0x0300 ? version : (ushort)0x0301), .. Two((ushort)message.Length), .. message];
    }

    private static byte[] Two(ushort number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, number);
        return bytes;
    }
}
