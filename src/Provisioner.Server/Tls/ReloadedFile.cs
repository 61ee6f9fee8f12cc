using Provisioner.Server.Access;

namespace Provisioner.Server.Tls;

/// <summary>
/// A small file that counts as it stands at this moment. It is read whole each time, since its time and length tell nothing where a link
/// was turned or a copy put back, and understood anew when it has changed. A file that is broken or gone changes nothing, and is spoken of once.
/// </summary>
/// <param name="path">Where it is.</param>
/// <param name="parse">What stands in it, or what is wrong with it.</param>
/// <param name="taken">Told when another content counts from now on.</param>
/// <param name="kept">Told why the one before counts on.</param>
internal sealed class ReloadedFile<T>(string path, Func<byte[], (T? Value, string? Problem)> parse, Action taken, Action<string> kept)
    where T : class
{
    private readonly Lock _turn = new();
    private byte[]? _text;
    private string? _problem;
    private T? _value;

    /// <exception cref="CertificateException">It could never be used so far.</exception>
    public T Current()
    {
        lock (_turn)
        {
            var (text, problem) = PolicyFile.Load(path);
            if (_value is not null && problem == _problem && text.AsSpan().SequenceEqual(_text))
            {
                return _value;
            }

            (_text, _problem) = (text, problem);
            var (value, wrong) = text is null ? (null, problem) : parse(text);
            if (value is null && _value is null)
            {
                throw new CertificateException($"{path}: {wrong}");
            }

            Tell(value, wrong);
            return _value = value ?? _value!;
        }
    }

    private void Tell(T? value, string? wrong)
    {
        if (value is null)
        {
            kept(wrong!);
        }
        else if (_value is not null)
        {
            taken();
        }
    }
}
