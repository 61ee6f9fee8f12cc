using Provisioner.Server.Access;

namespace Provisioner.Server.Api;

internal static class CallerOfRequest
{
    extension(HttpContext context)
    {
        /// <summary>Who is calling; only behind <see cref="TokenAuthentication"/>.</summary>
        public Caller Caller => context.Features.Get<Caller>()!;
    }
}
