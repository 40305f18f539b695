import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loom_app.domains.messaging import rules
from loom_app.kit.errors import Invalid

Block, Span = rules.Block, rules.Span


@pytest.mark.parametrize("body", ["", "   \n ", "\u200b\u200d", "\x00\x07"])
def test_an_empty_message_is_refused(body):
    with pytest.raises(Invalid, match="Write something"):
        rules.clean_body(body)


def test_a_message_of_4001_characters_is_refused_and_says_how_long_it_is():
    assert len(rules.clean_body("x" * 4000)) == 4000
    with pytest.raises(Invalid, match="4001"):
        rules.clean_body("x" * 4001)


def test_markdown_becomes_spans():
    assert rules.blocks("**bold** and *soft* `code`\n\n> quoted\n\n1. one\n2. two") == [
        Block("p", [Span("strong", "bold"), Span("text", " and "), Span("em", "soft"),
                    Span("text", " "), Span("code", "code")]),
        Block("quote", [Span("text", "quoted")]),
        Block("li", [Span("text", "one")], "1."),
        Block("li", [Span("text", "two")], "2."),
    ]  # fmt: skip


def test_addresses_become_links_and_scripts_do_not():
    spans = rules.blocks("see https://loom.test/a?b=1. [x](javascript:alert(1))")[0].spans
    assert [span.href for span in spans if span.kind == "link"] == ["https://loom.test/a?b=1"]


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<iframe srcdoc='<script>x</script>'>",
        "![x](https://evil.test/x.png)",
        "# heading <b>",
    ],
)
def test_markup_stays_text(body):
    text = "".join(span.text for block in rules.blocks(body) for span in block.spans)
    assert re.sub(r"\W", "", text) in re.sub(r"\W", "", body)
    assert text
    assert all(span.kind in {"text", "link"} for b in rules.blocks(body) for span in b.spans)


@given(st.text(max_size=500))
def test_no_text_breaks_the_parser_or_makes_an_unsafe_link(body):
    for block in rules.blocks(body):
        for span in block.spans:
            assert not span.href or span.href.lower().startswith(("http://", "https://", "mailto:"))


@given(st.text(alphabet="*_`>[]()!-1.\n ab", max_size=200))
def test_no_markdown_breaks_the_parser(body):
    assert isinstance(rules.blocks(body), list)
