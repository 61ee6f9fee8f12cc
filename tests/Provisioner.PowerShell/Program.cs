// The real PowerShell, by which the tests read and run the scripts of images/windows: no distribution has a package of it. It takes what
// pwsh takes, such as -NoProfile -File SCRIPT.
using Microsoft.PowerShell;

return UnmanagedPSEntry.Start(args, args.Length);
