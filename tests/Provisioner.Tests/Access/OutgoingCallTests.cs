using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Provisioner.Client;
using Provisioner.Client.Api;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Server.Access;
using Provisioner.Tests.Client.Fakes;
using Provisioner.Tests.GitHub;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Access;

/// <summary>Whatever address others put before the server or the client, nobody is called but who stands in the configuration (threat T11).</summary>
public sealed class OutgoingCallTests : IAsyncLifetime
{
    private const int Patience = 60_000;
    private const string Discovery = "/.well-known/openid-configuration";
    private const string Jwks = "/.well-known/jwks";

    private readonly Sink _sink = new();
    private TestIssuer _issuer = null!;

    public async ValueTask InitializeAsync() => _issuer = await TestIssuer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _issuer.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Theory(Timeout = Patience)]
    [InlineData("http://127.0.0.1:SINK/jwks")]
    [InlineData("http://localhost:SINK/jwks")]
    [InlineData("http://[::1]:SINK/jwks")]
    [InlineData("http://[::ffff:127.0.0.1]:SINK/jwks")]
    [InlineData("http://0x7f.1:SINK/jwks")]
    [InlineData("http://0177.0.0.1:SINK/jwks")]
    [InlineData("http://2130706433:SINK/jwks")]
    [InlineData("http://127.1:SINK/jwks")]
    [InlineData("http://0:SINK/jwks")]
    [InlineData("http://ISSUER@127.0.0.1:SINK/jwks")]
    [InlineData("http://127.0.0.1:SINK#@ISSUER/jwks")]
    [InlineData("http://127.0.0.1:SINK\\@ISSUER/jwks")]
    [InlineData("http://ISSUER.localhost:SINK/jwks")]
    [InlineData("https://ISSUER/jwks")]
    [InlineData("//127.0.0.1:SINK/jwks")]
    [InlineData("/jwks")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1:SINK/_GET")]
    [InlineData("ftp://127.0.0.1:SINK/jwks")]
    [InlineData("data:application/json,{\"keys\":[]}")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[fd00:ec2::254]/latest/meta-data/")]
    [InlineData("http://metadata.google.internal/computeMetadata/v1/")]
    public async Task An_issuer_cannot_send_the_server_anywhere_for_its_keys(string address)
    {
        var named = address.Replace("SINK", $"{_sink.Port}", StringComparison.Ordinal).Replace("ISSUER", new Uri(_issuer.Url).Authority, StringComparison.Ordinal);
        _issuer.Instead[Discovery] = context => context.Response.WriteAsync(new JsonObject { ["issuer"] = _issuer.Url, ["jwks_uri"] = named }.ToJsonString());
        using var documents = new IssuerDocuments(_issuer.Url);

        await Assert.ThrowsAsync<FormatException>(() => documents.ReadKeysAsync(TestContext.Current.CancellationToken));

        Assert.Equal([Discovery], _issuer.Asked);
        Assert.Equal(0, await _sink.ConnectionsAsync());
    }

    [Theory(Timeout = Patience)]
    [InlineData(Discovery, 301, "http://127.0.0.1:SINK/")]
    [InlineData(Discovery, 302, "http://[::1]:SINK/")]
    [InlineData(Discovery, 302, "file:///etc/passwd")]
    [InlineData(Discovery, 302, "gopher://127.0.0.1:SINK/_GET")]
    [InlineData(Jwks, 303, "http://localhost:SINK/")]
    [InlineData(Jwks, 307, "http://2130706433:SINK/")]
    [InlineData(Jwks, 308, "//127.0.0.1:SINK/")]
    [InlineData(Jwks, 300, "http://127.0.0.1:SINK/")]
    public async Task No_redirect_of_the_issuer_is_followed(string path, int status, string target)
    {
        _issuer.Instead[path] = Redirect(status, target);
        using var documents = new IssuerDocuments(_issuer.Url);

        await Assert.ThrowsAsync<HttpRequestException>(() => documents.ReadKeysAsync(TestContext.Current.CancellationToken));

        Assert.Equal(0, await _sink.ConnectionsAsync());
    }

    [Fact(Timeout = Patience)]
    public async Task No_address_in_a_token_is_called_not_even_an_issuer_that_looks_like_ours()
    {
        await using var running = await WorkflowServer.StartAsync();
        var sink = $"http://127.0.0.1:{_sink.Port}";
        using var http = running.Server.Connect(token: null);
        string[] issuers = [sink, $"{running.Issuer.Url}@127.0.0.1:{_sink.Port}", $"{running.Issuer.Url}/", running.Issuer.Url.ToUpperInvariant(), $"{running.Issuer.Url}.evil.example"];
        (string Name, string Value)[] headers = [("jku", $"{sink}/jwks"), ("x5u", $"{sink}/cert.pem"), ("kid", $"{sink}/key"), ("kid", "../../etc/passwd")];

        var tokens = issuers.Select(issuer => Signed(running.Issuer, claims => claims["iss"] = issuer, _ => { }))
            .Concat(headers.Select(header => Signed(running.Issuer, _ => { }, head => head[header.Name] = header.Value)));
        foreach (var token in tokens)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/vms");
            Assert.True(request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}"));
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        Assert.Equal(0, await _sink.ConnectionsAsync());
    }

    [Theory(Timeout = Patience)]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    public async Task A_name_that_suddenly_leads_to_this_machine_or_its_link_is_not_followed(string inward)
    {
        var asked = 0;
        var fault = await Assert.ThrowsAsync<IOException>(async () => await OutwardConnection.ConnectAsync(
            new DnsEndPoint("issuer.example.org", _sink.Port), (_, _) => Resolve(++asked), TestContext.Current.CancellationToken));

        Assert.Contains("issuer.example.org leads to", fault.Message, StringComparison.Ordinal);
        Assert.Equal(1, asked); // not once to be judged, and once more to be connected to
        Assert.Equal(0, await _sink.ConnectionsAsync());

        // Beside a harmless one, which an attempt would be made with first.
        Task<IPAddress[]> Resolve(int _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.1"), IPAddress.Parse(inward)]);
    }

    [Theory(Timeout = Patience)]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("github.localhost")]
    public async Task What_was_written_as_this_machine_is_meant(string host)
    {
        await using var stream = await OutwardConnection.ConnectAsync(
            new DnsEndPoint(host, _sink.Port), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TestContext.Current.CancellationToken);

        Assert.Equal(1, await _sink.ConnectionsAsync());
    }

    [Theory(Timeout = Patience)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task No_redirect_of_GitHub_is_followed_with_its_token(int status)
    {
        await using var gitHub = await ScriptedServer.StartWithoutTlsAsync();
        gitHub.On("GET /api/v3/repos/acme/gpu/actions/runners", Redirect(status, "http://127.0.0.1:SINK/api/v3"));
        using var http = GitHubHttp.CreateClient();
        var runners = new GitHubRunners(
            http, new TokenCredential("ghp_canary"), GitHubEndpoints.Parse(gitHub.Address.GetLeftPart(UriPartial.Authority)), new HurriedTime(),
            Microsoft.Extensions.Logging.Abstractions.NullLogger<GitHubRunners>.Instance);

        await Assert.ThrowsAsync<GitHubException>(() => runners.FindAsync(RepositoryName.Parse("acme/gpu"), "vm-1", TestContext.Current.CancellationToken));

        Assert.Equal(0, await _sink.ConnectionsAsync());
    }

    [Theory(Timeout = Patience)]
    [InlineData(302, "https://127.0.0.1:SINK/v1/vms")]
    [InlineData(307, "http://[::1]:SINK/v1/vms")]
    [InlineData(308, "//127.0.0.1:SINK/v1/vms")]
    [InlineData(307, "file:///etc/passwd")]
    [InlineData(202, "https://127.0.0.1:SINK/v1/vms/vbx-1")]
    public async Task No_answer_of_the_server_sends_its_client_elsewhere(int status, string location)
    {
        using var authority = new TestCertificate();
        await using var server = await ScriptedServer.StartAsync(authority.Sign());
        server.On("POST /v1/vms", context =>
        {
            context.Response.Headers.Location = Fill(location);
            return Answers.Is(Answers.Vm(), status)(context);
        });
        Assert.True(ServerTrust.TryReadCertificates(authority.AuthorityPem, out var anchors));
        using var api = new VmApi(new ServerConnection(server.Address, new ServerTrust(anchors, null), "vbdp_a_b"), TimeProvider.System);

        var called = await Record.ExceptionAsync(() => api.CreateAsync(new CreateVm { Image = "debian-12" }, "key", TestContext.Current.CancellationToken));

        Assert.Equal(status == 202, called is null);
        Assert.True(called is null or ClientException);
        Assert.Equal(0, await _sink.ConnectionsAsync());
    }

    [Fact(Timeout = Patience)]
    public async Task No_address_in_the_certificate_of_a_client_is_called()
    {
        await using var running = await CertificateServer.StartAsync();
        using var stranger = new ClientCertificateForge(TimeProvider.System.GetUtcNow());
        foreach (var forge in new[] { running.Forge, stranger })
        {
            var draft = ClientCertificateForge.Draft();
            var sink = $"http://127.0.0.1:{_sink.Port}";
            draft.Request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([$"{sink}/ocsp"], [$"{sink}/ca.cer"]));
            draft.Request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([$"{sink}/ca.crl"]));
            using var http = running.Connect(forge.Make(draft, "with addresses").Certificate);

            var failed = await Record.ExceptionAsync(() => http.GetStringAsync("/v1/vms", TestContext.Current.CancellationToken));

            Assert.Equal(forge == stranger, failed is HttpRequestException);
        }

        Assert.Equal(0, await _sink.ConnectionsAsync());
    }

    private static string Signed(TestIssuer issuer, Action<JsonObject> claims, Action<JsonObject> header)
    {
        var (head, body) = (TestIssuer.Header(), issuer.Claims());
        claims(body);
        header(head);
        return issuer.Sign(head, body);
    }

    private string Fill(string address) => address.Replace("SINK", $"{_sink.Port}", StringComparison.Ordinal);

    private RequestDelegate Redirect(int status, string target) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = Fill(target);
        return Task.CompletedTask;
    };
}
