import pytest

from loom_app.domains.moderation import rules
from loom_app.kit.errors import Invalid


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("you are an asshole", "abuse"),
        ("what an @$$h0le", "abuse"),
        ("Du bist ein ARSCHLOCH!", "abuse"),
        ("Quel connard", "abuse"),
        ("I know where you live.", "threat"),
        ("I’m going to kill you", "threat"),
        ("double your money in a week", "lure"),
        ("pay me directly, it is cheaper", "lure"),
        ("see https://bit.ly/x1", "hidden_link"),
        ("see http://192.168.3.4/login", "odd_link"),
        ("see https://xn--pypal-4ve.com", "odd_link"),
        (" ".join(f"https://example.org/{n}" for n in range(4)), "links"),
        ("a" * 40, "noise"),
        ("THIS IS THE VERY LAST TIME THAT I WRITE TO YOU ABOUT THIS", "shouting"),
    ],
)
def test_what_staff_should_see_is_noticed_and_explained(body, rule):
    found = rules.hits(body)
    assert [hit.rule for hit in found] == [rule]
    assert found[0].explained


@pytest.mark.parametrize(
    "body",
    [
        "See you on Thursday at 14:00, and thank you for last time.",
        "Scunthorpe has a nice library; the class assessed it.",
        "My notes: https://example.org/notes and https://example.org/plan",
        "OK, GREAT",
        "你好，明天见",
        "🎉" * 10,
        "Ich habe lange geschlafen.",
        "",
        "http://[broken",
    ],
)
def test_what_people_say_every_day_is_left_alone(body):
    assert rules.hits(body) == []


def test_each_rule_is_named_once():
    assert len(rules.hits("https://bit.ly/a https://bit.ly/b")) == 1


@pytest.mark.parametrize(("reason", "words"), [("rude", ""), ("spam", "x" * 1001)])
def test_a_report_needs_a_known_reason_and_few_words(reason, words):
    with pytest.raises(Invalid):
        rules.check_reason(reason, words)
