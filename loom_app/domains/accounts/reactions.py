"""What accounts do when something happens."""

from loom_app.domains.accounts import watching
from loom_app.kit.audit.chain import EntriesSealed
from loom_app.kit.db.transaction import Tx
from loom_app.kit.events import on


@on(EntriesSealed)
async def watch_the_trail(tx: Tx, event: EntriesSealed) -> None:
    await watching.look(tx, event)
