using System.Globalization;

namespace Provisioner.Benchmarks;

/// <summary>Measurements of one thing, in one unit. The middle of them is what is compared; the ends show the spread.</summary>
internal sealed class Samples(string unit)
{
    private readonly List<double> values = [];

    public string Unit => unit;

    public IReadOnlyList<double> Values => values;

    public double Median => Sorted() is var sorted && sorted.Length % 2 == 1
        ? sorted[sorted.Length / 2]
        : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;

    public double Largest => values.Max();

    public void Add(double value)
    {
        lock (values)
        {
            values.Add(value);
        }
    }

    public void Add(TimeSpan time) => Add(time.TotalMilliseconds);

    public int Above(double limit) => values.Count(value => value > limit);

    public double Percentile(double part) => Sorted()[(int)Math.Min(values.Count - 1, Math.Ceiling(part * values.Count) - 1)];

    public override string ToString() => values.Count switch
    {
        0 => "nothing measured",
        1 => $"{Show(values[0])} {unit}",
        _ => $"{Show(Median)} {unit} ({Show(values.Min())}–{Show(values.Max())}, n={values.Count})",
    };

    public static string Show(double value) => value.ToString(
        Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.#", _ => "0.##" }, CultureInfo.InvariantCulture);

    private double[] Sorted() => [.. values.Order()];
}
