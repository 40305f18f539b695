"""What clients thought of a session; the coach's average follows by itself."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ME = "(SELECT loom_person())"
SCHEDULING = "(SELECT loom_system()) LIKE 'scheduling.%'"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE session_ratings (
            seat_id bigint NOT NULL CONSTRAINT pk_session_ratings PRIMARY KEY
                CONSTRAINT fk_session_ratings_seat_id REFERENCES seats (id) ON DELETE CASCADE,
            coach_id bigint NOT NULL CONSTRAINT fk_session_ratings_coach_id REFERENCES users (id),
            client_id bigint NOT NULL
                CONSTRAINT fk_session_ratings_client_id REFERENCES users (id),
            stars integer NOT NULL
                CONSTRAINT ck_session_ratings_stars CHECK (stars BETWEEN 1 AND 5),
            feedback text NOT NULL DEFAULT '',
            private_note text NOT NULL DEFAULT '',
            rated_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL
        )
        """
    )
    for column in ("coach_id", "client_id"):
        op.execute(
            f"CREATE INDEX ix_session_ratings_{column} ON session_ratings ({column}, rated_at)"
        )
    op.execute("ALTER TABLE session_ratings ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY session_ratings_read ON session_ratings FOR SELECT"
        f" USING (coach_id = {ME} OR client_id = {ME} OR {SCHEDULING})"
    )
    op.execute(
        f"CREATE POLICY session_ratings_write ON session_ratings USING ({SCHEDULING})"
        f" WITH CHECK ({SCHEDULING})"
    )
    op.execute("REVOKE DELETE ON session_ratings FROM loom_app")
    # one statement each, so that the second sees what others wrote while the first waited
    op.execute(
        """
        CREATE FUNCTION loom_rated() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        BEGIN
          PERFORM 1 FROM public.coach_profiles WHERE user_id = NEW.coach_id FOR UPDATE;
          UPDATE public.coach_profiles SET (rating_avg, rating_count) = (
            SELECT coalesce(avg(stars), 0), count(*) FROM public.session_ratings
            WHERE coach_id = NEW.coach_id
          ) WHERE user_id = NEW.coach_id;
          RETURN NULL;
        END $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION loom_rated() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER session_ratings_rated AFTER INSERT OR UPDATE OF stars ON session_ratings"
        " FOR EACH ROW EXECUTE FUNCTION loom_rated()"
    )


def downgrade() -> None:
    op.execute("DROP TABLE session_ratings")
    op.execute("DROP FUNCTION loom_rated()")
