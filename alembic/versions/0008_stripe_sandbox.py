"""stripe sandbox: the books of an outside company, in a schema of their own."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA stripe_sandbox")
    op.execute("GRANT USAGE ON SCHEMA stripe_sandbox TO loom_app")
    op.execute(
        """
        CREATE TABLE stripe_sandbox.objects (
            seq bigint GENERATED ALWAYS AS IDENTITY,
            id text CONSTRAINT pk_objects PRIMARY KEY,
            kind text NOT NULL,
            created bigint NOT NULL,
            data jsonb NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_objects_kind ON stripe_sandbox.objects (kind, seq DESC)")
    op.execute(
        "CREATE INDEX ix_objects_intent ON stripe_sandbox.objects ((data->>'intent'))"
        " WHERE kind = 'checkout.inside'"
    )
    op.execute(
        """
        CREATE TABLE stripe_sandbox.idempotency (
            key text CONSTRAINT pk_idempotency PRIMARY KEY,
            fingerprint text NOT NULL,
            status integer,
            body jsonb,
            made_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE stripe_sandbox.switches (
            one boolean CONSTRAINT pk_switches PRIMARY KEY DEFAULT true CHECK (one),
            data jsonb NOT NULL DEFAULT '{}'
        )
        """
    )
    op.execute("INSERT INTO stripe_sandbox.switches DEFAULT VALUES")
    for table in ("objects", "idempotency", "switches"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON stripe_sandbox.{table} TO loom_app")
        op.execute(f"ALTER TABLE stripe_sandbox.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_own ON stripe_sandbox.{table}"
            " USING ((SELECT loom_system()) = 'sandbox')"
            " WITH CHECK ((SELECT loom_system()) = 'sandbox')"
        )


def downgrade() -> None:
    op.execute("DROP SCHEMA stripe_sandbox CASCADE")
