"""What processes tell of themselves, how calls to services outside went, and who holds what up."""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

SYSTEM = "(SELECT loom_system())"


def upgrade() -> None:
    op.execute("ALTER TABLE processes ADD COLUMN facts jsonb NOT NULL DEFAULT '{}'")
    op.execute(
        "CREATE POLICY processes_health ON processes FOR SELECT"
        f" USING ({SYSTEM} = 'operations.health')"
    )
    op.execute(
        """
        CREATE TABLE outside_calls (
            service text NOT NULL CONSTRAINT pk_outside_calls PRIMARY KEY,
            worked_at timestamptz,
            failed_at timestamptz,
            error text NOT NULL DEFAULT ''
        )
        """
    )
    op.execute("ALTER TABLE outside_calls ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY outside_calls_write ON outside_calls"
        f" USING ({SYSTEM} = 'kit.outside') WITH CHECK ({SYSTEM} = 'kit.outside')"
    )
    op.execute(
        "CREATE POLICY outside_calls_health ON outside_calls FOR SELECT"
        f" USING ({SYSTEM} = 'operations.health')"
    )
    # the statistics hide other roles' sessions from whoever serves, and with them its own, which
    # signed in as another role. No statement's text leaves here: only how long it is, and what
    # it waits for
    op.execute(
        """
        CREATE FUNCTION loom_activity()
        RETURNS TABLE (pid integer, state text, seconds double precision, waiting_for text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT a.pid, coalesce(a.state, 'hidden'),
                extract(epoch FROM clock_timestamp() - a.xact_start)::double precision,
                coalesce(a.wait_event_type, '')
            FROM pg_stat_activity a
            WHERE a.datname = current_database() AND a.backend_type = 'client backend'
              AND a.pid <> pg_backend_pid()
              AND public.loom_system() = 'operations.health'
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION loom_activity() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION loom_activity() TO loom_app")
    op.execute(
        "UPDATE privacy.catalogue SET hidden = array_append(hidden, 'facts')"
        " WHERE name = 'processes'"
    )
    op.execute(
        "INSERT INTO privacy.catalogue (name, step, mine, fate, blank, exported, hidden) VALUES"
        " ('outside_calls', 0, 'false', 'none', '{}', '{}',"
        " '{service,worked_at,failed_at,error}')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM privacy.catalogue WHERE name = 'outside_calls'")
    op.execute(
        "UPDATE privacy.catalogue SET hidden = array_remove(hidden, 'facts')"
        " WHERE name = 'processes'"
    )
    op.execute("DROP FUNCTION loom_activity()")
    op.execute("DROP TABLE outside_calls")
    op.execute("DROP POLICY processes_health ON processes")
    op.execute("ALTER TABLE processes DROP COLUMN facts")
