// guest.cs: what PowerShell cannot do by itself: open the port to a QEMU host, and start the runner as another user.
// setup.ps1 makes guest.dll of it by the compiler that is part of Windows, so it is C# 5.
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Vbdp
{
    /// <summary>The virtio-serial port. Windows opens it for one program at a time.</summary>
    public static class Port
    {
        private const uint ReadAndWrite = 0xC0000000;
        private const uint Existing = 3;

        // A handle that is not overlapped would let a write wait for the read that waits for the host.
        private const uint Overlapped = 0x40000000;

        /// <summary>Null where there is no such port.</summary>
        public static FileStream Open(string path)
        {
            SafeFileHandle handle = Native.CreateFile(path, ReadAndWrite, 0, IntPtr.Zero, Existing, Overlapped, IntPtr.Zero);
            return handle.IsInvalid ? null : new FileStream(handle, FileAccess.ReadWrite, 1, true);
        }
    }

    /// <summary>
    /// The runner as an ordinary user. LocalSystem may not use the calls that .NET starts processes by with a name and a password,
    /// so it logs the user on and starts the process with the user's token, profile and environment.
    /// </summary>
    public sealed class RunnerProcess
    {
        private const int Interactive = 2;
        private const int Batch = 4;
        private const int UnicodeEnvironment = 0x400;
        private const int NoWindow = 0x08000000;
        private const int UseHandles = 0x100;
        private readonly IntPtr process;

        private RunnerProcess(IntPtr process, StreamReader output)
        {
            this.process = process;
            Output = output;
        }

        /// <summary>What it prints, errors too.</summary>
        public StreamReader Output { get; private set; }

        public bool HasExited
        {
            get { return Native.WaitForSingleObject(process, 0) == 0; }
        }

        public int ExitCode
        {
            get
            {
                uint code;
                Check(Native.GetExitCodeProcess(process, out code), "GetExitCodeProcess");
                return unchecked((int)code);
            }
        }

        public void Kill()
        {
            Native.TerminateProcess(process, 1);
        }

        /// <summary>Starts run.cmd of the folder.</summary>
        public static RunnerProcess Start(string user, string password, string folder, IDictionary<string, string> variables)
        {
            IntPtr token;
            if (!Native.LogonUser(user, ".", password, Batch, 0, out token))
            {
                // An administrator may log on as a batch job, and has all rights then. Others may not: they have no more rights to lose.
                Check(Native.LogonUser(user, ".", password, Interactive, 0, out token), "LogonUser");
            }

            Native.ProfileInfo profile = new Native.ProfileInfo();
            profile.Size = Marshal.SizeOf(typeof(Native.ProfileInfo));
            profile.UserName = user;
            Check(Native.LoadUserProfile(token, ref profile), "LoadUserProfile");

            Native.SecurityAttributes inherited = new Native.SecurityAttributes();
            inherited.Length = Marshal.SizeOf(typeof(Native.SecurityAttributes));
            inherited.Inherit = 1;
            SafeFileHandle read;
            SafeFileHandle write;
            Check(Native.CreatePipe(out read, out write, ref inherited, 0), "CreatePipe");
            Check(Native.SetHandleInformation(read, 1, 0), "SetHandleInformation");
            using (write)
            using (SafeFileHandle nothing = Native.OpenInherited("NUL", 0x80000000, 3, ref inherited, 3, 0, IntPtr.Zero))
            {
                IntPtr process = StartWith(token, folder, Block(Merge(EnvironmentOf(token), variables)), nothing, write);
                return new RunnerProcess(process, new StreamReader(new FileStream(read, FileAccess.Read, 4096, false), Encoding.UTF8));
            }
        }

        /// <summary>The form in which Windows takes an environment: NAME=VALUE, sorted, each ended by a zero, and one more at the end.</summary>
        public static string Block(IDictionary<string, string> variables)
        {
            List<string> names = new List<string>(variables.Keys);
            names.Sort(StringComparer.OrdinalIgnoreCase);
            StringBuilder block = new StringBuilder();
            foreach (string name in names)
            {
                block.Append(name).Append('=').Append(variables[name]).Append('\0');
            }

            return block.Append('\0').ToString();
        }

        /// <summary>The other way round. A name may begin with "=": Windows keeps the current folder of each drive so.</summary>
        public static IDictionary<string, string> Merge(IEnumerable<string> pairs, IDictionary<string, string> variables)
        {
            Dictionary<string, string> merged = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (string pair in pairs)
            {
                int end = pair.IndexOf('=', 1);
                merged[pair.Substring(0, end)] = pair.Substring(end + 1);
            }

            foreach (KeyValuePair<string, string> variable in variables)
            {
                merged[variable.Key] = variable.Value;
            }

            return merged;
        }

        private static IntPtr StartWith(IntPtr token, string folder, string block, SafeFileHandle input, SafeFileHandle output)
        {
            Native.StartupInfo startup = new Native.StartupInfo();
            startup.Size = Marshal.SizeOf(typeof(Native.StartupInfo));
            startup.Desktop = ""; // not null: that would be the desktop of LocalSystem, which the user may not use
            startup.Flags = UseHandles;
            startup.Input = input.DangerousGetHandle();
            startup.Output = output.DangerousGetHandle();
            startup.Error = startup.Output;
            string shell = Path.Combine(Environment.SystemDirectory, "cmd.exe");
            StringBuilder line = new StringBuilder("cmd.exe /d /c run.cmd");
            IntPtr memory = Marshal.StringToHGlobalUni(block);
            try
            {
                Native.ProcessInformation started;
                Check(Native.CreateProcessAsUser(token, shell, line, IntPtr.Zero, IntPtr.Zero, true, UnicodeEnvironment | NoWindow, memory, folder, ref startup, out started), "CreateProcessAsUser");
                Native.CloseHandle(started.Thread);
                return started.Process;
            }
            finally
            {
                Marshal.Copy(new byte[2 * block.Length], 0, memory, 2 * block.Length);
                Marshal.FreeHGlobal(memory);
            }
        }

        private static List<string> EnvironmentOf(IntPtr token)
        {
            IntPtr block;
            Check(Native.CreateEnvironmentBlock(out block, token, false), "CreateEnvironmentBlock");
            List<string> pairs = new List<string>();
            IntPtr next = block;
            for (string pair = Marshal.PtrToStringUni(next); pair.Length > 0; pair = Marshal.PtrToStringUni(next))
            {
                pairs.Add(pair);
                next = IntPtr.Add(next, 2 * (pair.Length + 1));
            }

            Native.DestroyEnvironmentBlock(block);
            return pairs;
        }

        private static void Check(bool succeeded, string call)
        {
            if (!succeeded)
            {
                int code = Marshal.GetLastWin32Error();
                throw new Win32Exception(code, call + " failed: " + new Win32Exception(code).Message);
            }
        }
    }

    internal static class Native
    {
        [StructLayout(LayoutKind.Sequential)]
        internal struct SecurityAttributes
        {
            public int Length;
            public IntPtr Descriptor;
            public int Inherit;
        }

        [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
        internal struct ProfileInfo
        {
            public int Size;
            public int Flags;
            public string UserName;
            public string ProfilePath;
            public string DefaultPath;
            public string ServerName;
            public string PolicyPath;
            public IntPtr Profile;
        }

        [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
        internal struct StartupInfo
        {
            public int Size;
            public string Reserved;
            public string Desktop;
            public string Title;
            public int X;
            public int Y;
            public int Width;
            public int Height;
            public int WidthInCharacters;
            public int HeightInCharacters;
            public int Fill;
            public int Flags;
            public short ShowWindow;
            public short ReservedSize;
            public IntPtr ReservedBytes;
            public IntPtr Input;
            public IntPtr Output;
            public IntPtr Error;
        }

        [StructLayout(LayoutKind.Sequential)]
        internal struct ProcessInformation
        {
            public IntPtr Process;
            public IntPtr Thread;
            public int ProcessId;
            public int ThreadId;
        }

        [DllImport("kernel32.dll", EntryPoint = "CreateFileW", CharSet = CharSet.Unicode, SetLastError = true)]
        internal static extern SafeFileHandle CreateFile(string name, uint access, uint share, IntPtr security, uint creation, uint flags, IntPtr template);

        [DllImport("kernel32.dll", EntryPoint = "CreateFileW", CharSet = CharSet.Unicode, SetLastError = true)]
        internal static extern SafeFileHandle OpenInherited(string name, uint access, uint share, ref SecurityAttributes security, uint creation, uint flags, IntPtr template);

        [DllImport("kernel32.dll", SetLastError = true)]
        internal static extern bool CreatePipe(out SafeFileHandle read, out SafeFileHandle write, ref SecurityAttributes security, int size);

        [DllImport("kernel32.dll", SetLastError = true)]
        internal static extern bool SetHandleInformation(SafeFileHandle handle, int mask, int flags);

        [DllImport("advapi32.dll", EntryPoint = "LogonUserW", CharSet = CharSet.Unicode, SetLastError = true)]
        internal static extern bool LogonUser(string user, string domain, string password, int type, int provider, out IntPtr token);

        [DllImport("userenv.dll", EntryPoint = "LoadUserProfileW", CharSet = CharSet.Unicode, SetLastError = true)]
        internal static extern bool LoadUserProfile(IntPtr token, ref ProfileInfo profile);

        [DllImport("userenv.dll", SetLastError = true)]
        internal static extern bool CreateEnvironmentBlock(out IntPtr block, IntPtr token, bool inherit);

        [DllImport("userenv.dll", SetLastError = true)]
        internal static extern bool DestroyEnvironmentBlock(IntPtr block);

        [DllImport("advapi32.dll", EntryPoint = "CreateProcessAsUserW", CharSet = CharSet.Unicode, SetLastError = true)]
        internal static extern bool CreateProcessAsUser(IntPtr token, string program, StringBuilder line, IntPtr processSecurity, IntPtr threadSecurity, bool inherit, int flags, IntPtr environment, string folder, ref StartupInfo startup, out ProcessInformation started);

        [DllImport("kernel32.dll", SetLastError = true)]
        internal static extern uint WaitForSingleObject(IntPtr handle, uint milliseconds);

        [DllImport("kernel32.dll", SetLastError = true)]
        internal static extern bool GetExitCodeProcess(IntPtr process, out uint code);

        [DllImport("kernel32.dll", SetLastError = true)]
        internal static extern bool TerminateProcess(IntPtr process, uint code);

        [DllImport("kernel32.dll", SetLastError = true)]
        internal static extern bool CloseHandle(IntPtr handle);
    }
}
