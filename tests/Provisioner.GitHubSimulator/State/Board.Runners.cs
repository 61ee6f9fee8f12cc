namespace Provisioner.GitHubSimulator.State;

internal sealed partial class Board
{
    /// <summary>Null when the repository has a runner of that name.</summary>
    public SimulatedRunner? Register(string repository, string name, IReadOnlyList<string> labels, byte[] publicKey)
    {
        lock (gate)
        {
            Sweep();
            if (Listed(repository).Any(runner => string.Equals(runner.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                return null;
            }
            var runner = Put(new SimulatedRunner
            {
                Id = ++lastId,
                Repository = repository,
                Name = name,
                Labels = [.. labels.Select(label => label.ToLowerInvariant()).Distinct()],
                ClientId = Guid.NewGuid(),
                PublicKey = publicKey,
            });
            Touch();
            return runner;
        }
    }

    /// <summary>Keeps a runner out of lists for a while, as when GitHub's lists lag; asked for by its id it is there.</summary>
    public void Hide(long id, TimeSpan duration)
    {
        lock (gate)
        {
            hidden[id] = time.GetUtcNow() + duration;
        }
    }

    public bool IsHidden(SimulatedRunner runner)
    {
        lock (gate)
        {
            return hidden.TryGetValue(runner.Id, out var until) && until > time.GetUtcNow();
        }
    }

    public IReadOnlyList<SimulatedRunner> Runners(string? repository)
    {
        lock (gate)
        {
            Sweep();
            return [.. Listed(repository).OrderBy(runner => runner.Id)];
        }
    }

    public SimulatedRunner? ByClient(Guid clientId)
    {
        lock (gate)
        {
            return runners.Values.FirstOrDefault(runner => runner.ClientId == clientId);
        }
    }

    public RemovalResult Remove(string repository, long id)
    {
        lock (gate)
        {
            Sweep();
            if (Listed(repository).FirstOrDefault(runner => runner.Id == id) is not { } runner)
            {
                return RemovalResult.NotFound;
            }
            if (runner.Busy)
            {
                return RemovalResult.Busy;
            }
            Put(runner with { Gone = true });
            Touch();
            return RemovalResult.Removed;
        }
    }

    /// <summary>Null when the runner has a living session.</summary>
    public Guid? OpenSession(SimulatedRunner runner, string? version, string os)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (runners[runner.Id] is var present && present.IsOnline(now))
            {
                return null;
            }
            var session = Guid.NewGuid();
            Put(present with { Session = session, Version = version, Os = os, LastSeen = now });
            Touch();
            return session;
        }
    }

    public void CloseSession(SimulatedRunner runner)
    {
        lock (gate)
        {
            Put(runners[runner.Id] with { Session = null });
            Touch();
        }
    }

    /// <summary>Counts the polls that are held open: +1 when one begins, -1 when it ends.</summary>
    public void CountPoll(SimulatedRunner runner, int change)
    {
        lock (gate)
        {
            var present = runners[runner.Id];
            Put(present with { OpenPolls = present.OpenPolls + change, LastSeen = time.GetUtcNow() });
            Touch();
        }
    }

    public SimulatedRunner Present(SimulatedRunner runner)
    {
        lock (gate)
        {
            return runners[runner.Id];
        }
    }

    private IEnumerable<SimulatedRunner> Listed(string? repository) => runners.Values.Where(runner =>
        !runner.Gone && (repository is null || string.Equals(runner.Repository, repository, StringComparison.OrdinalIgnoreCase)));
}
