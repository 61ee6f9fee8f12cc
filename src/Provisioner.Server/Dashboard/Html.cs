using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using Provisioner.Server.Access;

namespace Provisioner.Server.Dashboard;

/// <summary>
/// HTML that may go to a browser as it is. It is made from literals of this code, in which every value is encoded: text of guests, callers and GitHub is data. Characters that
/// cannot be seen are shown by their number, so that none turns the direction of writing round.
/// </summary>
internal readonly record struct Html(string Text)
{
    private const int Longest = 2000;

    public static Html Empty { get; } = new("");

    public static Html Of(Builder builder) => new(builder.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(part => part.Text)));

    public override string ToString() => Text ?? "";

    /// <summary>Takes an interpolated string apart.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Builder(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _text = new(literalLength + (formattedCount * 32));

        public void AppendLiteral(string literal) => _text.Append(literal);

        public void AppendFormatted(Html part) => _text.Append(part.Text);

        public void AppendFormatted(IEnumerable<Html> parts) => _text.Append(Join(parts).Text);

        public void AppendFormatted(long number) => _text.Append(number.ToString(CultureInfo.InvariantCulture));

        public void AppendFormatted(string? text) => _text.Append(HtmlEncoder.Default.Encode(ClaimText.ShowUpTo(Longest, text ?? "")));

        public override string ToString() => _text.ToString();
    }
}
