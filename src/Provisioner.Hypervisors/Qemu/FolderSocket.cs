using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// Connects to a Unix socket whose path may be longer than the 107 bytes that a socket's address holds: through
/// <c>/proc/self/fd</c>, where an open folder has a short name.
/// </summary>
internal static partial class FolderSocket
{
    private const int PathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;

    /// <summary>Null if nobody listens there (yet).</summary>
    public static async Task<NetworkStream?> TryConnectAsync(string path, CancellationToken cancellationToken)
    {
        using var folder = Open(Encoding.UTF8.GetBytes(Path.GetDirectoryName(path) + '\0'), PathOnly | CloseOnExec);
        if (folder.IsInvalid)
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var address = $"/proc/self/fd/{folder.DangerousGetHandle()}/{Path.GetFileName(path)}";
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial SafeFileHandle Open(byte[] path, int flags);
}
