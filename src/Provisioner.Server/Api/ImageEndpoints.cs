using Provisioner.Contracts;
using Provisioner.Server.Images;
using Provisioner.Server.Placement;

namespace Provisioner.Server.Api;

internal static class ImageEndpoints
{
    public static void MapImages(this RouteGroupBuilder api) =>
        api.MapGet("/images", ListAsync).WithTags("Images").WithName("listImages").WithSummary("List the images that the caller can ask for").Produces<ImageView[]>();

    private static async Task<IResult> ListAsync(HttpContext context, ImageCatalog images, HostQueue queue, CancellationToken cancellationToken)
    {
        var views = (await images.ListAsync(cancellationToken)).Where(view => context.Caller.Grant.Limits.AllowsImage(view.Alias));
        var (warm, saved) = (queue.Warm(), queue.Saved());
        return TypedResults.Json([.. views.Select(view => view with { Warm = warm.GetValueOrDefault(view.Alias), Saved = saved.GetValueOrDefault(view.Alias) })], WireJson.Default.ImageViewArray);
    }
}
