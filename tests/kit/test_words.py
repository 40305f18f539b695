import pytest

from loom_app.kit.errors import Invalid
from loom_app.kit.words import limited


def test_words_are_kept_without_the_space_around_them():
    assert limited("  a line\nand another \n", 18, "reason") == "a line\nand another"


def test_space_does_not_count_and_one_too_many_is_refused_at_its_field():
    assert limited(f"  {'x' * 5}  ", 5, "reason") == "xxxxx"
    with pytest.raises(Invalid) as refused:
        limited("x" * 6, 5, "reason")
    assert refused.value.field == "reason"
    assert "under 5" in refused.value.message
