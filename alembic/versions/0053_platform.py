"""What staff decide for the platform, in versions; and how often features were asked for."""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

SYSTEM = "(SELECT loom_system())"
TABLES = {"platform_versions": "platform.choose", "flag_exposures": "platform.count"}


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE platform_versions (
            area text NOT NULL,
            number integer NOT NULL,
            chosen jsonb NOT NULL,
            changes jsonb NOT NULL,
            reason text NOT NULL,
            back_to integer,
            saved_by bigint NOT NULL CONSTRAINT fk_platform_versions_saved_by
                REFERENCES users (id),
            at timestamptz NOT NULL,
            CONSTRAINT pk_platform_versions PRIMARY KEY (area, number)
        )
        """
    )
    op.execute("CREATE INDEX ix_platform_versions_saved_by ON platform_versions (saved_by)")
    op.execute(
        """
        CREATE TABLE flag_exposures (
            flag text NOT NULL,
            day date NOT NULL,
            enabled boolean NOT NULL,
            uses bigint NOT NULL,
            CONSTRAINT pk_flag_exposures PRIMARY KEY (flag, day, enabled)
        )
        """
    )
    for table, system in TABLES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({SYSTEM} LIKE 'platform.%')"
        )
        op.execute(
            f"CREATE POLICY {table}_write ON {table} FOR INSERT WITH CHECK ({SYSTEM} = '{system}')"
        )
    # versions stay as they are; counts grow
    op.execute(
        "CREATE POLICY flag_exposures_count ON flag_exposures FOR UPDATE"
        f" USING ({SYSTEM} = 'platform.count')"
    )
    op.execute(
        "INSERT INTO privacy.catalogue (name, step, mine, fate, blank, exported, hidden) VALUES"
        " ('platform_versions', 9, 'saved_by = $1', 'keep', '{}',"
        " '{area,number,reason,back_to,saved_by,at}', '{chosen,changes}'),"
        " ('flag_exposures', 0, 'false', 'none', '{}', '{}', '{flag,day,enabled,uses}')"
    )


def downgrade() -> None:
    op.execute(
        "DELETE FROM privacy.catalogue WHERE name IN ('platform_versions', 'flag_exposures')"
    )
    op.execute("DROP TABLE flag_exposures")
    op.execute("DROP TABLE platform_versions")
