using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Provisioner.Contracts;

namespace Provisioner.CrashMatrix;

/// <summary>A client of the API that is prepared for a server that dies in the middle of a word.</summary>
internal static class Caller
{
    /// <summary>Asks for a VM. False when the server died before it answered.</summary>
    public static async Task<bool> CreateAsync(ServerProcess server, AskedVm vm, string repository, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/vms");
        request.Headers.Add("Idempotency-Key", vm.Key);
        request.Content = JsonContent.Create(new CreateVm { Image = "base", Id = vm.GivenId, Repository = repository, Hardware = vm.Hardware }, WireJson.Default.CreateVm);
        using var response = await SendAsync(server, request, cancellationToken);
        if (response is null)
        {
            return false;
        }

        await RequireAsync(response, HttpStatusCode.Accepted, HttpStatusCode.OK);
        if (await ReadAsync(server, response, WireJson.Default.VmView, cancellationToken) is not { } view)
        {
            return false;
        }

        BrokenPromiseException.Unless(view.Id == vm.Id, $"One key has two VMs: {vm.Id} was asked for, {view.Id} was made.");
        vm.IsAnswered = true;
        return true;
    }

    /// <summary>Has a VM removed. False when the server died before it answered.</summary>
    public static async Task<bool> DeleteAsync(ServerProcess server, AskedVm vm, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/v1/vms/{vm.Id}");
        using var response = await SendAsync(server, request, cancellationToken);
        if (response is null)
        {
            return false;
        }

        await RequireAsync(response, HttpStatusCode.Accepted, HttpStatusCode.NoContent);
        vm.IsDeleted = true;
        return true;
    }

    /// <summary>Follows a VM until it is in one of the phases. The phase that it was in last; gone where there is no such VM; null when the server died.</summary>
    public static async Task<VmPhase?> FollowAsync(ServerProcess server, AskedVm vm, Func<VmPhase, bool> until, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/vms/{vm.Id}/events");
        using var response = await SendAsync(server, request, cancellationToken);
        if (response is null or { StatusCode: HttpStatusCode.NotFound })
        {
            return response is null ? null : VmPhase.Gone;
        }

        await RequireAsync(response, HttpStatusCode.OK);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            {
                var news = item.Data.Length == 0 ? null : JsonSerializer.Deserialize(item.Data, WireJson.Default.VmEvent);
                if (news is not null && until(news.Phase))
                {
                    return news.Phase;
                }
            }
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException)
        {
            // The server died; what follows waits until it has.
        }

        await server.Ended.WaitAsync(cancellationToken);
        return null;
    }

    /// <summary>Returns when that many wait for somebody to ask, or the server has died.</summary>
    public static async Task AwaitWarmAsync(ServerProcess server, int count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/images");
            using var response = await SendAsync(server, request, cancellationToken);
            var images = response is null ? null : await ReadAsync(server, response, WireJson.Default.ImageViewArray, cancellationToken);
            if (images is null || images.All(image => (image.Warm ?? image.Saved)?.Ready >= count))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public static async Task<VmView[]> ListAsync(ServerProcess server, CancellationToken cancellationToken) =>
        (await server.Api.GetFromJsonAsync("/v1/vms", WireJson.Default.VmViewArray, cancellationToken))!;

    private static async Task<HttpResponseMessage?> SendAsync(ServerProcess server, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return server.Api.BaseAddress is null ? null : await server.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException)
        {
            await server.Ended.WaitAsync(cancellationToken); // a server that lives and does not answer is stuck, which is told by the run's time
            return null;
        }
    }

    /// <summary>What was answered; null when the server died in the middle of it.</summary>
    private static async Task<T?> ReadAsync<T>(ServerProcess server, HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken);
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException)
        {
            await server.Ended.WaitAsync(cancellationToken);
            return null;
        }
    }

    private static async Task RequireAsync(HttpResponseMessage response, params HttpStatusCode[] expected)
    {
        if (!expected.Contains(response.StatusCode))
        {
            throw new BrokenPromiseException($"The server answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }
}
