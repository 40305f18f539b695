"""Links to private files: signed by us for one file, and at their end after a week.

Beside the sign-in, which is asked each time, so that an address that was copied, logged or kept in
a browser's history leads nowhere later, also for who may still read the conversation. The end is
that of a day, the same for every link made on one, so that a page drawn again keeps its pictures.
"""

from datetime import timedelta

from loom_app.kit import clock
from loom_app.kit.errors import NotFound
from loom_app.kit.security import tokens
from loom_app.kit.text import t

LIFE = timedelta(days=7)
_DAY = 86_400


class Ended(NotFound):
    """The link was ours, and its time is over."""


def signed(path: str, file_id: int) -> str:
    """The path with `?key=<last day, counted from 1970>.<signature>`: good for seven to eight
    days."""
    last = int((clock.now() + LIFE).timestamp()) // _DAY
    return f"{path}?key={tokens.signed(str(last), _purpose(file_id))}"


def check(key: str, file_id: int) -> None:
    """Raises Ended for a link of ours whose time is over, NotFound for what is no link of ours."""
    last = tokens.unsigned(key, _purpose(file_id))
    if last is None:
        raise NotFound
    if clock.now().timestamp() >= (int(last) + 1) * _DAY:
        raise Ended(t("This link has ended. Open the file from its conversation."))


def _purpose(file_id: int) -> str:
    return f"file link {file_id}"
