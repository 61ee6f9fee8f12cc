namespace Provisioner.Server.Placement;

/// <summary>What is to be kept warm of one image.</summary>
/// <param name="Image">Its alias.</param>
/// <param name="Recipe">What a VM of it is made from now, if nobody wishes anything.</param>
/// <param name="Needs">What such a VM takes of its host while it runs.</param>
/// <param name="Count">How many.</param>
internal sealed record WarmGoal(string Image, string Recipe, Resources Needs, int Count)
{
    /// <summary>The hardware profile of its image; null for none. A warm VM holds its devices, and who takes it over has them.</summary>
    public string? Hardware { get; init; }

    /// <summary>Whether they wait switched off, with their state on the disk.</summary>
    public bool Saves { get; init; }

    public bool IsMetBy(WarmVm vm) => vm.Image == Image && vm.Recipe == Recipe && vm.Saves == Saves && vm.Holds == (vm.IsSaved ? Needs.AtRest() : Needs);
}
