"""Sheets of people as they come out of spreadsheets, and what an invitation may say."""

import pytest

from loom_app.domains.engagements import rules
from loom_app.kit.errors import Invalid


def people(raw: bytes) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.email, one.name, one.note) for one in rules.read_sheet(raw)]


@pytest.mark.parametrize(
    "raw",
    [
        b"email,name,note\nmia@x.test,Mia,Hello\n",
        b"E-Mail;Full name;Message\r\nmia@x.test;Mia;Hello\r\n",
        b"Name\tEmail\tNote\nMia\tmia@x.test\tHello\n",
        b'name|note|email\n"Mia"|"Hello"|mia@x.test\n',
        b"\xef\xbb\xbfemail,name,note\nmia@x.test,Mia,Hello",
        "email,name,note\nmia@x.test,Mia,Hello".encode("utf-16"),
        b"plan,Email address:,client name,personal note\ngold,mia@x.test,Mia,Hello\n",
    ],
)
def test_columns_are_found_by_their_headings(raw):
    assert people(raw) == [(2, "mia@x.test", "Mia", "Hello")]


def test_without_headings_the_order_is_email_name_note():
    assert people(b"mia@x.test,Mia\n\n ,\nben@x.test\n") == [
        (1, "mia@x.test", "Mia", ""),
        (4, "ben@x.test", "", ""),
    ]


def test_letters_of_an_old_spreadsheet_are_read():
    raw = "email;name\nm@x.test;Jürgen Müßig-Schröder\no@x.test;Zoë Garçon\n".encode("cp1252")
    assert [one.name for one in rules.read_sheet(raw)] == ["Jürgen Müßig-Schröder", "Zoë Garçon"]


def test_a_quoted_comma_and_a_doubled_quote_are_text():
    (one,) = rules.read_sheet(b'email,name,note\nm@x.test,"Weiss, Mia","say ""hi"""\n')
    assert (one.name, one.note) == ("Weiss, Mia", 'say "hi"')


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no rows"),
        (b" \n,,\n", "no rows"),
        (b"email,name\n", "headings only"),
        (b"a@x.test\n" * 501, "501 people"),
        (b"x" * 500_001, "up to 500 people"),
        (b"PK\x03\x04\x00\x00", "no CSV"),
        (b'"' + b"x" * 200_000, "no CSV"),
    ],
)
def test_what_is_no_such_sheet_is_said(raw, words):
    with pytest.raises(Invalid, match=words):
        rules.read_sheet(raw)


def test_five_hundred_are_read():
    assert len(rules.read_sheet(b"a@x.test\n" * 500)) == 500


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)", "x" * 81])
def test_a_name_that_a_spreadsheet_would_run_is_refused(name):
    with pytest.raises(Invalid):
        rules.clean_guest_name(name)


def test_names_and_notes_are_tidied():
    assert rules.clean_guest_name("  Mia \t Weiss\n") == "Mia Weiss"
    assert rules.clean_note("  Hello   Mia \n\n see you\x07 ") == "Hello Mia\n\nsee you"


@pytest.mark.parametrize("note", ["see https://evil.test", "WWW.evil.test", "x" * 501])
def test_a_note_has_no_links_and_an_end(note):
    with pytest.raises(Invalid):
        rules.clean_note(note)
