using System.Collections.Concurrent;
using System.Text.Json;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Hardware;
using Provisioner.Server.Images.Building;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Images;

/// <summary>The images of the configuration, and whether each can be cloned now. Callers know aliases only.</summary>
/// <param name="hypervisor">Looks at the images.</param>
/// <param name="options">Name them.</param>
/// <param name="time">What their age counts by.</param>
/// <param name="logger">Hears of those that should be refreshed.</param>
/// <param name="writes">Whether the data folder is this process's own.</param>
internal sealed partial class ImageCatalog(IHypervisor hypervisor, ServerOptions options, TimeProvider time, ILogger<ImageCatalog> logger, bool writes = true)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    /// <summary>A call in a hundred stalls for ten seconds (VBoxManage): no request waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HardwareCatalog _hardware = new(options);

    private readonly ConcurrentDictionary<string, (long At, ImageHealth Health)> _checked = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _warned = new();
    private readonly ImageFolder _built = new(options.ImageFolder);
    private readonly NewestRunner _newest = new(options.Runner, new KeptRunner(options.DataFolder, options.Runner.Releases, writes, logger), time);

    public bool Knows(string alias) => options.Images.ContainsKey(alias);

    public IEnumerable<string> Aliases => options.Images.Keys.Order(StringComparer.Ordinal);

    /// <summary>Everything about a VM that the hypervisor must know to clone it.</summary>
    /// <exception cref="HypervisorException">The image cannot be used, or a device is not leased.</exception>
    /// <exception cref="GitHubException">Its clones are to have the newest runner, and nobody has told yet which that is: later somebody may.</exception>
    public async Task<VmSpecification> SpecifyAsync(Vm vm, CancellationToken cancellationToken)
    {
        VmProfile.RequireLeases(vm, options);
        try
        {
            return Describe(vm, Installs(vm) ? await _newest.FindAsync(cancellationToken) : null);
        }
        catch (ImageException problem)
        {
            throw new GitHubException(GitHubFault.Unreachable, $"The clones of image {vm.Image} cannot be given a runner at boot: {problem.Message}");
        }
    }

    /// <summary>
    /// All that a machine of a VM is made from, as text: where two have the same, each can stand for the other. Null if the image is unknown or
    /// cannot be specified now.
    /// </summary>
    public string? RecipeOf(Vm vm)
    {
        try
        {
            var installs = Installs(vm);
            var newest = installs ? _newest.Last : null;
            return installs && newest is null ? null : JsonSerializer.Serialize(Describe(vm, newest) with { Id = default, Label = "", Owner = "", Repository = "" }, RecipeJson.Default.VmSpecification);
        }
        catch (HypervisorException)
        {
            return null;
        }
    }

    /// <summary>The same, of a VM of whose image nobody wishes anything.</summary>
    public string? RecipeOf(string alias) => RecipeOf(Vm.OfNobody(alias, _hardware.NameFor(alias, asked: null)));

    public async Task<IReadOnlyList<ImageView>> ListAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(Aliases.Select(alias => ViewAsync(alias, cancellationToken)));

    /// <summary>How old the runner of each image is that was built here.</summary>
    public IEnumerable<(string Alias, TimeSpan Age)> RunnerAges() =>
        from alias in Aliases
        let built = TryFind(options.Images[alias]).Built
        where built is not null
        select (alias, ImageAge.Of(built, time.GetUtcNow()));

    /// <summary>Whether an image can be cloned, as of at most half a minute ago. Unknown counts as usable: the clone will tell.</summary>
    public async Task<ImageHealth> CheckAsync(string alias, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var image = options.Images[alias];
        var (source, built, problem) = TryFind(image);
        if (problem is not null)
        {
            return new ImageHealth(problem, HypervisorFault.ImageUnusable);
        }

        if (await FindRunnerProblemAsync(image, built, cancellationToken) is { } refusal)
        {
            return new ImageHealth(refusal, HypervisorFault.ImageUnusable);
        }

        WarnOnceADay(image, built);
        if (_checked.TryGetValue(alias, out var known) && known.Health.IsUsable && time.GetElapsedTime(known.At, now) < Fresh)
        {
            return known.Health;
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var health = await hypervisor.InspectAsync(source!, either.Token);
            _checked[alias] = (now, health);
            return health;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ImageHealth();
        }
    }

    private async Task<ImageView> ViewAsync(string alias, CancellationToken cancellationToken)
    {
        var health = await CheckAsync(alias, cancellationToken);
        var image = options.Images[alias];
        var built = TryFind(image).Built;
        var profile = _hardware.Find(image.Hardware);
        var problem = health.Problem ?? _hardware.FindProblem(image.Hardware);
        return new ImageView(alias, profile?.Cpus ?? image.Cpus, profile?.Memory ?? image.Memory, problem is null, problem)
        {
            Disk = profile?.Disk ?? health.DiskMegabytes,
            Hardware = image.Hardware,
            Version = built?.Version,
            RunnerVersion = built?.RunnerVersion,
            RunnerAge = built is null ? null : (int)ImageAge.Of(built, time.GetUtcNow()).TotalDays,
        };
    }

    /// <summary>Whether the clones of an image are to have the newest runner, whatever is in it. Of an image that was not built here nobody knows the age. One that was built before there were seeds would ignore it.</summary>
    private bool Installs(ImageOptions image, ImageManifest? built) => image.Seed == ImageSeed.Runner
        && (built is null || (built.KnowsSeeds && ImageAge.Refusal(image.Source, built, options.Runner, time.GetUtcNow()) is not null));

    private bool Installs(Vm vm) => options.Images.TryGetValue(vm.Image, out var image) && image.Seed == ImageSeed.Runner && Installs(image, TryFind(image).Built);

    private async Task<string?> FindRunnerProblemAsync(ImageOptions image, ImageManifest? built, CancellationToken cancellationToken)
    {
        var refusal = built is null ? null : ImageAge.Refusal(image.Source, built, options.Runner, time.GetUtcNow());
        if (!Installs(image, built))
        {
            return refusal;
        }

        try
        {
            await _newest.FindAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken);
            return null;
        }
        catch (TimeoutException)
        {
            return null; // by the time at which the VM has its place, the answer will be there
        }
        catch (ImageException problem)
        {
            return refusal is null ? $"no runner can be installed in the clones of {image.Source}: {problem.Message}" : $"{refusal}. Nor can its clones install a newer one at boot: {problem.Message}";
        }
    }

    private VmSpecification Describe(Vm vm, RunnerSource? runner)
    {
        if (!options.Images.TryGetValue(vm.Image, out var image))
        {
            throw new HypervisorException(HypervisorFault.ImageUnusable, $"The image {vm.Image} is no longer in the configuration.");
        }

        var profile = VmProfile.Of(vm, options);
        return new VmSpecification
        {
            Id = vm.Machine,
            Image = Find(image).Base,
            Cpus = vm.Cpus ?? profile?.Cpus ?? image.Cpus,
            MemoryMegabytes = vm.Memory ?? profile?.Memory ?? image.Memory,
            Hardware = WithDisk(profile?.ToHardware(), vm.Disk),
            Seed = image.Seed == ImageSeed.None ? null : GuestSeed.Make(image.Setup, runner, options.Vms.BootTimeout, time),
            Label = vm.Id.Value,
            Owner = vm.Repository.Owner ?? "",
            Repository = vm.Repository.Name ?? "",
        };
    }

    /// <summary>A disk that was asked for counts more than the profile's.</summary>
    private static VmHardware? WithDisk(VmHardware? hardware, int? asked) => asked is null ? hardware : (hardware ?? new VmHardware()) with { DiskMegabytes = asked };

    /// <summary>What clones of an image are made of now: the version in use, where it was built here.</summary>
    private (BaseImage Base, ImageManifest? Built) Find(ImageOptions image) => TryFind(image) switch
    {
        (var source, var built, null) => (source!, built),
        (_, _, var problem) => throw new HypervisorException(HypervisorFault.ImageUnusable, problem),
    };

    private (BaseImage? Base, ImageManifest? Built, string? Problem) TryFind(ImageOptions image)
    {
        try
        {
            var built = image.Snapshot is null ? _built.Current(image.Source) : null;
            return (built is null ? new BaseImage(image.Source, image.Snapshot) : _built.BaseOf(image.Source, built), built, null);
        }
        catch (Exception problem) when (problem is ImageException or IOException or UnauthorizedAccessException)
        {
            return (null, null, problem.Message);
        }
    }

    private void WarnOnceADay(ImageOptions image, ImageManifest? built)
    {
        var now = time.GetUtcNow();
        if (built is not null && ImageAge.Warning(image.Source, built, options.Runner, now) is { } warning
            && (_warned.TryGetValue(image.Source, out var last) ? now - last >= TimeSpan.FromDays(1) && _warned.TryUpdate(image.Source, now, last) : _warned.TryAdd(image.Source, now)))
        {
            LogOld(Installs(image, built) ? ImageAge.Detour(image.Source, built, _newest.Last?.Version ?? "the newest one", now) : warning);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    private partial void LogOld(string warning);
}
