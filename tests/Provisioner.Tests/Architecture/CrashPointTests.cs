using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using Provisioner.Hypervisors;

namespace Provisioner.Tests.Architecture;

/// <summary>The points at which test builds can be killed are in test builds only, and each is somewhere.</summary>
public sealed class CrashPointTests
{
    private static readonly string[] Points =
        [.. typeof(CrashPoint).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => field.Name)];

    [Theory]
    [InlineData("virtualbox-server")]
    [InlineData("Provisioner.Hypervisors")]
    public void What_ships_calls_no_crash_point(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Assembly.Load(assembly).Location));
        var metadata = file.GetMetadataReader();
        var named = metadata.TypeReferences.Select(type => metadata.GetString(metadata.GetTypeReference(type).Name));

        Assert.DoesNotContain(nameof(CrashPoint), named);
        Assert.DoesNotContain(TypeDependencies.Within(Assembly.Load(assembly)), use => use.Used == typeof(CrashPoint) && use.User != typeof(CrashPoint));
    }

    [Fact]
    public void What_ships_does_not_know_how_a_crash_is_asked_for()
    {
        var assembly = File.ReadAllBytes(typeof(CrashPoint).Assembly.Location);

        Assert.Equal(-1, assembly.AsSpan().IndexOf(Encoding.Unicode.GetBytes("VBDP_CRASH_AT")));
        Assert.Single(typeof(CrashPoint).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static));
    }

    [Fact]
    public void Each_point_is_reached_somewhere_and_is_in_the_matrix()
    {
        var source = string.Concat(SourceTree.Files("src").Where(file => !file.Path.EndsWith("CrashPoint.cs", StringComparison.Ordinal)).SelectMany(file => file.Lines));
        var matrix = SourceTree.Read("tests/Provisioner.CrashMatrix/Point.cs");

        Assert.InRange(Points.Length, 14, 100);
        Assert.All(Points, point => Assert.Matches($@"CrashPoint\.{point}\b", source));
        Assert.All(Points, point => Assert.Contains($"CrashPoint.{point},", matrix, StringComparison.Ordinal));
    }
}
