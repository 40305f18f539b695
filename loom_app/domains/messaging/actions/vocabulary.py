"""Learning the words that occur in messages, so that a search forgives typing."""

from sqlalchemy import text

from loom_app.kit.db.transaction import Tx

BATCH = 10_000
# ids are given before commits: what was still under way at the last round is read again
OVERLAP = 2_000

# locked: an erasure takes words away and begins anew, never while a batch is under way
_UP_TO = text("SELECT up_to FROM learned_words FOR UPDATE")
_LEARN = text(
    """
    WITH fresh AS (
        SELECT id, body FROM messages WHERE id > :from ORDER BY id LIMIT :n
    ), edited AS (
        SELECT body FROM messages WHERE edited_at > now() - interval '10 minutes'
    ), words AS (
        SELECT DISTINCT w FROM (SELECT body FROM fresh UNION ALL SELECT body FROM edited) b,
            unnest(loom_split(b.body)) w WHERE w ~ '^[[:alpha:]]{4,24}$'
    ), added AS (
        INSERT INTO message_words (word) SELECT w FROM words
        WHERE NOT EXISTS (SELECT 1 FROM message_words k WHERE k.word = w)
        ORDER BY w ON CONFLICT DO NOTHING
    )
    SELECT coalesce(max(id), 0), count(*) FROM fresh
    """
)


async def learn_words(tx: Tx) -> bool:
    """One batch, acting as `messaging.words`; True where there is more to read."""
    known = await tx.db.scalar(_UP_TO) or 0
    values = {"from": max(0, known - OVERLAP), "n": BATCH}
    last, count = (await tx.db.execute(_LEARN, values)).one()
    if last > known:
        await tx.db.execute(text("DELETE FROM learned_words"))
        await tx.db.execute(
            text("INSERT INTO learned_words (up_to, at) VALUES (:last, :now)"),
            {"last": last, "now": tx.now},
        )
    return count == BATCH
