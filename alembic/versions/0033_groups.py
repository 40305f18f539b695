"""Group sessions: seats left, a minimum to run, and who shows the others their name."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

LIVE = "status IN ('held', 'confirmed', 'in_progress', 'completed', 'no_show')"
GROUPS = "loom_groups(bigint[], timestamptz, timestamptz, timestamptz)"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE offerings ADD COLUMN min_seats integer NOT NULL DEFAULT 1,"
        " ADD COLUMN decide_hours integer NOT NULL DEFAULT 24,"
        " ADD CONSTRAINT ck_offerings_seats CHECK (capacity BETWEEN 1 AND 100"
        " AND min_seats BETWEEN 1 AND capacity AND decide_hours BETWEEN 1 AND 336)"
    )
    op.execute(
        "ALTER TABLE coaching_sessions ADD COLUMN min_seats integer NOT NULL DEFAULT 1,"
        " ADD COLUMN decide_at timestamptz"
    )
    op.execute(
        "CREATE INDEX ix_coaching_sessions_undecided ON coaching_sessions (decide_at)"
        " WHERE status = 'confirmed' AND decide_at IS NOT NULL"
    )
    op.execute(
        "ALTER TABLE seats ADD COLUMN share_name boolean NOT NULL DEFAULT false,"
        " ADD COLUMN booked_at timestamptz, ADD COLUMN cancelled_at timestamptz,"
        " ADD COLUMN cancelled_by text, ADD COLUMN cancel_reason text NOT NULL DEFAULT ''"
    )
    op.execute(
        "UPDATE seats s SET booked_at = c.booked_at FROM coaching_sessions c"
        " WHERE c.id = s.session_id"
    )
    op.execute("ALTER TABLE booking_drafts ADD COLUMN share_name boolean NOT NULL DEFAULT false")

    # never more seats than there are: the session's row is the lock, whoever writes
    op.execute(
        f"""
        CREATE FUNCTION loom_seat_fits() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        DECLARE
          room integer;
        BEGIN
          IF TG_OP = 'UPDATE' AND OLD.{LIVE} THEN
            RETURN NEW;
          END IF;
          SELECT capacity INTO room FROM public.coaching_sessions
            WHERE id = NEW.session_id FOR NO KEY UPDATE;
          IF (SELECT count(*) FROM public.seats s WHERE s.session_id = NEW.session_id
              AND s.id <> NEW.id AND s.{LIVE}) >= room THEN
            RAISE check_violation USING MESSAGE = 'every seat is taken (ck_seats_room)',
              CONSTRAINT = 'ck_seats_room', TABLE = 'seats';
          END IF;
          RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER seats_fit BEFORE INSERT OR UPDATE OF status ON seats FOR EACH ROW"
        f" WHEN (NEW.{LIVE}) EXECUTE FUNCTION loom_seat_fits()"
    )

    # how full groups are, without who is in them: all that a stranger may know
    op.execute(
        f"""
        CREATE FUNCTION loom_groups(offerings bigint[], since timestamptz, until timestamptz,
                                    at timestamptz)
        RETURNS TABLE (offering_id bigint, starts_at timestamptz, capacity integer, taken integer,
                       mine boolean)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
          SELECT * FROM (
            SELECT c.offering_id, c.starts_at, c.capacity,
              (SELECT count(*) FROM public.seats s WHERE s.session_id = c.id AND s.{LIVE}
                AND (s.status <> 'held' OR s.hold_expires_at > at AND NOT (
                  coalesce(s.client_id = public.loom_person(), false)
                  OR coalesce(s.visitor = public.loom_visitor(), false))))::integer AS taken,
              EXISTS (SELECT 1 FROM public.seats s WHERE s.session_id = c.id AND s.{LIVE}
                AND s.status <> 'held' AND s.client_id = public.loom_person()) AS mine
            FROM public.coaching_sessions c
            WHERE c.offering_id = ANY (offerings) AND c.capacity > 1
              AND c.starts_at >= since AND c.starts_at < until
              AND c.status IN ('held', 'confirmed')) g
          WHERE g.taken > 0
        $$
        """
    )
    op.execute(f"REVOKE ALL ON FUNCTION {GROUPS} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {GROUPS} TO loom_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {GROUPS}")
    op.execute("DROP TRIGGER seats_fit ON seats")
    op.execute("DROP FUNCTION loom_seat_fits()")
    op.execute("ALTER TABLE booking_drafts DROP COLUMN share_name")
    op.execute(
        "ALTER TABLE seats DROP COLUMN share_name, DROP COLUMN booked_at,"
        " DROP COLUMN cancelled_at, DROP COLUMN cancelled_by, DROP COLUMN cancel_reason"
    )
    op.execute("DROP INDEX ix_coaching_sessions_undecided")
    op.execute("ALTER TABLE coaching_sessions DROP COLUMN min_seats, DROP COLUMN decide_at")
    op.execute("ALTER TABLE offerings DROP CONSTRAINT ck_offerings_seats")
    op.execute("ALTER TABLE offerings DROP COLUMN min_seats, DROP COLUMN decide_hours")
