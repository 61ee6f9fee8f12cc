using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Provisioner.Server.Access;

/// <summary>
/// Decides whether a token proves who a workflow is: its shape, then its key, then the signature (which the library checks, RS256 and
/// nothing else), and only then what it says. Time is the wall clock's, as GitHub's is.
/// </summary>
internal sealed class IdTokenVerifier(string issuer, string audience, IssuerKeys keys, TimeProvider wall)
{
    private readonly JsonWebTokenHandler _handler = new();

    public string Audience => audience;

    public async Task<IdTokenVerdict> VerifyAsync(string text, CancellationToken cancellationToken)
    {
        var (token, problem) = UnverifiedIdToken.Read(text);
        if (token is null)
        {
            return new IdTokenVerdict(null, problem, Signed: false);
        }

        if (await keys.FindAsync(token.KeyId, cancellationToken) is not { } key)
        {
            return new IdTokenVerdict(null, "its key is none of the issuer's that are known", Signed: false, keys.Silence);
        }

        if (!(await _handler.ValidateTokenAsync(token.Text, Rules(key))).IsValid)
        {
            return new IdTokenVerdict(null, "its signature does not hold", Signed: false);
        }

        var (who, wrong) = new IdTokenClaims(token.Claims).Judge(issuer, audience, wall.GetUtcNow());
        return new IdTokenVerdict(who, wrong, Signed: true);
    }

    // Issuer, audience and times are judged by IdTokenClaims: the library forgives more, and its clock is not ours.
    private static TokenValidationParameters Rules(SecurityKey key) => new()
    {
        IssuerSigningKey = key,
        TryAllIssuerSigningKeys = false,
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        RequireSignedTokens = true,
        ValidateIssuer = false,
        ValidateAudience = false,
        ValidateLifetime = false,
    };
}
