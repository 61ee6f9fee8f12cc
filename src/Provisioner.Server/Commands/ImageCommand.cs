using System.CommandLine;
using System.Reflection;
using Provisioner.Server.Images;
using Provisioner.Server.Images.Building;

namespace Provisioner.Server.Commands;

/// <summary><c>image build|refresh|check|list|promote|rollback|gc</c>: the life of images. Works on the folder of images, whether or not the server runs.</summary>
internal static class ImageCommand
{
    public static Command Create(Option<FileInfo?> config) => new("image", "Build images, keep them fresh, and choose which version new VMs are made of")
    {
        Build(config), Refresh(config), Check(config), List(config), Promote(config), Rollback(config), Collect(config),
    };

    private static Command Build(Option<FileInfo?> config)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A recipe, such as images/debian-13.json" };
        var command = new Command("build", "Build a version of an image from a cloud image. The first version is promoted, later ones are not") { file };
        command.SetAction((parsed, cancellationToken) => ImageWork.RunAsync(parsed.GetValue(config), async (options, folder) =>
        {
            var recipe = RecipeFile.Read(parsed.GetValue(file)!.FullName);
            return await MakeAsync(options, folder, recipe, promote: false, cancellationToken);
        }));
        return command;
    }

    private static Command Refresh(Option<FileInfo?> config)
    {
        var name = Name();
        var promote = new Option<bool>("--promote") { Description = "New VMs are made of it from then on, if a clone of it boots" };
        var command = new Command("refresh", "Build a new version by the recipe of the newest one, with the newest runner where the recipe names none") { name, promote };
        command.SetAction((parsed, cancellationToken) => ImageWork.RunAsync(parsed.GetValue(config), async (options, folder) =>
        {
            var newest = ImageWork.Newest(folder, parsed.GetValue(name)!);
            return await MakeAsync(options, folder, newest.Recipe, parsed.GetValue(promote), cancellationToken);
        }));
        return command;
    }

    private static Command Check(Option<FileInfo?> config)
    {
        var name = Name();
        var version = Version("the one in use");
        var command = new Command("check", "Boot a clone of an image until its guest is ready, and look at the age of its runner. Exit codes: 0 good, 1 not") { name, version };
        command.SetAction((parsed, cancellationToken) => ImageWork.RunAsync(parsed.GetValue(config), async (options, folder) =>
        {
            var image = parsed.GetValue(name)!;
            var found = parsed.GetValue(version) is { } wanted ? folder.Find(image, wanted) : folder.Current(image) ?? throw ImageWork.Unknown(folder, image);
            return await new ImageCheck(options, folder, TimeProvider.System, Say).RunAsync(image, found, cancellationToken) ? ExitCodes.Done : ExitCodes.Failed;
        }));
        return command;
    }

    private static Command List(Option<FileInfo?> config)
    {
        var format = new Option<string>("--format") { Description = "text, or json: one object a line", DefaultValueFactory = _ => "text", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("list", "Show all versions of all images, and which are in use") { format };
        command.SetAction((parsed, _) => ImageWork.RunAsync(parsed.GetValue(config), (options, folder) =>
        {
            foreach (var line in new ImageTable(options.Runner, folder, TimeProvider.System).Lines(parsed.GetValue(format) == "json"))
            {
                Say(line);
            }

            return Task.FromResult(ExitCodes.Done);
        }));
        return command;
    }

    private static Command Promote(Option<FileInfo?> config)
    {
        var (name, version) = (Name(), Version("the newest"));
        var command = new Command("promote", "Have new VMs made of a version. VMs that exist stay on theirs") { name, version };
        command.SetAction((parsed, _) => ImageWork.RunAsync(parsed.GetValue(config), (_, folder) =>
        {
            using var one = folder.Lock();
            var image = parsed.GetValue(name)!;
            var found = parsed.GetValue(version) is { } wanted ? folder.Find(image, wanted) : ImageWork.Newest(folder, image);
            folder.Promote(image, found.Version, TimeProvider.System.GetUtcNow());
            Say($"New VMs of {image} are made of {found.Version}.");
            return Task.FromResult(ExitCodes.Done);
        }));
        return command;
    }

    private static Command Rollback(Option<FileInfo?> config)
    {
        var name = Name();
        var command = new Command("rollback", "Return to the version that was in use before") { name };
        command.SetAction((parsed, _) => ImageWork.RunAsync(parsed.GetValue(config), (_, folder) =>
        {
            using var one = folder.Lock();
            Say($"New VMs of {parsed.GetValue(name)} are made of {folder.Rollback(parsed.GetValue(name)!, TimeProvider.System.GetUtcNow())} again.");
            return Task.FromResult(ExitCodes.Done);
        }));
        return command;
    }

    private static Command Collect(Option<FileInfo?> config)
    {
        var rehearse = new Option<bool>("--dry-run") { Description = "Only say what would go" };
        var command = new Command("gc", "Remove versions that nobody needs: not in use, not the one before, and no VM stands on them") { rehearse };
        command.SetAction((parsed, cancellationToken) => ImageWork.RunAsync(parsed.GetValue(config), async (options, folder) =>
        {
            foreach (var line in await new ImageCleanup(options, folder, TimeProvider.System).RunAsync(parsed.GetValue(rehearse), cancellationToken))
            {
                Say(line);
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static async Task<int> MakeAsync(Configuration.ServerOptions options, ImageFolder folder, ImageRecipe recipe, bool promote, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd($"virtualbox-provisioner/{Assembly.GetExecutingAssembly().GetName().Version}");
        var downloads = new Downloads(folder.Downloads, http, text => Say($"==> {text}"));
        var made = await new ImageBuild(options, folder, downloads, TimeProvider.System, Say).RunAsync(recipe, cancellationToken);
        var isGood = !promote || await new ImageCheck(options, folder, TimeProvider.System, Say).RunAsync(recipe.Name, made, cancellationToken);
        if (promote && isGood)
        {
            using var one = folder.Lock();
            folder.Promote(recipe.Name, made.Version, TimeProvider.System.GetUtcNow());
        }

        Say(folder.Promoted(recipe.Name)?.Current == made.Version
            ? $"Built {recipe.Name} {made.Version}; new VMs are made of it."
            : $"Built {recipe.Name} {made.Version}. New VMs are made of it after: virtualbox-server image promote {recipe.Name}");
        return isGood ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static Argument<string> Name() => new("NAME") { Description = "Name of an image that was built here" };

    private static Argument<string?> Version(string otherwise) =>
        new("VERSION") { Description = $"Which version [default: {otherwise}]", Arity = ArgumentArity.ZeroOrOne };

    private static void Say(string line) => Console.WriteLine(line);
}
