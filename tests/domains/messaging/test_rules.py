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
    ("body", "href"),
    [
        ("https://wiki.test/Rust_(language)", "https://wiki.test/Rust_(language)"),
        ("(https://loom.test/a)", "https://loom.test/a"),
        ("https://code.test/x/__init__.py", "https://code.test/x/__init__.py"),
        ("https://code.test/_a_/*b*/c", "https://code.test/_a_/*b*/c"),
        ("**https://loom.test/a**", "https://loom.test/a"),
        ("[words](https://loom.test/b_c_)", "https://loom.test/b_c_"),
        ("www.loom.test/a.", "https://www.loom.test/a"),
        ("write to ada.l@loom.test!", "mailto:ada.l@loom.test"),
    ],
)
def test_an_address_is_one_link_whatever_signs_are_in_it(body, href):
    spans = [span for block in rules.blocks(body) for span in block.spans]
    assert [span.href for span in spans if span.href] == [href]


def test_an_address_as_words_of_a_link_is_no_second_one():
    assert rules.blocks("[https://a.test](https://b.test)")[0].spans == [
        Span("link", "https://a.test", "https://b.test")
    ]


@pytest.mark.parametrize("body", ["2*3*4 = 24", "f(a*b*c)", "x**2 + y**2"])
def test_a_star_inside_a_word_or_a_sum_stays(body):
    assert rules.blocks(body) == [Block("p", [Span("text", body)])]


def test_signs_without_spaces_between_words_may_still_be_bold():
    assert rules.blocks("重要**强调**文字")[0].spans[1] == Span("strong", "强调")


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
