namespace Provisioner.Server.Store;

/// <summary>The schema, as the steps that lead to it. A step that has shipped is never changed. Times are milliseconds since 1970, UTC. Written in SQLite's words; <see cref="Dialect.Statements"/> has those of PostgreSQL, and what <c>APPEND ONLY</c> takes in each.</summary>
internal static class Schema
{
    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE vms (
            id            TEXT PRIMARY KEY,
            key           TEXT NOT NULL,
            caller        TEXT NOT NULL,
            repository    TEXT NOT NULL,
            image         TEXT NOT NULL,
            labels        TEXT NOT NULL,
            cpus          INTEGER,
            memory        INTEGER,
            wanted        INTEGER NOT NULL,
            phase         INTEGER NOT NULL,
            reason        TEXT NOT NULL,
            registration  INTEGER NOT NULL,
            runner_id     INTEGER,
            guest         INTEGER,
            created_at    INTEGER NOT NULL,
            expires_at    INTEGER NOT NULL,
            cloned_at     INTEGER,
            started_at    INTEGER,
            ready_at      INTEGER,
            configured_at INTEGER,
            online_at     INTEGER,
            busy_at       INTEGER,
            done_at       INTEGER,
            gone_at       INTEGER,
            trouble       TEXT,
            failure       TEXT
        ) STRICT;

        CREATE TABLE events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            vm       TEXT NOT NULL REFERENCES vms (id) ON DELETE CASCADE,
            at       INTEGER NOT NULL,
            phase    INTEGER NOT NULL,
            message  TEXT NOT NULL,
            failure  TEXT
        ) STRICT;
        CREATE INDEX events_of_vm ON events (vm, sequence);

        CREATE TABLE tokens (
            id           TEXT PRIMARY KEY,
            name         TEXT NOT NULL,
            hash         BLOB NOT NULL,
            repositories TEXT NOT NULL,
            created_at   INTEGER NOT NULL,
            expires_at   INTEGER,
            revoked_at   INTEGER
        ) STRICT;
        """,
        """
        CREATE TABLE hosts (
            name        TEXT PRIMARY KEY,
            epoch       INTEGER NOT NULL,
            lease_until INTEGER NOT NULL,
            process     TEXT NOT NULL,
            home        TEXT NOT NULL
        ) STRICT;
        ALTER TABLE vms ADD COLUMN host TEXT NOT NULL DEFAULT '';
        CREATE INDEX vms_of_host ON vms (host);
        """,
        """
        ALTER TABLE vms ADD COLUMN placed_at INTEGER;
        ALTER TABLE vms ADD COLUMN released_at INTEGER;
        ALTER TABLE vms ADD COLUMN told_position INTEGER;
        ALTER TABLE vms ADD COLUMN reserved_cpus INTEGER;
        ALTER TABLE vms ADD COLUMN reserved_memory INTEGER;
        ALTER TABLE vms ADD COLUMN reserved_disk INTEGER;
        ALTER TABLE vms ADD COLUMN reserved_devices TEXT;
        UPDATE vms SET placed_at = cloned_at, released_at = gone_at WHERE cloned_at IS NOT NULL;
        CREATE INDEX vms_that_wait ON vms (wanted, created_at, expires_at, placed_at, gone_at) WHERE placed_at IS NULL AND gone_at IS NULL;
        CREATE INDEX vms_that_hold ON vms (placed_at, released_at) WHERE placed_at IS NOT NULL AND released_at IS NULL;
        CREATE INDEX vms_that_act ON vms (created_at, id) WHERE gone_at IS NULL AND (placed_at IS NOT NULL OR wanted = 1);
        CREATE INDEX vms_that_ended ON vms (gone_at) WHERE gone_at IS NOT NULL;
        CREATE INDEX vms_by_placing ON vms (placed_at, repository) WHERE placed_at IS NOT NULL;
        """,
        """
        ALTER TABLE vms ADD COLUMN run_id INTEGER;
        ALTER TABLE vms ADD COLUMN run_attempt INTEGER;
        """,
        """
        ALTER TABLE vms ADD COLUMN rule TEXT NOT NULL DEFAULT '';
        CREATE INDEX vms_of_rule ON vms (rule, repository) WHERE gone_at IS NULL AND released_at IS NULL;
        ALTER TABLE tokens ADD COLUMN limits TEXT;
        """,
        """
        CREATE TABLE used_tokens (
            id    TEXT PRIMARY KEY,
            until INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX used_tokens_by_end ON used_tokens (until);
        """,
        """
        CREATE TABLE audit (
            sequence   INTEGER PRIMARY KEY,
            at         INTEGER NOT NULL,
            actor      TEXT NOT NULL,
            action     TEXT NOT NULL,
            target     TEXT NOT NULL,
            repository TEXT NOT NULL,
            run        INTEGER,
            outcome    TEXT NOT NULL,
            detail     TEXT NOT NULL,
            count      INTEGER NOT NULL,
            hash       BLOB NOT NULL
        ) STRICT;
        APPEND ONLY audit;
        ALTER TABLE tokens ADD COLUMN last_used_at INTEGER;
        """,
        """
        ALTER TABLE vms ADD COLUMN machine TEXT;
        ALTER TABLE vms ADD COLUMN warm TEXT;
        CREATE UNIQUE INDEX vms_of_machine ON vms (machine) WHERE machine IS NOT NULL AND gone_at IS NULL;
        CREATE INDEX vms_that_are_warm ON vms (host, gone_at) WHERE warm IS NOT NULL;
        """,
        """
        ALTER TABLE vms ADD COLUMN hardware TEXT;
        """,
        """
        ALTER TABLE hosts ADD COLUMN draining_since INTEGER;
        ALTER TABLE hosts ADD COLUMN draining_by TEXT;
        """,
        """
        ALTER TABLE vms ADD COLUMN saves INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE vms ADD COLUMN saving_at INTEGER;
        ALTER TABLE vms ADD COLUMN saved_at INTEGER;
        """,
        """
        ALTER TABLE vms ADD COLUMN disk INTEGER;
        """,
    ];
}
