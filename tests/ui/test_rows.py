"""What is drawn hundreds of times on a page."""

import pytest

from loom_app.ui.chat.card import conversation_row
from loom_app.ui.chat.inbox import found_message
from loom_app.ui.chat.message import bubble
from loom_app.ui.directory.coach_card import coach_card, coach_line


@pytest.mark.parametrize("row", [bubble, conversation_row, found_message, coach_card, coach_line])
def test_a_row_reads_no_state_so_its_own_news_alone_draws_it_again(row) -> None:
    """A row that reads a state is drawn with every answer that touches this state: 700 messages
    anew for each that comes in kept a page from taking a key for fifteen seconds."""
    body = row._definition.component
    hooks = [*body._get_all_hooks_internal(), *body._get_all_hooks()]
    assert [hook for hook in hooks if "useStateContext" in hook] == []
