namespace Provisioner.Server.Vms;

/// <summary>A row that is ahead of the clock. Pure: a row and a time give the row as it should be.</summary>
internal static class VmFromTheFuture
{
    extension(Vm vm)
    {
        /// <summary>
        /// A row with a time that is yet to come was written before the clock was set back, while no server was there to see it.
        /// All its times go back by the same amount: it lives at most one more lifetime, not until that time comes again.
        /// </summary>
        public Vm BroughtBack(DateTimeOffset now) =>
            vm.LastTime - now is var ahead && ahead >= SteadyClock.Tolerance ? vm.Shifted(-ahead) : vm;

        private Vm Shifted(TimeSpan by) => vm with
        {
            CreatedAt = vm.CreatedAt + by,
            ExpiresAt = vm.ExpiresAt + by,
            ClonedAt = vm.ClonedAt + by,
            StartedAt = vm.StartedAt + by,
            ReadyAt = vm.ReadyAt + by,
            ConfiguredAt = vm.ConfiguredAt + by,
            OnlineAt = vm.OnlineAt + by,
            BusyAt = vm.BusyAt + by,
            DoneAt = vm.DoneAt + by,
            GoneAt = vm.GoneAt + by,
            PlacedAt = vm.PlacedAt + by,
            ReleasedAt = vm.ReleasedAt + by,
            SavingAt = vm.SavingAt + by,
            SavedAt = vm.SavedAt + by,
        };
    }
}
