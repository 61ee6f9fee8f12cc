using Microsoft.OpenApi;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Api;

/// <summary>What the description for programs says of credentials: a token, or, where there is an authority for clients, a certificate instead of it.</summary>
internal static class ApiCredentials
{
    private const string Token = "token";
    private const string Certificate = "certificate";

    public static void AddCredentials(this OpenApiDocument document, ServerOptions options)
    {
        Add(document, Token, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token, or a workflow's identity token where the server has an audience." });
        if (options.ClientCertificates.IsOn)
        {
            Add(document, Certificate, new OpenApiSecurityScheme { Type = SecuritySchemeType.MutualTLS, Description = "A certificate of the server's authority for clients, with no token beside it." });
        }

        foreach (var operation in document.Paths.Where(path => path.Key.StartsWith("/v1/", StringComparison.Ordinal)).SelectMany(path => path.Value.Operations ?? []))
        {
            operation.Value.Security = [.. document.Components!.SecuritySchemes!.Keys.Select(name => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(name, document)] = [] })];
        }
    }

    private static void Add(OpenApiDocument document, string name, OpenApiSecurityScheme scheme)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[name] = scheme;
    }
}
