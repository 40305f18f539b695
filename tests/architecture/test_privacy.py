"""No table and no column is forgotten when somebody takes out their data or leaves (ACC-13)."""

import pytest
from sqlalchemy import create_engine, text

HOW = (
    "say in privacy.catalogue (by a migration, see 0050_my_data.py) whose rows these are, what"
    " becomes of them when the person leaves, and whether they are exported"
)


@pytest.fixture
def owner(database):
    engine = create_engine(database)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_every_column_of_every_table_is_classified_once(owner):
    there = owner.execute(
        text(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND c.table_name <> 'alembic_version' AND c.is_generated = 'NEVER'"
        )
    )
    said = owner.execute(text("SELECT name, unnest(exported || hidden) FROM privacy.catalogue"))
    found, told = sorted(map(tuple, there)), sorted(map(tuple, said))
    assert [one for one in found if one not in told] == [], HOW
    assert [one for one in told if one not in found] == [], "gone from the database"
    assert len(told) == len(set(told)), "said twice"


def test_what_is_a_persons_points_at_a_person(owner):
    """A table with a foreign key to users is somebody's."""
    pointing = owner.scalars(
        text(
            "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND confrelid = 'users'::regclass"
        )
    ).all()
    nobodys = owner.scalars(text("SELECT name FROM privacy.catalogue WHERE fate = 'none'")).all()
    assert set(pointing) & set(nobodys) == set()


def test_secrets_are_never_exported(owner):
    exported = owner.execute(text("SELECT name, unnest(exported) FROM privacy.catalogue"))
    secret = ("hash", "secret", "customer", "processor", "token")
    assert [one for one in map(tuple, exported) if any(word in one[1] for word in secret)] == []


def test_the_app_cannot_change_what_is_erased(owner):
    granted = owner.scalars(
        text(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'loom_app' AND table_schema = 'privacy'"
        )
    ).all()
    assert granted == []


def test_functions_that_see_everything_have_a_pinned_search_path(owner):
    loose = owner.scalars(
        text(
            "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname IN ('public', 'privacy') AND NOT EXISTS ("
            " SELECT 1 FROM unnest(coalesce(p.proconfig, '{}')) c WHERE c LIKE 'search_path=%')"
        )
    ).all()
    assert loose == []


def test_functions_that_see_everything_are_the_apps_alone(owner):
    """Everybody may call a function unless that is taken away."""
    open_ones = owner.scalars(
        text(
            "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname = 'public' AND p.prorettype <> 'trigger'::regtype"
            " AND has_function_privilege('public', p.oid, 'EXECUTE')"
        )
    ).all()
    assert open_ones == []
