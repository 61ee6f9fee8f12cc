using System.Text.Json.Serialization;
using Provisioner.Contracts;

namespace Provisioner.Server.Configuration;

/// <summary>What clones of an image get at boot, from a seed of their own.</summary>
[JsonConverter(typeof(LowerCaseWordConverter<ImageSeed>))]
internal enum ImageSeed
{
    /// <summary>There is no seed: all is in the image.</summary>
    None,

    /// <summary>This server's guest scripts.</summary>
    Scripts,

    /// <summary>Those, and the newest runner where the image's is missing or too old.</summary>
    Runner,
}
