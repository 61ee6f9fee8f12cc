using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.GitHub;
using Provisioner.Hypervisors.VirtualBox;
using Provisioner.Server.Observability;
using Provisioner.Tests.Architecture;
using Provisioner.Tests.Docs;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Observability;

/// <summary>What the dashboard, the alerts and the page name is measured, and the page names all that is.</summary>
public sealed partial class MetricNameTests
{
    [Fact(Timeout = 60_000)]
    public async Task Each_metric_of_the_dashboard_the_alerts_and_the_page_exists_and_the_page_has_them_all()
    {
        await using var server = await RunningServer.StartAsync();
        var exist = Instruments(server.Services.GetRequiredService<HostMetrics>());
        var page = Named(Page.Read("docs/reference/metrics.md").Text);

        foreach (var file in new[] { "dashboard.json", "alerts.yml" })
        {
            var named = Named(File.ReadAllText(Path.Combine(SourceTree.Root, "packaging", "grafana", file)));
            Assert.NotEmpty(named);
            HouseRuleTests.AssertNone(named.Except(exist).Select(name => $"{file}: {name}"));
        }

        Assert.Equal(exist.Order(StringComparer.Ordinal), page.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("clonevm", "clonevm", "8c2f-uuid", "--name", "vbdp-one")]
    [InlineData("guestproperty set", "guestproperty", "set", "8c2f-uuid", "/VBDP/Config/0", "secret")]
    [InlineData("controlvm poweroff", "controlvm", "8c2f-uuid", "poweroff")]
    [InlineData("response-file", "@/run/user/1000/secret")]
    public void A_verb_is_known_by_words_of_ours_alone(string verb, params string[] arguments) => Assert.Equal(verb, VBoxMeter.VerbOf(arguments));

    /// <summary>The names as Prometheus gets them: with the unit, and with <c>_total</c> for counters.</summary>
    private static HashSet<string> Instruments(HostMetrics _)
    {
        RuntimeHelpers.RunClassConstructor(typeof(ServerMeter).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(GitHubMeter).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(VBoxMeter).TypeHandle);
        var names = new HashSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name.StartsWith("vbdp.", StringComparison.Ordinal))
            {
                var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
                names.Add(instrument.Name.Replace('.', '_') + unit + (instrument is Counter<long> ? "_total" : ""));
            }
        };
        listener.Start();
        return names;
    }

    private static List<string> Named(string text) =>
        [.. Name().Matches(text).Select(match => Series().Replace(match.Value, "")).Distinct()];

    [GeneratedRegex("vbdp_[a-z_]+")]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Series();
}
