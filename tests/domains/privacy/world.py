"""A client and a coach who have left a word in everything that Loom keeps of them."""

from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot

MARK = "zebramark"
NAME = f"Quentin {MARK.title()}"
EMAIL = f"quentin.{MARK}@loom.test"
CID = "00000000-0000-4000-8000-000000000001"


async def make_client() -> tuple[Actor, Actor, int]:
    """The client who leaves, their coach, and the conversation of the two."""
    ada, offering_id = await make_open_coach()
    client = await make_user(name=NAME, email=EMAIL)
    await make_session(client, offering_id, slot())
    async with transaction(client) as tx:
        conversation = await messaging.start(tx, client, ada.person_id or 0)
        await messaging.send(tx, client, conversation, messaging.Draft(CID, f"Of {MARK} to you"))
    return client, ada, conversation


def fill(db: str, person: Actor, email: str = EMAIL) -> None:
    """Write the mark into every column of text that is this person's and that may hold words, and
    end all that would have to be settled."""
    owner = owner_engine(db)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in ("seats", "coaching_sessions"):
            connection.execute(text(f"UPDATE {table} SET status = 'completed'"))
        rows = connection.execute(
            text(
                "SELECT c.name, replace(c.mine, '$1', CAST(:me AS text)) AS mine, k.key AS put"
                " FROM privacy.catalogue c, jsonb_object_keys(c.blank) AS k (key)"
                " JOIN information_schema.columns i ON i.column_name = k.key"
                " AND i.table_schema = 'public' AND i.data_type = 'text'"
                " WHERE i.table_name = c.name AND c.name <> 'users'"
                " AND k.key NOT IN ('status', 'theme', 'language', 'zone', 'slug')"
                " AND c.mine NOT LIKE '%$2%'"
            ),
            {"me": person.person_id},
        ).all()
        for name, mine, put in rows:
            connection.execute(text(f"UPDATE {name} SET {put} = '{MARK} said' WHERE {mine}"))
        me = {"me": person.person_id, "email": email}
        for statement in _MORE:
            connection.execute(text(statement), me)
    owner.dispose()


_MORE = (
    "UPDATE users SET bio = 'zebramark', pronouns = 'zebramark' WHERE id = :me",
    (
        "INSERT INTO saved_filters (user_id, page, name, query)"
        " VALUES (:me, '/coaches', 'zebramark', 'q=zebramark')"
    ),
    (
        "INSERT INTO billing_details (user_id, name, address, tax_id, tax_name, tax_bps,"
        " updated_at) VALUES (:me, 'zebramark', 'zebramark', 'zebramark', '', 0, now())"
    ),
    (
        "INSERT INTO external_identities (user_id, provider, issuer, subject, email, linked_at,"
        " used_at) VALUES (:me, 'google', 'https://x', 'zebramark', :email, now(), now())"
    ),
    (
        "INSERT INTO auth_sessions (user_id, token_hash, agent, address, created_at, seen_at,"
        " idle_until, expires_at)"
        " VALUES (:me, 'hash', 'zebramark', '10.0.0.1', now(), now(), now(), now())"
    ),
    (
        "INSERT INTO reports (reporter_id, reason, words, excerpt, status, created_at)"
        " VALUES (:me, 'other', 'zebramark', 'zebramark', 'open', now())"
    ),
    (
        "INSERT INTO deliveries (user_id, event, channel, key, facts, status, attempts, created_at)"
        " VALUES (:me, 'x', 'mail', 'one', '{\"name\": \"zebramark\"}', 'sent', 1, now())"
    ),
    (
        "INSERT INTO external_events (source, event_id, type, object_type, object_id, payload,"
        " received_at, handled_at) VALUES ('stripe', 'evt_1', 'x', 'x', 'x',"
        " jsonb_build_object('mail', CAST(:email AS text)), now(), now())"
    ),
    "INSERT INTO message_words (word) VALUES ('zebramark')",
)


def holding(db: str, words: str) -> list[str]:
    """Every column of every table, in any schema of ours, in which the words are found."""
    owner = owner_engine(db)
    found = []
    with owner.connect() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        ).all()
        for table in tables:
            lines = connection.scalars(
                text(
                    f'SELECT DISTINCT e.key FROM "{table}" x, jsonb_each_text(to_jsonb(x)) e'
                    " WHERE e.value ILIKE '%' || :words || '%'"
                ),
                {"words": words},
            )
            found += [f"{table}.{column}" for column in sorted(lines.all())]
    owner.dispose()
    return found
