"""A mark of each coach that changes with whatever free times and the directory are made from.

Random, never counted: a number that a failed transaction took, or that a restore set back, would
come again with other facts behind it.
"""

from alembic import op

revision = "0059"
down_revision = "0057"
branch_labels = None
depends_on = None

OF_COACHES = ("weekly_hours", "date_exceptions", "time_off", "holiday_calendars", "offerings")
FUNCTIONS = ("loom_coach_renewed()", "loom_coach_changed()", "loom_coach_person_changed()")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE coach_profiles ADD COLUMN version uuid NOT NULL DEFAULT gen_random_uuid()"
    )
    op.execute(
        """
        CREATE FUNCTION loom_coach_renewed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.version := gen_random_uuid();
          RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER coach_profiles_renewed BEFORE UPDATE ON coach_profiles"
        " FOR EACH ROW EXECUTE FUNCTION loom_coach_renewed()"
    )
    op.execute(
        """
        CREATE FUNCTION loom_coach_changed() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        BEGIN
          UPDATE public.coach_profiles SET version = gen_random_uuid()
          WHERE user_id IN (SELECT coach_id FROM changed);
          RETURN NULL;
        END $$
        """
    )
    for table in OF_COACHES:
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER {table}_{event.lower()}_renews AFTER {event} ON {table}"
                f" REFERENCING {rows} TABLE AS changed"
                " FOR EACH STATEMENT EXECUTE FUNCTION loom_coach_changed()"
            )
    # row by row, since what a statement changed cannot be narrowed to some columns
    op.execute(
        """
        CREATE FUNCTION loom_coach_person_changed() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        BEGIN
          UPDATE public.coach_profiles SET version = gen_random_uuid() WHERE user_id = NEW.id;
          RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER users_renews AFTER UPDATE ON users FOR EACH ROW"
        " WHEN (OLD.zone IS DISTINCT FROM NEW.zone OR OLD.name IS DISTINCT FROM NEW.name)"
        " EXECUTE FUNCTION loom_coach_person_changed()"
    )
    op.execute(
        "UPDATE privacy.catalogue SET hidden = array_append(hidden, 'version')"
        " WHERE name = 'coach_profiles'"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE privacy.catalogue SET hidden = array_remove(hidden, 'version')"
        " WHERE name = 'coach_profiles'"
    )
    op.execute("DROP TRIGGER users_renews ON users")
    for table in OF_COACHES:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_{event}_renews ON {table}")
    op.execute("DROP TRIGGER coach_profiles_renewed ON coach_profiles")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("ALTER TABLE coach_profiles DROP COLUMN version")
