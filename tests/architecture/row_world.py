"""A world with rows in every table, made from the schema itself: a new table fills itself.

Two practices that have nothing to do with each other. Ada (1) coaches Ben (2) and is published;
Max (3) coaches Cleo (4) and is a draft. Each has a visitor. Two of staff belong to neither, and
somebody (7) only gets what others would give away. Rows that are somebody's alone (`user_id`,
`person_id`) are made for each of the four, all others once a practice; a row has its person's
number, or its coach's, as id, and points at ids of its practice.
It is written by the owner with triggers and foreign keys off, and never committed.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

Row = dict[str, Any]
World = dict[str, list[Row]]


@dataclass(frozen=True)
class Who:
    """A kind of person, as row-level security knows them."""

    name: str
    person: int | None = None
    visitor: str | None = None
    system: str | None = None


ADA, BEN, MAX, CLEO, STAFF, OWNER, SOMEBODY = range(1, 8)
KINDS = (
    Who("nobody"),
    Who("visitor", visitor="visitor-1"),
    Who("other visitor", visitor="visitor-3"),
    Who("client", BEN),
    Who("other client", CLEO),
    Who("coach", ADA),
    Who("other coach", MAX),
    Who("staff without permission", STAFF),
    Who("staff owner", OWNER),
)
EACH_PERSON = ("user_id", "person_id")
OF_THE_CLIENT = (  # all others are of the coach
    "client_id",
    "payer_id",
    "asked_by",
    "accepted_by",
    "booked_by",
    "reporter_id",
    "sender_id",
    "uploader_id",
)
BY_TYPE: dict[str, Any] = {
    "bool": False,
    "date": "2030-01-07",
    "float8": 1,
    "jsonb": [],
    "bytea": "\\x00",
    "timestamptz": "2030-01-07T10:00Z",
    "_text": [],
    "_int4": [],
    "_int8": [],
}


def _client(number: int) -> int:
    return number + 1


_TERMS: Row = {"sessions": 5, "price_minor": 500, "months": 6, "offering_ids": [1]}
# what a column must be in every table that has it, because of checks
BY_NAME: dict[str, Any] = {
    "currency": "EUR",
    "ends_at": "2030-01-07T11:00Z",
    "blocked_until": "2030-01-07T11:00Z",
    "end_minute": 60,
}
# and in one table; a function gets the row's number
BY_TABLE: dict[str, Row] = {
    # one open appeal for each decision
    "appeals": {"decision_id": lambda n: n},
    "audit_entries": {"actor": lambda n: f"person:{n}", "subject": "user", "subject_id": _client},
    # a block hides presence, which is tried as well: it is of somebody of the other practice
    "blocks": {"blocked_id": lambda n: CLEO if n == ADA else BEN},
    "charges": {"status": "created"},
    "coach_profiles": {"status": lambda n: "published" if n == ADA else "draft"},
    "conversation_members": {"first_number": 1},
    "dues": {"how": "card", "amount": 5, "whole": 10},
    "oauth_visits": {"visitor": lambda n: f"visitor-{n}"},
    "offerings": {"place": "in_person"},
    "package_entries": {"kind": "bought", "sessions": 5},
    "package_offers": _TERMS,
    "packages": _TERMS,
    "places": {"shared": lambda n: n == MAX},
    "presences": {"hidden": lambda n: n == CLEO},
    "processor_movements": {"amount": 5, "fee": 1, "net": 4},
    "rooms": {"capacity": 4},
    "seats": {"hold_expires_at": "2030-01-07T09:00Z"},
    "series": {"times": 5, "every_weeks": 1},
}
# rows that say more than the generated ones: table, practice, what differs
MORE: list[tuple[str, int, Row]] = [
    ("booking_drafts", ADA, {"id": 11, "client_id": None, "visitor": "visitor-1"}),
    ("seats", ADA, {"id": 11, "client_id": None, "visitor": "visitor-1", "booked_by": None}),
    ("seats", MAX, {"id": 12, "client_id": None, "visitor": "visitor-3", "booked_by": None}),
    ("places", ADA, {"id": 11}),  # neither shared nor used
    ("conversations", ADA, {"id": 11, "kind": "group", "engagement_id": None}),
    ("conversation_members", BEN, {"conversation_id": 11}),  # where Ben and Cleo meet
    ("conversation_members", CLEO, {"conversation_id": 11}),
    ("messages", ADA, {"id": 11, "number": 0, "change": 11}),  # before they came
    ("messages", ADA, {"id": 12, "number": 12, "change": 12, "hidden_for": [BEN]}),
    ("messages", ADA, {"id": 13, "number": 13, "change": 13, "deleted_at": "2030-01-01T10:00Z"}),
    ("message_files", ADA, {"id": 11, "message_id": None, "key": "unsent"}),
    ("message_files", ADA, {"id": 12, "message_id": 12, "key": "hidden"}),
    ("message_files", ADA, {"id": 13, "message_id": 13, "key": "deleted"}),
    ("audit_entries", ADA, {"id": 11, "actor": "system:x", "subject": "user", "subject_id": BEN}),
    ("audit_entries", ADA, {"id": 12, "actor": "visitor", "subject": "charge", "subject_id": BEN}),
]

_COLUMNS = """
SELECT a.attname AS name, t.typname AS kind, a.attnotnull AS needed, a.atthasdef AS has_default,
  f.confrelid::regclass::text AS target,
  (SELECT substring(pg_get_constraintdef(c.oid) FROM '\\m' || a.attname ||
      ' = ANY \\(ARRAY\\[''([^'']+)''') FROM pg_constraint c
    WHERE c.conrelid = a.attrelid AND c.contype = 'c' AND a.attnum = ANY (c.conkey)
      AND pg_get_constraintdef(c.oid) ~ ('\\m' || a.attname || ' = ANY \\(ARRAY\\[''')
      LIMIT 1) AS choice
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_constraint f ON f.conrelid = a.attrelid AND f.contype = 'f' AND f.conkey[1] = a.attnum
WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attgenerated = '' ORDER BY a.attnum
"""


def tables(owner: Connection) -> list[str]:
    """Every table of the schema."""
    return list(
        owner.scalars(
            text(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'alembic_version' ORDER BY 1"
            )
        )
    )


def make_world(owner: Connection) -> World:
    """Fill every table within this transaction; returns the rows, each with its `ctid`."""
    owner.execute(text("SET LOCAL session_replication_role = replica"))
    for table in tables(owner):
        columns = owner.execute(text(_COLUMNS), {"table": table}).all()
        single = any(column.name in EACH_PERSON for column in columns)
        for number in _numbers(table, single):
            _write(owner, table, {**_row(table, columns, number), **_of_table(table, number)})
        for where, number, change in MORE:
            if where == table:
                row = {**_row(table, columns, number), **_of_table(table, number)}
                _write(owner, table, {**row, **change})
    return {table: rows_of(owner, table) for table in tables(owner)}


def rows_of(owner: Connection, table: str) -> list[Row]:
    found = owner.execute(text(f'SELECT t.ctid::text, to_jsonb(t) FROM "{table}" t'))
    return [{**row, "ctid": ctid} for ctid, row in found]


def _numbers(table: str, single: bool) -> tuple[int, ...]:
    if table in ("users", "credentials", "staff_members"):
        return (ADA, BEN, MAX, CLEO, STAFF, OWNER)
    if table == "coach_profiles" or not single:
        return (ADA, MAX)
    return (ADA, BEN, MAX, CLEO)


def _of_table(table: str, number: int) -> Row:
    given = BY_TABLE.get(table, {})
    return {name: value(number) if callable(value) else value for name, value in given.items()}


def coach_of(number: int) -> int:
    return MAX if number in (MAX, CLEO) else ADA


def _row(table: str, columns: Any, number: int) -> Row:
    filled = (c for c in columns if c.target or (c.needed and not c.has_default))
    return {column.name: _value(table, column, number) for column in filled}


def _value(table: str, column: Any, number: int) -> Any:
    if column.target:
        return _reference(column, number)
    if column.name == "id":
        return number if column.kind == "int8" else f"{table}-{number}"
    return column.choice or BY_NAME.get(column.name) or _plain(column, number)


def _reference(column: Any, number: int) -> int:
    if column.target != "users":
        return coach_of(number)
    if column.name in EACH_PERSON:
        return number
    if column.name in OF_THE_CLIENT:
        return coach_of(number) + 1
    return OWNER if column.name == "seen_by" else coach_of(number)


def _plain(column: Any, number: int) -> Any:
    if column.kind in ("int2", "int4", "int8"):
        return number
    if column.kind == "text":
        return f"{column.name}-{number}"
    return BY_TYPE[column.kind]


def _write(owner: Connection, table: str, row: Row) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    owner.execute(
        text(
            f'INSERT INTO "{table}" ({names}) SELECT {names}'
            f' FROM jsonb_populate_record(NULL::"{table}", CAST(:row AS jsonb))'
        ),
        {"row": json.dumps(row)},
    )
