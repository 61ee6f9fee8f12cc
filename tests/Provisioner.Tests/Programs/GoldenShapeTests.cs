using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Provisioner.Client.Commands;
using Provisioner.Contracts;
using Provisioner.Server.Audit;
using Provisioner.Server.Commands;
using Provisioner.Server.Configuration;
using Provisioner.Server.Doctor;
using Provisioner.Server.Hardware;
using Provisioner.Server.Images;
using Provisioner.Tests.Client.Fakes;
using Provisioner.Tests.Hardware;
using Provisioner.Tests.Images;

namespace Provisioner.Tests.Programs;

/// <summary>What <c>--format json</c> writes, for each verb that has it: the keys and the types of their values, where every field has one.</summary>
public sealed class GoldenShapeTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly VmFailure Failure = new(ProblemCode.GuestSilent, "Cause.", "Remedy.", "Console.");

    private static readonly VmView Vm = new()
    {
        Id = "vbx-1", Phase = VmPhase.Online, Reason = "r", Explanation = "e", Position = 1, Lack = "l", Relief = "h", Deadline = new VmDeadline(Noon, "t"), Image = "debian-12",
        Repository = "acme/widgets", Labels = ["l"], Cpus = 2, Memory = 4096, Disk = 32768, Hardware = "gpu", Host = "host-1", CreatedAt = Noon, Machine = "warm-1", ExpiresAt = Noon, RunnerId = 1, RegistrationHeld = true, Failure = Failure,
    };

    private static readonly HostView Host = new()
    {
        Name = "host-1", Own = true, Up = true, DrainingSince = Noon, DrainingBy = "ops", Vms = 0, Waiting = 1, Room = new HostRoom(1, 2, 3, 4), Held = new HostRoom(0, 1, 2, 3),
    };

    private static readonly ImageView Image = new("debian-12", 2, 4096, true, "p") { Disk = 16384, Hardware = "gpu", Version = "v", RunnerVersion = "r", RunnerAge = 1, Warm = new WarmView(2, 1, "w"), Saved = new WarmView(3, 2, "s") };

    private static readonly VmEvent Change = new(1, "vbx-1", Noon, VmPhase.Gone, "m", Failure);

    private static readonly Dictionary<string, string[]> Calls = new()
    {
        ["create"] = ["debian-12", "--no-wait"], ["list"] = [], ["show"] = ["vbx-1"], ["extend"] = ["vbx-1", "--lifetime", "1h"], ["watch"] = ["vbx-1"], ["explain"] = ["vbx-1"],
        ["logs"] = ["vbx-1"], ["events"] = [], ["images"] = [], ["hosts"] = [], ["drain"] = [], ["resume"] = [], ["doctor"] = [],
    };

    [Fact]
    public void The_examples_have_a_value_in_every_field()
    {
        object[] examples = [Vm, Vm.Deadline!, Host, Host.Room!, Image, Image.Warm!, Change, Failure];
        Assert.All(examples, example => Assert.DoesNotContain(example.GetType().GetProperties(), field => field.GetIndexParameters().Length == 0 && field.GetValue(example) is null));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_json_of_each_verb_of_the_client_has_the_shape_that_it_had()
    {
        using var authority = new TestCertificate();
        await using var server = (await ScriptedServer.StartAsync(authority.Sign()))
            .On("POST /v1/vms", Answers.Is(Vm)).On("GET /v1/vms", Answers.Are(Vm)).On("GET /v1/vms/vbx-1", Answers.Is(Vm, 200)).On("POST /v1/vms/vbx-1/extend", Answers.Is(Vm, 200))
            .On("GET /v1/vms/vbx-1/events", Answers.Events(Change)).On("GET /v1/events", Answers.Events(Change)).On("GET /readyz", Answers.Status(503, "not ready: why\n"))
            .On("GET /v1/images", Json(JsonSerializer.Serialize([Image], WireJson.Default.ImageViewArray)))
            .On("GET /v1/hosts", Json(JsonSerializer.Serialize([Host], WireJson.Default.HostViewArray)))
            .On("POST /v1/hosts/host-1/drain", Json(JsonSerializer.Serialize(Host, WireJson.Default.HostView)))
            .On("POST /v1/hosts/host-1/resume", Json(JsonSerializer.Serialize(Host, WireJson.Default.HostView)));
        var shapes = new Dictionary<string, string>();
        foreach (var verb in WithFormat(CommandTree.Client))
        {
            shapes[verb] = JsonShape.Of(await RunAsync(server, authority, [verb, .. Calls[verb], "--format", "json"]));
        }

        GoldenFile.AssertAre(CommandTree.Client, ".shape.json", shapes);
    }

    [Fact]
    public void The_json_of_each_verb_of_the_server_has_the_shape_that_it_had()
    {
        using var hardware = new HostTree().Usb("1.2", "096e", "0006", "AB12").Pci("0000:01:00.0", "030000", "vfio-pci", 7)
            .Write("dev/ttyS0", "").Write("sys/class/tty/ttyS0/device/x", "").Write("sys/class/tty/ttyS0/type", "4").Write("sys/module/kvm_intel/parameters/nested", "N");
        var images = Directory.CreateTempSubdirectory("images-");
        var folder = new ImageFolder(images.FullName);
        folder.Add("debian", ImageFolderTests.Manifest("1") with { RunnerVersion = "2.330.0", System = "Debian 12" }, Noon);
        var row = AuditRow.After(AuditMark.Beginning, new AuditEntry("ab", AuditAction.VmGone) { Target = "c", Repository = "a/b", Run = 1, Detail = "d" }, Noon);

        var shapes = new Dictionary<string, string>
        {
            ["audit-list"] = JsonShape.Of(AuditText.Json(row)),
            ["doctor"] = JsonShape.Of(DoctorReport.Json([Finding.Fail("check", "detail", "remedy", "page")])),
            ["hardware-list"] = JsonShape.Of(HardwareReport.Json(HardwareInventory.Read(new Hypervisors.HostDevices(hardware.Root)) with { HasSwtpm = true })),
            ["image-list"] = JsonShape.Of(Assert.Single(new ImageTable(new RunnerOptions(), folder, TimeProvider.System).Lines(json: true))),
        };

        images.Delete(recursive: true);
        Assert.Equal(WithFormat(CommandTree.Server).Order(), shapes.Keys.Order());
        Assert.Empty(WithFormat(CommandTree.Certificates));
        GoldenFile.AssertAre(CommandTree.Server, ".shape.json", shapes);
    }

    private static IEnumerable<string> WithFormat(string program) =>
        CommandTree.Verbs(program).Where(verb => verb.Command.Options.Any(option => option.Name == "--format")).Select(verb => string.Join('-', verb.Words));

    private static RequestDelegate Json(string body) => context => context.Response.WriteAsync(body, context.RequestAborted);

    private static async Task<string> RunAsync(ScriptedServer server, TestCertificate authority, string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["VBDP_SERVER"] = server.Address.ToString(), ["VBDP_CA"] = authority.AuthorityPem, ["VBDP_TOKEN"] = "vbdp_canary" };
        var output = new StringWriter();
        await new CommandLine(new CommandContext(environment, TextReader.Null, output, TextWriter.Null, TimeProvider.System)).RunAsync(arguments, TestContext.Current.CancellationToken);
        return output.ToString();
    }
}
