"""Row-level security, tried: every table as every kind of person and as nobody (OPS-15).

`row_rules.TABLES` says whose every row is, `row_world` makes rows for every table out of the
schema. What the database lets through must be exactly what is said: each of them alone would do
without the application's own checks. A new table fails here until somebody says whose it is.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from loom_app.kit.settings import ROOT
from tests.architecture import row_world
from tests.architecture.row_rules import TABLES, Rule, Table, system_reads
from tests.architecture.row_world import KINDS, SOMEBODY, Row, Who, World

# Be one kind after the other, as the application's role, and undo what the statement did.
# "done", "refused" by a policy or a missing right, or "taken", which was let through as well:
# policies come before checks and indexes. `seen` is what a SELECT gave, `after` all rows then.
_ATTEMPTING = """
CREATE FUNCTION pg_temp.attempt(kinds jsonb, place text, statement text, one jsonb)
RETURNS TABLE (kind text, answer text, seen jsonb, after jsonb) LANGUAGE plpgsql AS $$
DECLARE who jsonb;
BEGIN
  FOR who IN SELECT jsonb_array_elements(kinds) LOOP
    kind := who ->> 'name';
    seen := '[]';
    BEGIN
      PERFORM set_config('loom.person', coalesce(who ->> 'person', ''), true),
        set_config('loom.visitor', coalesce(who ->> 'visitor', ''), true),
        set_config('loom.system', coalesce(who ->> 'system', ''), true),
        set_config('role', 'loom_app', true);
      BEGIN
        IF statement LIKE 'SELECT %' THEN EXECUTE statement INTO seen;
        ELSE EXECUTE statement USING one;
        END IF;
        answer := 'done';
      EXCEPTION WHEN insufficient_privilege THEN answer := 'refused';
        WHEN integrity_constraint_violation THEN answer := 'taken';
      END;
      PERFORM set_config('role', 'none', true);
      EXECUTE format('SELECT jsonb_agg(to_jsonb(t) || jsonb_build_object(''ctid'', t.ctid::text))'
        ' FROM %I t', place) INTO after;
      RAISE EXCEPTION 'undo' USING ERRCODE = 'LM001';
    EXCEPTION WHEN SQLSTATE 'LM001' THEN NULL;
    END;
    RETURN NEXT;
  END LOOP;
END $$
"""
_ATTEMPT = text(
    "SELECT kind, answer, coalesce(seen, '[]') AS seen, coalesce(after, '[]') AS after"
    " FROM pg_temp.attempt(CAST(:kinds AS jsonb), :table, :statement, CAST(:row AS jsonb))"
)
# what may be set without running into an index, or into a check of several columns
_SETTABLE = """
SELECT a.attname FROM pg_attribute a
WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege('loom_app', a.attrelid, a.attnum, 'UPDATE')
ORDER BY EXISTS (SELECT 1 FROM pg_index i
    WHERE i.indrelid = a.attrelid AND a.attnum = ANY (i.indkey)), EXISTS (SELECT 1
    FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype IN ('c', 'x')
      AND a.attnum = ANY (c.conkey) AND cardinality(c.conkey) > 1), a.attnum DESC
"""
_PEOPLE = """
SELECT a.attname FROM pg_constraint f
JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
WHERE f.conrelid = to_regclass(:table) AND f.contype = 'f' AND f.confrelid = 'users'::regclass
  AND has_column_privilege('loom_app', a.attrelid, a.attnum, 'UPDATE')
"""


class Trial:
    """One table, its rows, and what becomes of them when somebody tries; nothing stays.

    Each attempt returns for each kind, by name, the rows that it reached, by `ctid`.
    """

    def __init__(self, owner: Connection, world: World, table: str) -> None:
        self.owner, self.world, self.table = owner, world, table
        self.rows = {row["ctid"]: row for row in world[table]}

    def _attempt(
        self, statement: str, row: Row | None = None, kinds: Sequence[Who] = KINDS
    ) -> Sequence[Any]:
        values = {
            "kinds": json.dumps([asdict(who) for who in kinds]),
            "table": self.table,
            "statement": statement,
        }
        return self.owner.execute(_ATTEMPT, {**values, "row": json.dumps(row or {})}).all()

    def _moved(self, statement: str, row: Row | None = None) -> dict[str, set[str]]:
        return {
            one.kind: set(self.rows) - {left["ctid"] for left in one.after}
            for one in self._attempt(statement, row)
        }

    def seen(self, kinds: Sequence[Who] = KINDS) -> dict[str, set[str]]:
        tried = self._attempt(f'SELECT jsonb_agg(ctid::text) FROM "{self.table}"', kinds=kinds)
        return {one.kind: set(one.seen) for one in tried}

    def updated(self) -> dict[str, set[str]]:
        """By a statement that reads no column, so that policies for reading do not help."""
        column = self.owner.scalar(text(_SETTABLE), {"table": self.table})
        if column is None:
            return {who.name: set() for who in KINDS}
        name = f'"{self.table}"'
        put = f'UPDATE {name} SET "{column}" = (jsonb_populate_record(NULL::{name}, $1))."{column}"'
        return self._moved(put, next(iter(self.rows.values())))

    def deleted(self) -> dict[str, set[str]]:
        return self._moved(f'DELETE FROM "{self.table}"')

    def inserted(self) -> dict[str, set[str]]:
        """The rows of which a copy was let in."""
        let_in: dict[str, set[str]] = {who.name: set() for who in KINDS}
        for ctid, row in self.rows.items():
            names = ", ".join(f'"{name}"' for name in row if name != "ctid")
            copy = (
                f'INSERT INTO "{self.table}" ({names}) SELECT {names}'
                f' FROM jsonb_populate_record(NULL::"{self.table}", $1)'
            )
            for one in self._attempt(copy, row):
                if one.answer != "refused":
                    let_in[one.kind].add(ctid)
        return let_in

    def given_away(self, rule: Rule) -> list[str]:
        """Who can make a row of theirs somebody else's, and by which column."""
        persons = {who.name: who for who in KINDS}
        gone = []
        for column in self.owner.scalars(text(_PEOPLE), {"table": self.table}).all():
            for one in self._attempt(f'UPDATE "{self.table}" SET "{column}" = {SOMEBODY}'):
                after = {**self.world, self.table: one.after}
                new = [row for row in one.after if row["ctid"] not in self.rows]
                if not all(rule(row, persons[one.kind], after) for row in new):
                    gone.append(f"{one.kind} gives away by {column}")
        return gone

    def differences(self, said: Table) -> list[str]:
        """Where the database is not of the declared opinion, in words."""
        tried = (
            ("reads", said.read, self.seen()),
            ("updates", said.write, self.updated()),
            ("deletes", said.delete or said.write, self.deleted()),
            ("inserts a copy of", said.insert or said.write, self.inserted()),
        )
        lines = [
            f"{who.name} {'may not but' if ctid in got[who.name] else 'may but never'} {verb} {row}"
            for verb, rule, got in tried
            for who in KINDS
            for ctid, row in self.rows.items()
            if rule(row, who, self.world) != (ctid in got[who.name])
        ]
        return lines + self.given_away(said.write)


@pytest.fixture(scope="module")
def owner(database):
    """One transaction that never ends well: nothing of the world is ever committed."""
    engine = create_engine(database)
    with engine.connect() as connection:
        connection.execute(text(_ATTEMPTING))
        yield connection
        connection.rollback()
    engine.dispose()


@pytest.fixture(scope="module")
def world(owner) -> World:
    return row_world.make_world(owner)


def test_every_table_is_declared_and_has_rows_to_try(owner, world):
    assert sorted(TABLES) == row_world.tables(owner), "say whose rows these are in row_rules.TABLES"
    assert [table for table, rows in world.items() if not rows] == []


def test_a_table_without_policies_is_found(owner, world):
    """The trial of the trial: what every new table is before somebody thinks of it."""
    held = owner.begin_nested()
    owner.execute(text("CREATE TABLE new_notes (user_id bigint REFERENCES users (id), note text)"))
    owner.execute(text("INSERT INTO new_notes VALUES (2, 'mine')"))
    rows = row_world.rows_of(owner, "new_notes")
    found = Trial(owner, {**world, "new_notes": rows}, "new_notes").differences(
        TABLES["reminder_times"]
    )
    assert "new_notes" in row_world.tables(owner)
    held.rollback()
    for verb in ("reads", "updates", "deletes", "inserts a copy of"):
        assert f"nobody may not but {verb} {rows[0]}" in found
    assert "client gives away by user_id" in found


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_database_lets_through_what_is_said_and_nothing_else(owner, world, table):
    assert Trial(owner, world, table).differences(TABLES[table]) == []


@pytest.fixture(scope="module")
def systems(owner) -> list[Who]:
    """One unknown system of each domain, and all that stand in the code or in a policy."""
    code = "".join(path.read_text() for path in (ROOT / "loom_app").rglob("*.py"))
    named = re.findall(r'(?:acting_as_system|system_job)\(\s*"([a-z_.]+)"', code)
    policies = owner.scalars(text("SELECT concat(qual, with_check) FROM pg_policies")).all()
    exact = re.findall(r"'([a-z]+(?:\.[a-z_]+)?)'::text", "".join(policies))
    names = {name.split(".")[0] + ".unknown" for name in named if "." in name}
    names |= {name for name in named if "." not in name}
    names |= {name for name in exact if "." in name}
    return [Who(name, system=name) for name in sorted(names)]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_system_reads_what_is_its_domains(owner, world, systems, table):
    seen = Trial(owner, world, table).seen([Who("nobody"), *systems])
    more = {who.name for who in systems if seen[who.name] - seen["nobody"]}
    assert more == {who.name for who in systems if system_reads(who.name, table)}
