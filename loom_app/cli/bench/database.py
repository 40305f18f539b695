"""A database of its own: people in pairs with a conversation, and a directory of 1,000 coaches."""

from sqlalchemy import Connection, create_engine, make_url, text

from loom_app.cli.bench import earnings
from loom_app.kit.db.engine import database_url
from loom_app.kit.db.migrate import migrate
from loom_app.kit.security.tokens import digest

NAME = "loom_bench"
COACHES = 1000


def session_token(person_id: int) -> str:
    """The sign-in cookie of a person of the benchmark."""
    return f"bench-session-token-{person_id:08d}"


def prepare(*, people: int) -> str:
    """Make, migrate and fill the database; returns its address as the owner."""
    drop()
    admin = create_engine(database_url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {NAME}"))
    admin.dispose()
    url = make_url(database_url()).set(database=NAME).render_as_string(hide_password=False)
    migrate(url)
    owner = create_engine(url)
    with owner.begin() as connection:
        _people(connection, people)
        _coaches(connection)
        earnings.fill(connection)
    with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    owner.dispose()
    return url


def drop() -> None:
    admin = create_engine(database_url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
    admin.dispose()


def plain_url(url: str) -> str:
    """Without the driver's name: as settings and psycopg want it."""
    return "postgresql://" + url.partition("://")[2]


def _people(connection: Connection, people: int) -> None:
    """1..n signed in; 1 and 2 talk in conversation 1, 3 and 4 in 2, and so on."""
    run = connection.execute
    run(
        text(
            "INSERT INTO users (id, name, zone, roles, verified_at)"
            " SELECT n, 'Person ' || n, 'Europe/Berlin',"
            " CASE WHEN n % 2 = 1 THEN ARRAY['coach', 'client'] ELSE ARRAY['client'] END, now()"
            " FROM generate_series(1, :n) n"
        ),
        {"n": people},
    )
    run(
        text(
            "INSERT INTO credentials (user_id, email, email_key, password_hash)"
            " SELECT n, 'p' || n || '@loom.test', 'p' || n || '@loom.test', ''"
            " FROM generate_series(1, :n) n"
        ),
        {"n": people},
    )
    run(
        text(
            "INSERT INTO auth_sessions"
            " (user_id, token_hash, created_at, seen_at, idle_until, expires_at)"
            " SELECT n, h, now(), now(), now() + interval '1 day', now() + interval '1 day'"
            " FROM unnest(CAST(:ids AS bigint[]), CAST(:hashes AS text[])) AS s(n, h)"
        ),
        {
            "ids": list(range(1, people + 1)),
            "hashes": [digest(session_token(n)) for n in range(1, people + 1)],
        },
    )
    pairs = {"n": people // 2}
    run(
        text(
            "INSERT INTO engagements (id, coach_id, client_id, status)"
            " SELECT n, n * 2 - 1, n * 2, 'active' FROM generate_series(1, :n) n"
        ),
        pairs,
    )
    run(
        text(
            "INSERT INTO conversations (id, engagement_id)"
            " SELECT n, n FROM generate_series(1, :n) n"
        ),
        pairs,
    )
    run(
        text(
            "INSERT INTO conversation_members (conversation_id, user_id)"
            " SELECT n, n * 2 - side FROM generate_series(1, :n) n, (VALUES (0), (1)) s(side)"
        ),
        pairs,
    )
    # everybody has talked before, as people have
    run(
        text(
            "INSERT INTO messages (conversation_id, number, change, sender_id, client_id, body,"
            " sent_at) SELECT n, 1, 1, n * 2, 'before-' || n, 'See you', now() - interval '1 day'"
            " FROM generate_series(1, :n) n"
        ),
        pairs,
    )
    run(
        text(
            "UPDATE conversations SET message_count = 1, change_count = 1,"
            " last_message_at = now() - interval '1 day'"
        )
    )
    run(text("UPDATE conversation_members SET read_number = 1, delivered_number = 1, change = 1"))
    for table in ("users", "engagements", "conversations", "messages"):
        run(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000000)"))


def _coaches(connection: Connection) -> None:
    """Published coaches in several zones, five days a week, with eighty sessions each to come."""
    run = connection.execute
    first = 2_000_000
    values = {"first": first, "last": first + COACHES - 1}
    run(
        text(
            "INSERT INTO users (id, name, zone, roles, verified_at)"
            " SELECT n, 'Coach ' || n, (ARRAY['Europe/Berlin', 'America/New_York', 'Asia/Kolkata',"
            " 'Australia/Sydney', 'America/Los_Angeles'])[1 + n % 5], ARRAY['coach'], now()"
            " FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n"
        ),
        values,
    )
    run(
        text(
            "INSERT INTO coach_standings (coach_id, verified_at) SELECT n, now()"
            " FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n"
        ),
        values,
    )
    run(
        text(
            "INSERT INTO coach_profiles"
            " (user_id, slug, status, headline, bio, specialties, languages, published_at)"
            " SELECT n, 'coach-' || n, 'published', 'Focus and calm', 'Twenty years of practice.',"
            " ARRAY[(ARRAY['Career', 'Focus', 'Leadership', 'Health'])[1 + n % 4]],"
            " ARRAY[(ARRAY['en', 'de', 'es'])[1 + n % 3]], now()"
            " FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n"
        ),
        values,
    )
    run(
        text(
            "INSERT INTO offerings (id, coach_id, name, duration_minutes, price_minor, currency,"
            " place, buffer_after, notice_minutes)"
            " SELECT n, n, 'Focus session', 50, 12000, 'USD', 'video', 10, 60"
            " FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n"
        ),
        values,
    )
    run(  # who cannot be paid has no next free time, and is found too quickly
        text(
            "INSERT INTO payout_accounts (user_id, processor_id, status)"
            " SELECT n, 'acct_bench' || n, 'active'"
            " FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n"
        ),
        values,
    )
    run(
        text(
            "INSERT INTO weekly_hours (coach_id, weekday, start_minute, end_minute)"
            " SELECT n, d, h, h + 240 FROM generate_series(CAST(:first AS bigint),"
            " CAST(:last AS bigint)) n, generate_series(0, 4) d, (VALUES (540), (840)) v(h)"
        ),
        values,
    )
    run(
        text(
            "INSERT INTO coaching_sessions (coach_id, offering_id, status, starts_at, ends_at,"
            " blocked_from, blocked_until, title, place, created_at, changed_at)"
            " SELECT n, n, 'confirmed', at, at + interval '50 minutes', at,"
            " at + interval '60 minutes', 'Focus session', 'video', now(), now()"
            " FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n,"
            " generate_series(0, 79) k, LATERAL (SELECT date_trunc('hour', now())"
            " + make_interval(days => k / 2 + 1, hours => (k % 2) * 5 + (n % 4)::int) AS at) t"
        ),
        values,
    )
