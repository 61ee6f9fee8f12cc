using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Provisioner.Contracts;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Access;

/// <summary>Certificates at the real listener: of all that can be wrong with one, nothing gets in (threat T5).</summary>
public sealed class ClientCertificateTests
{
    private const int Patience = 120_000;
    private const string Request = "GET /v1/vms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    [Theory(Timeout = Patience)]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task OpenSsl_gets_in_with_a_good_certificate_and_with_no_other(string version)
    {
        await using var running = await CertificateServer.StartAsync();
        using var other = new ClientCertificateForge(TimeProvider.System.GetUtcNow());
        var bad = running.Forge.Bad(other).ToList();
        running.Revoke(bad.Single(one => one.Kind == "revoked").Certificate);

        Assert.StartsWith("HTTP/1.1 401", await AskAsync(running, version, []), StringComparison.Ordinal); // none at all
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(running, version, running.Forge.Good().Write(running.Folder)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(running, version, running.Forge.GoodRsa().Write(running.Folder)), StringComparison.Ordinal);
        Assert.Equal(22, bad.Count);
        foreach (var one in bad)
        {
            var answer = await AskAsync(running, version, one.Write(running.Folder));

            // No connection, so not even a 401: that proves that it was shown. In TLS 1.3 there is no signature on that curve, so openssl shows none.
            var shown = version != "-tls1_3" || one.Kind != "a short curve";
            Assert.True(shown ? !answer.Contains("HTTP/", StringComparison.Ordinal) : answer.StartsWith("HTTP/1.1 401", StringComparison.Ordinal), $"{one.Kind}: {answer}");
            Assert.Contains("depth=0 CN = tests", answer, StringComparison.Ordinal); // the server's own: it was asked
        }
    }

    [Fact(Timeout = Patience)]
    public async Task Curl_gets_in_with_what_our_own_program_makes()
    {
        await using var running = await CertificateServer.StartAsync();
        using var program = new Certificates.CertGeneratorFixture();
        program.Time.AdjustTime(TimeProvider.System.GetUtcNow());
        await program.MakeAsync("--host", "localhost");
        await program.MakeAsync("client", "build-farm");
        File.Copy(program.PathOf("ca.pem"), running.CaFile, overwrite: true); // and it counts without a restart
        string[] args = ["-sS", "--insecure", "-i", "--cert", program.PathOf("build-farm.pem"), "--key", program.PathOf("build-farm-key.pem"), $"{running.Server.Address}v1/vms"];

        var answer = await OpenSsl.RunAsync("curl", args, "");
        Assert.Matches("^HTTP/[0-9.]+ 200", answer);

        using (var made = program.Load("build-farm.pem"))
        {
            running.Revoke(made);
        }

        answer = await OpenSsl.RunAsync("curl", args, "");
        Assert.DoesNotMatch("(?m)^HTTP/", answer);
    }

    [Fact(Timeout = Patience)]
    public async Task Revoking_ends_the_stream_of_events_that_a_certificate_has_opened()
    {
        await using var running = await CertificateServer.StartAsync();
        var good = running.Forge.Good();
        using var http = running.Connect(good.Certificate);
        await running.Server.CreateVmAsync("run-1");
        await running.Server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        using var stream = new StreamReader(await http.GetStreamAsync("/v1/vms/run-1/events", TestContext.Current.CancellationToken));

        running.Revoke(good.Certificate);
        var events = await stream.ReadToEndAsync(TestContext.Current.CancellationToken); // nothing else ends it: the runner waits for a job

        Assert.Contains("\"phase\":\"online\"", events, StringComparison.Ordinal);
        Assert.DoesNotContain("\"phase\":\"gone\"", events, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Revoking_ends_what_a_connection_may_that_is_open_already()
    {
        var connections = 0;
        await using var running = await CertificateServer.StartAsync();
        var good = running.Forge.Good();
        using var http = running.Connect(good.Certificate, () => connections++);
        Assert.Equal((HttpStatusCode.OK, null), await StatusAsync(http));

        running.Revoke(good.Certificate);
        Assert.Equal((HttpStatusCode.Unauthorized, "The certificate of this connection is not accepted any more."), await StatusAsync(http));

        File.WriteAllText(running.RevokedFile, "nonsense\n");
        Assert.Equal(HttpStatusCode.Unauthorized, (await StatusAsync(http)).Status);
        File.WriteAllText(running.RevokedFile, "");
        Assert.Equal(HttpStatusCode.Unauthorized, (await StatusAsync(http)).Status);
        File.Delete(running.RevokedFile);
        Assert.Equal(HttpStatusCode.Unauthorized, (await StatusAsync(http)).Status);

        running.Revoke();
        Assert.Equal(HttpStatusCode.OK, (await StatusAsync(http)).Status);
        Assert.Equal(1, connections);
    }

    [Fact(Timeout = Patience)]
    public async Task An_authority_that_is_taken_out_of_the_file_counts_no_more_and_a_broken_file_changes_nothing()
    {
        await using var running = await CertificateServer.StartAsync();
        using var http = running.Connect(running.Forge.Good().Certificate);
        Assert.Equal(HttpStatusCode.OK, (await StatusAsync(http)).Status);

        File.WriteAllText(running.CaFile, "nonsense");
        Assert.Equal(HttpStatusCode.OK, (await StatusAsync(http)).Status);

        using var next = new ClientCertificateForge(TimeProvider.System.GetUtcNow());
        File.WriteAllText(running.CaFile, next.AuthorityPem);
        Assert.Equal(HttpStatusCode.Unauthorized, (await StatusAsync(http)).Status);
        using var renewed = running.Connect(next.Good().Certificate);
        Assert.Equal(HttpStatusCode.OK, (await StatusAsync(renewed)).Status);
    }

    [Fact(Timeout = Patience)]
    public async Task A_certificate_may_what_the_rule_of_its_name_says()
    {
        await using var running = await CertificateServer.StartAsync();
        using var farm = running.Connect(running.Forge.Good().Certificate);
        using var other = running.Connect(running.Forge.Named("other").Certificate);
        using var stranger = running.Connect(running.Forge.Named("stranger").Certificate);

        using var made = await CreateAsync(farm, """{ "image": "debian-12", "id": "farm-1" }""");
        using var foreign = await CreateAsync(other, """{ "image": "debian-12", "id": "farm-2", "repository": "acme/gpu" }""");
        using var denied = await CreateAsync(stranger, """{ "image": "debian-12", "id": "farm-3" }""");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (made.StatusCode, foreign.StatusCode, denied.StatusCode));
        Assert.Equal("The policy denies it: No rule names the certificate stranger.", (await ProblemAsync(denied)).Detail);
        Assert.Matches("^certificate:build-farm \\(serial [0-9A-F]{32,34}\\)$", Assert.Single(running.Server.Vms.List()).Caller);
        Assert.Equal("farm", Assert.Single(running.Server.Vms.List()).Rule);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync("/v1/vms/farm-1", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await farm.GetAsync("/v1/vms/farm-1", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact(Timeout = Patience)]
    public async Task With_a_token_beside_a_certificate_neither_counts_and_with_a_token_alone_nothing_is_asked()
    {
        await using var running = await CertificateServer.StartAsync();
        using var both = running.Connect(running.Forge.Good().Certificate);
        both.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", running.Server.Token.Text);

        Assert.Equal(
            (HttpStatusCode.Unauthorized, "The request has a token, and its connection a certificate: whose rights are meant is not clear."), await StatusAsync(both));
        Assert.Equal(HttpStatusCode.OK, (await StatusAsync(running.Server.Http)).Status);
    }

    [Fact(Timeout = Patience)]
    public async Task Many_requests_at_once_on_one_connection_are_all_judged()
    {
        await using var running = await CertificateServer.StartAsync();
        using var http = running.Connect(running.Forge.GoodRsa().Certificate);
        (http.DefaultRequestVersion, http.DefaultVersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => StatusAsync(http)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Fact(Timeout = Patience)]
    public async Task A_server_without_an_authority_asks_for_no_certificate_and_takes_none()
    {
        await using var server = await Server.RunningServer.StartAsync();
        using var forge = new ClientCertificateForge(TimeProvider.System.GetUtcNow());
        var folder = Directory.CreateTempSubdirectory("none").FullName;

        var answer = await OpenSsl.RunAsync("openssl", ["s_client", "-connect", server.Address.Authority, .. forge.Good().Write(folder)], "");

        Assert.DoesNotContain("Client Certificate Types", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Requested Signature Algorithms", answer, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact(Timeout = Patience)]
    public async Task The_description_for_programs_says_that_either_is_enough()
    {
        await using var running = await CertificateServer.StartAsync();

        var description = JsonNode.Parse(await running.Server.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;

        Assert.Equal("""{"type":"http","scheme":"bearer"}""", Type(description, "token"));
        Assert.Equal("""{"type":"mutualTLS","scheme":null}""", Type(description, "certificate"));
        Assert.Equal("""[{"token":[]},{"certificate":[]}]""", description["paths"]!["/v1/vms"]!["post"]!["security"]!.ToJsonString());
        Assert.Null(description["paths"]!["/healthz"]?["get"]?["security"]);
    }

    private static string Type(JsonNode description, string name)
    {
        var scheme = description["components"]!["securitySchemes"]![name]!;
        return new JsonObject { ["type"] = scheme["type"]!.DeepClone(), ["scheme"] = scheme["scheme"]?.DeepClone() }.ToJsonString();
    }

    private static Task<string> AskAsync(CertificateServer running, string version, string[] certificate) => OpenSsl.RunAsync(
        "openssl", ["s_client", "-quiet", "-verify_quiet", "-connect", running.Server.Address.Authority, version, "-cipher", "DEFAULT:@SECLEVEL=0", .. certificate], Request);

    private static async Task<(HttpStatusCode Status, string? Detail)> StatusAsync(HttpClient http)
    {
        using var response = await http.GetAsync("/v1/vms", TestContext.Current.CancellationToken);
        return (response.StatusCode, response.IsSuccessStatusCode ? null : (await ProblemAsync(response)).Detail);
    }

    private static async Task<ProblemView> ProblemAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken))!;

    private static Task<HttpResponseMessage> CreateAsync(HttpClient http, string json) =>
        http.PostAsync("/v1/vms", new StringContent(json, new MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken);
}
