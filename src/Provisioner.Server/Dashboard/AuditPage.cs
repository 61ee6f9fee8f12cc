using Provisioner.Server.Audit;
using Provisioner.Server.Store;

namespace Provisioner.Server.Dashboard;

/// <summary>The newest rows of the audit log. Whether it is whole is a question for <c>virtualbox-server audit verify</c>.</summary>
internal static class AuditPage
{
    private const int Rows = 200;

    public static IResult Of(AuditTable audit) => new PageResult("Audit", Html.Of(
        $"""
        <h1>Audit log</h1><p class="hint">The newest {Rows} rows, the newest first. All of them, and whether they are whole: <code>virtualbox-server audit list</code> and <code>audit verify</code>.</p>
        <table class="cards"><thead><tr><th scope="col">Row<th scope="col">Time<th scope="col">Who<th scope="col">What<th scope="col">On<th scope="col">Outcome<th scope="col">Detail</thead><tbody>
        {audit.Newest(Rows).Select(Row)}
        </tbody></table>
        """));

    private static Html Row(AuditRow row) => Html.Of(
        $"<tr><th scope=\"row\">{row.Sequence}<td data-of=Time>{Times.Exact(row.At)}<td data-of=Who>{row.Actor}<td data-of=What>{row.Action}<td data-of=On>{row.Target} {row.Repository}<td data-of=Outcome>{row.Outcome}{(row.Count > 1 ? $", {row.Count} times" : "")}<td data-of=Detail>{row.Detail}");
}
