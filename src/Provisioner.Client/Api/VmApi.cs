using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Provisioner.Contracts;

namespace Provisioner.Client.Api;

/// <summary>The server's API, one method a call. Each call has its own patience and throws <see cref="ClientException"/> only.</summary>
internal sealed class VmApi(ServerConnection connection, TimeProvider time) : IDisposable
{
    private const string Vms = "/v1/vms";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CertificateCheck _check = new(connection.Address, connection.Trust, time);
    private HttpClient? _http;

    /// <summary>True in the second place if the VM was there before.</summary>
    public async Task<(VmView Vm, bool Existed)> CreateAsync(CreateVm vm, string idempotencyKey, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Vms) { Content = JsonContent.Create(vm, WireJson.Default.CreateVm) };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await SendAsync(request, cancellation);
        return (await ReadAsync(response, WireJson.Default.VmView, cancellation), response.StatusCode == HttpStatusCode.OK);
    }

    public Task<VmView[]> ListAsync(CancellationToken cancellation) => GetAsync(Vms, WireJson.Default.VmViewArray, cancellation);

    public Task<ImageView[]> ImagesAsync(CancellationToken cancellation) => GetAsync("/v1/images", WireJson.Default.ImageViewArray, cancellation);

    public Task<HostView[]> HostsAsync(CancellationToken cancellation) => GetAsync("/v1/hosts", WireJson.Default.HostViewArray, cancellation);

    public Task<HostView> DrainAsync(string host, CancellationToken cancellation) => PostAsync(host, "drain", cancellation);

    public Task<HostView> ResumeAsync(string host, CancellationToken cancellation) => PostAsync(host, "resume", cancellation);

    /// <summary>The host and port that are spoken to.</summary>
    public string Server => connection.Address.Authority;

    /// <summary>The word in which the server says that it is ready, or why not, and the time that it has. Needs no credential.</summary>
    public async Task<(string Word, DateTimeOffset? Date)> ReadyAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/readyz");
        using var response = await SendAsync(request, cancellation, HttpStatusCode.ServiceUnavailable);
        return ((await response.Content.ReadAsStringAsync(cancellation)).Trim(), response.Headers.Date);
    }

    public Task<VmView> ShowAsync(string id, CancellationToken cancellation) => GetAsync(PathOf(id), WireJson.Default.VmView, cancellation);

    /// <summary>The last lines of the VM's console. Untrusted.</summary>
    public async Task<string> ConsoleAsync(string id, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{PathOf(id)}/console");
        using var response = await SendAsync(request, cancellation);
        return await response.Content.ReadAsStringAsync(cancellation);
    }

    /// <param name="id">Which VM.</param>
    /// <param name="lifetime">How long it shall live from now on.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<VmView> ExtendAsync(string id, TimeSpan lifetime, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{PathOf(id)}/extend")
        {
            Content = JsonContent.Create(new ExtendVm { Lifetime = lifetime }, WireJson.Default.ExtendVm),
        };
        using var response = await SendAsync(request, cancellation);
        return await ReadAsync(response, WireJson.Default.VmView, cancellation);
    }

    /// <summary>The VM as it was when its end was noted; null if there was none.</summary>
    public async Task<VmView?> DeleteAsync(string id, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, PathOf(id));
        try
        {
            using var response = await SendAsync(request, cancellation);
            return response.StatusCode == HttpStatusCode.NoContent ? null : await ReadAsync(response, WireJson.Default.VmView, cancellation);
        }
        catch (ClientException error) when (error.ExitCode == ExitCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Opens the stream of a VM's changes, beginning after the event named; from the first one when null.</summary>
    public Task<HttpResponseMessage> OpenEventsAsync(string id, string? lastEventId, bool follow, CancellationToken cancellation) =>
        OpenAsync($"{PathOf(id)}/events{(follow ? "" : "?follow=false")}", lastEventId, cancellation);

    /// <summary>Opens the stream of the changes of all VMs: some of the past, or those after the event named, and then each as it happens.</summary>
    public Task<HttpResponseMessage> OpenAllEventsAsync(int past, string? lastEventId, bool follow, CancellationToken cancellation) =>
        OpenAsync($"/v1/events?last={past}&follow={(follow ? "true" : "false")}", lastEventId, cancellation);

    public ClientException Explain(HttpRequestException error) => _check.Rejection ?? TransportFault.Explain(error, connection.Address, connection.Credential.Certificate is not null);

    /// <summary>The same server over new connections.</summary>
    public VmApi Anew() => new(connection, time);

    public void Dispose() => _http?.Dispose();

    private static string PathOf(string id) => $"{Vms}/{Uri.EscapeDataString(id)}";

    private async Task<HttpResponseMessage> OpenAsync(string path, string? lastEventId, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Add("Last-Event-ID", lastEventId ?? "0");
        return await SendAsync(request, cancellation);
    }

    private async Task<HostView> PostAsync(string host, string verb, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/hosts/{Uri.EscapeDataString(host)}/{verb}");
        using var response = await SendAsync(request, cancellation);
        return await ReadAsync(response, WireJson.Default.HostView, cancellation);
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await SendAsync(request, cancellation);
        return await ReadAsync(response, type, cancellation);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation, HttpStatusCode? alsoGood = null)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        HttpResponseMessage? response = null;
        try
        {
            request.Headers.Authorization = await connection.Credential.GetTokenAsync(either.Token) is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
            _http ??= connection.Open(_check);
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.IsSuccessStatusCode || response.StatusCode == alsoGood)
            {
                return response;
            }

            throw await ProblemFault.ExplainAsync(response, either.Token);
        }
        catch (HttpRequestException error)
        {
            throw Explain(error);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw TransportFault.Silent(connection.Address, Patience);
        }
        catch (OperationCanceledException error) when (error.InnerException is TimeoutException && !cancellation.IsCancellationRequested)
        {
            throw TransportFault.NoConnection(connection.Address, ServerConnection.ConnectTimeout);
        }
        finally
        {
            if (response is { IsSuccessStatusCode: false } && response.StatusCode != alsoGood)
            {
                response.Dispose();
            }
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            return await response.Content.ReadFromJsonAsync(type, either.Token) ?? throw new JsonException("null");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new ClientException(ExitCode.Failure, "Not understood", $"{connection.Address.Authority} answered something that is not of this API.",
                "Check that the address is that of a virtualbox-server, of the same major version as this client.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw TransportFault.Explain(error as HttpRequestException ?? new HttpRequestException(error.Message, error), connection.Address);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw TransportFault.Silent(connection.Address, Patience);
        }
    }
}
