"""A whole transaction in one statement: for the few writes that happen hundreds of times a second.

The statement calls a function of the database that names its actor first (`loom_send`,
`loom_mark`), so row-level security holds as in `transaction`. Everything else uses `transaction`.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, text

from loom_app.kit.db.engine import pool

_NAME = re.compile(r"%\((\w+)\)s")


async def rows(statement: str, values: Mapping[str, Any]) -> list[Any]:
    """Run it in autocommit and return its rows as tuples. Raises what psycopg raises."""
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(statement, values)  # type: ignore[arg-type]
        return await cursor.fetchall()


async def one(statement: str, values: Mapping[str, Any]) -> Sequence[Any]:
    """Its only row."""
    return (await rows(statement, values))[0]


@functools.cache
def as_text(statement: str) -> TextClause:
    """The same statement for a session of SQLAlchemy."""
    plain = re.sub(r"%\((\w+)\)s::([\w\[\]]+)", r"CAST(:\1 AS \2)", statement)
    return text(_NAME.sub(r":\1", plain))
