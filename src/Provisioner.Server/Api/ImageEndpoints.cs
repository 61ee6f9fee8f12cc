using Provisioner.Contracts;
using Provisioner.Server.Images;

namespace Provisioner.Server.Api;

internal static class ImageEndpoints
{
    public static void MapImages(this RouteGroupBuilder api) =>
        api.MapGet("/images", ListAsync).WithTags("Images").WithName("listImages").WithSummary("List the images that can be asked for").Produces<ImageView[]>();

    private static async Task<IResult> ListAsync(ImageCatalog images, CancellationToken cancellationToken)
    {
        var views = await images.ListAsync(cancellationToken);
        return TypedResults.Json([.. views], WireJson.Default.ImageViewArray);
    }
}
