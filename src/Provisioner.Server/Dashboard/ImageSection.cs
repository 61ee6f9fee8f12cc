using Provisioner.Contracts;

namespace Provisioner.Server.Dashboard;

/// <summary>The images, their age, and the VMs that wait for somebody to ask.</summary>
internal static class ImageSection
{
    public static Html Of(IReadOnlyList<ImageView>? images, IReadOnlyDictionary<string, WarmView> warm, IReadOnlyDictionary<string, WarmView> saved) => Html.Of(
        $"""
        <section id="images" aria-labelledby="images-title"><h2 id="images-title">Images</h2>
        {(images is null ? Html.Of($"<p class=\"bad\">The hypervisor does not answer.</p>") : images.Count == 0 ? Html.Of($"<p class=\"bad\">There are none: nobody can ask for a VM.</p>") : Table(images, warm, saved))}</section>
        """);

    private static Html Table(IReadOnlyList<ImageView> images, IReadOnlyDictionary<string, WarmView> warm, IReadOnlyDictionary<string, WarmView> saved) => Html.Of(
        $"""
        <table class="cards"><thead><tr><th scope="col">Image<th scope="col">State<th scope="col">Version<th scope="col">Runner<th scope="col">Warm<th scope="col">Saved</thead><tbody>
        {images.Select(image => Html.Of($"<tr><th scope=\"row\">{image.Alias}<td data-of=State>{State(image)}<td data-of=Version>{image.Version ?? "not built here"}<td data-of=Runner>{Runner(image)}<td data-of=Warm>{Kept(warm.GetValueOrDefault(image.Alias))}<td data-of=Saved>{Kept(saved.GetValueOrDefault(image.Alias))}"))}
        </tbody></table>
        """);

    private static Html State(ImageView image) => image.Usable ? Html.Of($"<b class=\"good\">usable</b>") : Html.Of($"<b class=\"bad\">not usable</b>: {image.Problem}");

    private static string Runner(ImageView image) => image.RunnerAge is { } age ? $"{image.RunnerVersion ?? "unknown"}, {age} days old" : "unknown";

    private static string Kept(WarmView? kept) => kept is null ? "none kept" : $"{kept.Ready} of {kept.Wanted}{(kept.Problem is { } problem ? $": {problem}" : "")}";
}
