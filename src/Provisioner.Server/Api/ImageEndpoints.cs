using Provisioner.Contracts;
using Provisioner.Server.Images;

namespace Provisioner.Server.Api;

internal static class ImageEndpoints
{
    public static void MapImages(this RouteGroupBuilder api) =>
        api.MapGet("/images", ListAsync).WithTags("Images").WithName("listImages").WithSummary("List the images that the caller can ask for").Produces<ImageView[]>();

    private static async Task<IResult> ListAsync(HttpContext context, ImageCatalog images, CancellationToken cancellationToken)
    {
        var views = (await images.ListAsync(cancellationToken)).Where(view => context.Caller.Grant.Limits.AllowsImage(view.Alias));
        return TypedResults.Json([.. views], WireJson.Default.ImageViewArray);
    }
}
