"""What is over goes after its days, not before them, and takes nothing else along."""

from datetime import date, timedelta

from sqlalchemy import Connection, text

from loom_app.kit import retention
from tests.architecture.row_world import make_world, rows_of, tables

MOMENT = "2030-01-07T10:00Z"  # when everything in the made-up world was
OVER = {
    "auth_sessions": "idle_until = :at, expires_at = :at, revoked_at = :at",
    "booking_drafts": "updated_at = :at",
    "deliveries": "status = CASE WHEN id = 1 THEN 'failed' ELSE 'sent' END, created_at = :at",
    "email_links": "expires_at = :at",
    "hidden_messages": "hidden_at = :at",
    "mailbox_messages": "received_at = :at",
    "notices": "created_at = :at",
    "oauth_visits": "expires_at = :at",
    "outbox_jobs": "done_at = CASE WHEN id = 1 THEN NULL ELSE CAST(:at AS timestamptz) END",
    "second_steps": "expires_at = :at",
    "texts": "sent_at = :at",
    "text_answers": "at = :at",
    "sign_in_throttles": "last_at = :at, blocked_until = NULL",
}
STAYS = {"deliveries", "outbox_jobs"}  # one of each: given up, or not done


def counted(owner: Connection) -> dict[str, int]:
    return {table: len(rows_of(owner, table)) for table in tables(owner)}


async def test_each_table_by_its_own_days(db, cleaner, at):
    """Every rule there is; one that nobody tries here fails."""
    assert {one.table for one in retention.rules()} == set(OVER)
    cleaner.execute(text("SET session_replication_role = replica"))
    make_world(cleaner)
    cleaner.execute(text("SET session_replication_role = origin"))
    for table, over in OVER.items():
        cleaner.execute(text(f"UPDATE {table} SET {over}"), {"at": MOMENT})
    before = counted(cleaner)
    days = {one.table: one.days for one in retention.rules()}
    for day in sorted({0, *days.values()}):
        at(f"{date_after(day)}T09:59Z")
        await retention.run()
        young = {table for table, kept in days.items() if kept >= day}
        now = counted(cleaner)
        assert {table: now[table] for table in young} == {table: before[table] for table in young}
        at(f"{date_after(day)}T10:01Z")
        await retention.run()
    after = counted(cleaner)
    for table in before.keys() - days.keys():
        assert after[table] == before[table], f"{table} is nobody's to delete here"
    for table in days:
        assert after[table] == (1 if table in STAYS else 0), table


def date_after(days: int) -> str:
    return f"{date(2030, 1, 7) + timedelta(days=days):%Y-%m-%d}"
