"""What `ui/design/browser/window.py` does in a browser, for tabs without one.

The journeys in tests/e2e hold the browser's own to the same outcomes.
"""

from loom_app.domains.messaging.queries import MessageView
from loom_app.ui.chat.feed import Feed, Page


class Window:
    """The window of one tab: `take` what it is told; `missed` is the change to ask after, or -1."""

    def __init__(self) -> None:
        self.conversation, self.change, self.missed = 0, 0, -1
        self.start, self.end = False, True
        self.rows: dict[int, MessageView] = {}

    def take(self, feed: Feed) -> None:
        if feed.conversation != self.conversation:
            self.__init__()
            self.conversation = feed.conversation
        if feed.whole:
            self.rows = {row.id: row for row in feed.rows}
            self.start, self.end, self.change = feed.start, True, feed.change
            return
        for row in feed.rows:
            self._put(row)
        for gone in feed.gone:
            self.rows.pop(gone, None)
        if feed.after > self.change:
            self.missed = self.change
        else:
            self.change, self.missed = max(self.change, feed.change), -1

    def turn(self, page: Page) -> None:
        if page.edge == "around":
            self.rows = {}
        self.rows |= {row.id: row for row in page.rows if self._newer(row)}
        if page.edge in {"before", "around"}:
            self.start = page.start
        if page.edge in {"after", "around"}:
            self.end = page.end

    def _newer(self, row: MessageView) -> bool:
        return row.id not in self.rows or row.change >= self.rows[row.id].change

    def _put(self, row: MessageView) -> None:
        numbers = [known.number for known in self.rows.values()] or [0]
        fits = self.end if row.number > max(numbers) else self.start or row.number > min(numbers)
        if self._newer(row) and (row.id in self.rows or fits):
            self.rows[row.id] = row

    def shown(self) -> list[MessageView]:
        return sorted(self.rows.values(), key=lambda row: row.number)
