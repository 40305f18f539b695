"""A no-show says whose, and what a package's session had earned can be undone."""

from alembic import op
from sqlalchemy import text

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

WORDS = "missed_by IN ('', 'client', 'coach')"
KINDS = """CASE kind
    WHEN 'bought' THEN sessions > 0 WHEN 'used' THEN sessions = -1
    WHEN 'returned' THEN sessions = 1 WHEN 'earned' THEN sessions = 0
    WHEN 'forfeited' THEN sessions < 0 WHEN 'refunded' THEN sessions < 0
    {more} ELSE false END"""
RESTORED = "WHEN 'restored' THEN sessions = 1"


def upgrade() -> None:
    op.execute("ALTER TABLE coaching_sessions ADD COLUMN missed_by text NOT NULL DEFAULT ''")
    op.execute("UPDATE coaching_sessions SET missed_by = 'client' WHERE status = 'no_show'")
    # a process of the version before says nothing of whom it marks: those are clients
    op.execute(
        "ALTER TABLE coaching_sessions ADD CONSTRAINT ck_coaching_sessions_missed_by"
        f" CHECK ({WORDS} AND (missed_by = '' OR status = 'no_show'))"
    )
    op.execute(
        "UPDATE privacy.catalogue SET exported = exported || '{missed_by}'"
        " WHERE name = 'coaching_sessions'"
    )
    _entries(("used", "returned", "earned", "restored"), RESTORED)
    op.execute(
        "ALTER TABLE package_entries DROP CONSTRAINT ck_package_entries_minor,"
        " ADD CONSTRAINT ck_package_entries_minor"
        " CHECK (CASE kind WHEN 'restored' THEN minor <= 0 ELSE minor >= 0 END)"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_package_entries_restored ON package_entries"
        " (payable_kind, payable_id) WHERE kind = 'restored'"
    )
    _counts(
        """
          IF NEW.kind = 'restored' AND NOT EXISTS (
              SELECT 1 FROM public.package_entries e WHERE e.package_id = NEW.package_id
              AND e.kind = 'earned' AND e.payable_kind = NEW.payable_kind
              AND e.payable_id = NEW.payable_id AND e.minor = -NEW.minor) THEN
            RAISE EXCEPTION 'it had not earned this' USING ERRCODE = '23514';
          END IF;
        """
    )


def _entries(payable: tuple[str, ...], more: str) -> None:
    names = ", ".join(f"'{one}'" for one in payable)
    op.execute(
        "ALTER TABLE package_entries DROP CONSTRAINT ck_package_entries_kind,"
        " DROP CONSTRAINT ck_package_entries_payable,"
        f" ADD CONSTRAINT ck_package_entries_kind CHECK ({KINDS.format(more=more)}),"
        f" ADD CONSTRAINT ck_package_entries_payable CHECK ((kind IN ({names}))"
        "  = (payable_kind IS NOT NULL AND payable_id IS NOT NULL))"
    )


def _counts(more: str = "") -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION loom_package_counts() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        BEGIN
          UPDATE public.packages SET remaining = remaining + NEW.sessions
            WHERE id = NEW.package_id;
          IF NEW.kind IN ('returned', 'earned') AND NOT EXISTS (
              SELECT 1 FROM public.package_entries e WHERE e.package_id = NEW.package_id
              AND e.kind = 'used' AND e.payable_kind = NEW.payable_kind
              AND e.payable_id = NEW.payable_id) THEN
            RAISE EXCEPTION 'nothing was used for it' USING ERRCODE = '23514';
          END IF;
          {more}
          RETURN NULL;
        END
        $$
        """
    )


def downgrade() -> None:
    """Refused where a session was restored: the version before cannot read its package."""
    restored = "SELECT EXISTS (SELECT 1 FROM package_entries WHERE kind = 'restored')"
    if op.get_bind().scalar(text(restored)):
        raise RuntimeError("sessions were given back into packages: there is no way back")
    _counts()
    op.execute("DROP INDEX uq_package_entries_restored")
    _entries(("used", "returned", "earned"), "")
    op.execute(
        "ALTER TABLE package_entries DROP CONSTRAINT ck_package_entries_minor,"
        " ADD CONSTRAINT ck_package_entries_minor CHECK (minor >= 0)"
    )
    op.execute(
        "UPDATE privacy.catalogue SET exported = array_remove(exported, 'missed_by')"
        " WHERE name = 'coaching_sessions'"
    )
    op.execute("ALTER TABLE coaching_sessions DROP COLUMN missed_by")
