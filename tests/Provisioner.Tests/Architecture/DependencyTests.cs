using System.Reflection;
using Provisioner.Certificates;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;

namespace Provisioner.Tests.Architecture;

/// <summary>
/// The direction of docs/explanation/architecture.md: Client → Contracts ← Server → Hypervisors, both → GitHub. Inside the server
/// Api → Vms → Hypervisors and Vms → Placement → Store; nothing points at Api.
/// </summary>
public sealed class DependencyTests
{
    private const string Server = "virtualbox-server";
    private const string Client = "virtualbox-client";

    // From the top down: a folder may use those after it, and none before it.
    private static readonly string[] ServerLayers = ["Api", "Vms", "Placement", "Store"];

    [Theory]
    [InlineData("Provisioner.Contracts")]
    [InlineData("Provisioner.Hypervisors")]
    [InlineData("Provisioner.GitHub")]
    [InlineData("cert-generator")]
    [InlineData(Server, "Provisioner.Contracts", "Provisioner.Hypervisors", "Provisioner.GitHub")]
    [InlineData(Client, "Provisioner.Contracts", "Provisioner.GitHub", "cert-generator")]
    public void A_project_uses_only_the_projects_that_it_may(string project, params string[] allowed)
    {
        var ours = AllAssemblies.Keys.Where(name => References(project).Contains(name));

        HouseRuleTests.AssertNone(ours.Except(allowed));
    }

    [Fact]
    public void What_travels_needs_nothing_but_the_framework()
    {
        Assert.Empty(SourceTree.Project("Provisioner.Contracts").Descendants("PackageReference"));
        Assert.All(References("Provisioner.Contracts"), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void Hypervisors_know_no_http_and_no_database()
    {
        var references = References("Provisioner.Hypervisors");

        Assert.DoesNotContain(references, name => name.StartsWith("System.Net.Http", StringComparison.Ordinal));
        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain(references, name => name.Contains("Sqlite", StringComparison.Ordinal) || name == "System.Data.Common");
    }

    [Fact]
    public void Drivers_do_not_know_each_other()
    {
        AssertNoUses("Provisioner.Hypervisors", (user, used) =>
            user.Length > 0 && used.Length > 0 && user != used);
    }

    [Fact]
    public void Inside_the_server_uses_go_downwards_only()
    {
        AssertNoUses(Server, (user, used) => Array.IndexOf(ServerLayers, used) is >= 0 and var to && to < Array.IndexOf(ServerLayers, user), except: IsRow);
    }

    [Fact]
    public void Nothing_in_the_server_points_at_its_api_but_what_puts_it_together()
    {
        AssertNoUses(Server, (user, used) => used == "Api" && user is not ("Api" or "Dashboard" or "" or "Commands"));
    }

    [Fact]
    public void Nothing_in_the_server_points_at_its_commands()
    {
        AssertNoUses(Server, (user, used) => used == "Commands" && user is not ("Commands" or ""));
    }

    private static Dictionary<string, Assembly> AllAssemblies { get; } = new Assembly[]
    {
        typeof(VmView).Assembly, typeof(IHypervisor).Assembly, typeof(GitHubRunners).Assembly, typeof(CertificateAuthority).Assembly,
        Assembly.Load(Server), Assembly.Load(Client),
    }.ToDictionary(assembly => assembly.GetName().Name!);

    private static List<string> References(string assembly) =>
        [.. AllAssemblies[assembly].GetReferencedAssemblies().Select(reference => reference.Name!)];

    private static void AssertNoUses(string assembly, Func<string, string, bool> isWrong, Func<Type, Type, bool>? except = null)
    {
        var wrong = TypeDependencies.Within(AllAssemblies[assembly])
            .Where(use => isWrong(Folder(use.User), Folder(use.Used)) && except?.Invoke(use.User, use.Used) != true)
            .Select(use => $"{Named(use.User)} uses {Named(use.Used)}")
            .Distinct();

        HouseRuleTests.AssertNone(wrong);
    }

    // The store writes and reads values (records, enums) of those above it; what acts up there it may not know.
    private static bool IsRow(Type user, Type used) => Folder(user) == "Store" && (used.IsValueType || used.GetMethod("<Clone>$") is not null);

    // Lambdas and state machines belong to the type that they were written in.
    private static string Named(Type type) => type.FullName!.Split('+')[0];

    // Provisioner.Server.Api.Something is in the folder Api; generated code elsewhere belongs to no folder.
    private static string Folder(Type type) =>
        type.Namespace?.Split('.') is ["Provisioner", _, var folder, ..] ? folder : "";
}
