"""A STOP outlives the number it came from, and a device knows which key of ours it asked for."""

from alembic import op

revision = "0072"
down_revision = "0070"
branch_labels = None
depends_on = None

SYSTEM = "(SELECT loom_system()) LIKE 'notifications.%'"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE stopped_numbers (digest text NOT NULL CONSTRAINT pk_stopped_numbers"
        " PRIMARY KEY, at timestamptz NOT NULL)"
    )
    op.execute("ALTER TABLE stopped_numbers ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY stopped_numbers_system ON stopped_numbers"
        f" USING ({SYSTEM}) WITH CHECK ({SYSTEM})"
    )
    # nobody's: a keyed digest, which is kept so that who said STOP is never sent to again
    op.execute(
        "INSERT INTO privacy.catalogue (name, step, mine, fate, blank, exported, hidden) VALUES"
        " ('stopped_numbers', 0, 'false', 'none', '{}', '{}', '{digest,at}')"
    )
    # empty: subscribed before this was written down
    op.execute("ALTER TABLE push_devices ADD COLUMN server_key text NOT NULL DEFAULT ''")
    op.execute(
        "UPDATE privacy.catalogue SET hidden = hidden || '{server_key}' WHERE name = 'push_devices'"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE privacy.catalogue SET hidden = array_remove(hidden, 'server_key')"
        " WHERE name = 'push_devices'"
    )
    op.execute("ALTER TABLE push_devices DROP COLUMN server_key")
    op.execute("DELETE FROM privacy.catalogue WHERE name = 'stopped_numbers'")
    op.execute("DROP TABLE stopped_numbers")
