using System.Net;
using System.Net.Sockets;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>One hole in a restricted network: what the guest reaches at <paramref name="Guest"/> is <paramref name="Host"/>.</summary>
internal readonly record struct GuestForward(IPEndPoint Guest, IPEndPoint Host)
{
    public static bool TryParse(string text, out GuestForward forward)
    {
        forward = default;
        if (text.Split('=') is not [var guest, var host]
            || !TryParseEndPoint(guest, out var from)
            || !TryParseEndPoint(host, out var to)
            || !IsInGuestNetwork(from.Address))
        {
            return false;
        }

        forward = new GuestForward(from, to);
        return true;
    }

    // IPEndPoint.TryParse takes an address without a port for one with port 0.
    private static bool TryParseEndPoint(string text, out IPEndPoint endPoint) =>
        IPEndPoint.TryParse(text, out endPoint!) && endPoint.Port > 0 && endPoint.AddressFamily == AddressFamily.InterNetwork;

    // .0 to .3 are the network itself, QEMU's host and its name server; .255 is everyone.
    private static bool IsInGuestNetwork(IPAddress address) => address.GetAddressBytes() is [10, 0, 2, > 3 and < 255 and not 15];
}
