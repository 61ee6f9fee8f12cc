using System.Globalization;
using Provisioner.Contracts;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary>What a caller is told while the store fails: to come again. Where it is and what it said is the operator's to know.</summary>
internal static partial class StoreFaults
{
    private static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(5);

    public static Task AnswerAsync(HttpContext context, StoreException problem)
    {
        var cause = Tell(context, problem);
        context.Response.Headers.RetryAfter = ComeAgain.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return Problems.WriteAsync(context, ProblemCode.StoreUnavailable, cause, "Send the request again after the seconds in Retry-After, with a new token if it came with a workflow's; see the server's log if that does not help.");
    }

    /// <summary>Logs what the store said, and returns the sentence for the caller.</summary>
    public static string Tell(HttpContext context, StoreException problem)
    {
        LogRefused(context.RequestServices.GetRequiredService<ILogger<Database>>(), context.Request.Method, problem.Message);
        return Describe(problem.Fault);
    }

    private static string Describe(StoreFault fault) => fault switch
    {
        StoreFault.Busy => "The server's store is held by somebody else.",
        StoreFault.Full => "The server's store has no space left.",
        StoreFault.Unreachable => "The server's store does not answer.",
        StoreFault.Corrupt => "The server's store is damaged.",
        StoreFault.StaleEpoch => "Another server acts for this host now; this one stops.",
        StoreFault.Failed => "The server's store refused what the server asked of it.",
    };

    [LoggerMessage(LogLevel.Warning, "A {Method} was answered with store-unavailable: {Cause}")]
    private static partial void LogRefused(ILogger logger, string method, string cause);
}
