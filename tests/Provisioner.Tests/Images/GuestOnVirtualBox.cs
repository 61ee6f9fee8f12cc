namespace Provisioner.Tests.Images;

/// <summary>
/// A guest with a VBoxControl whose properties are files. Setting the phase makes the host act, as the real one would: the
/// configuration appears after <c>ready</c> and is withdrawn at <c>configuring</c>.
/// </summary>
internal sealed class GuestOnVirtualBox : IDisposable
{
    public GuestOnVirtualBox()
    {
        foreach (var folder in new[] { "properties", "pending" })
        {
            Directory.CreateDirectory(Guest.InFolder(folder));
        }
        GuestFolder.WriteProgram(Guest.InFolder("VBoxControl"), $$"""
            cd {{Guest.Path}}
            [ "$1" = --nologo ] && [ "$2" = guestproperty ] || exit 2
            file=properties/$(printf %s "$4" | tr / _)
            case $3 in
                get) if [ -f "$file" ]; then echo "Value: $(cat "$file")"; else echo "No value set!"; fi ;;
                wait) [ "$5" = --timeout ] && echo "Time-out or interruption while waiting for a notification" && exit 1 ;;
                set)
                    [ "$4" = /VBDP/Phase ] && echo "$5" >>phases
                    case $5 in
                        ready) mv pending/* properties/ ;;
                        configuring) rm properties/_VBDP_Config_* ;;
                    esac ;;
            esac
            """);
        Guest.Settings["VBDP_VBOXCONTROL"] = Guest.InFolder("VBoxControl");
        Set("properties", "/VBDP/Id", "vm-1");
        Set("properties", "label", "vm-1");
    }

    public GuestFolder Guest { get; } = new();

    public IReadOnlyList<string> Phases => File.Exists(Guest.InFolder("phases")) ? File.ReadAllLines(Guest.InFolder("phases")) : [];

    /// <summary>Puts the secret, in pieces as the driver makes them, where it is found after <c>ready</c>.</summary>
    public int OfferConfiguration()
    {
        var pieces = Guest.Secret.Chunk(1_000).ToList();
        foreach (var (index, piece) in pieces.Index())
        {
            Set("pending", $"/VBDP/Config/{index}", new string(piece));
        }
        Set("pending", "/VBDP/Config/Count", $"{pieces.Count}");
        return pieces.Count;
    }

    public void Set(string folder, string name, string value) =>
        File.WriteAllText(Guest.InFolder($"{folder}/{name.Replace('/', '_')}"), value);

    public void Unset(string folder, string name) => File.Delete(Guest.InFolder($"{folder}/{name.Replace('/', '_')}"));

    public void Dispose() => Guest.Dispose();
}
