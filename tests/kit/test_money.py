import pytest
from hypothesis import given
from hypothesis import strategies as st

from loom_app.kit.money import (
    CurrencyMismatch,
    Money,
    half_up,
    share_by_bps,
    split_largest_remainder,
)

amounts = st.integers(min_value=-(10**12), max_value=10**12)


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(12000, "USD"), "$120"),
        (Money(12050, "EUR"), "€120.50"),
        (Money(5000, "JPY"), "¥5,000"),
        (Money(1234567, "KWD"), "KWD\u00a01,234.567"),
        (Money(0, "USD"), "$0"),
    ],
)
def test_money_reads_as_people_write_it(money, words):
    assert money.format("en").replace(" ", "\u00a0") == words


def test_two_currencies_are_never_added():
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") + Money(1, "EUR")


@pytest.mark.parametrize(
    ("n", "d", "result"), [(25, 2, 13), (-25, 2, -13), (24, 2, 12), (1, 3, 0), (2, 3, 1)]
)
def test_halves_go_away_from_zero(n, d, result):
    assert half_up(n, d) == result


@given(amounts, st.integers(min_value=0, max_value=10_000))
def test_a_share_is_within_half_a_unit_of_exact_and_never_more_than_the_whole(minor, bps):
    share = share_by_bps(minor, bps)
    assert abs(share * 10_000 - minor * bps) <= 5_000
    assert abs(share) <= abs(minor)


@given(
    st.integers(min_value=0, max_value=10**9),
    st.lists(st.integers(0, 100), min_size=1, max_size=30),
)
def test_parts_sum_to_the_whole_and_differ_by_less_than_one_from_exact(minor, weights):
    if not sum(weights):
        with pytest.raises(ValueError, match="weights"):
            split_largest_remainder(minor, weights)
        return
    parts = split_largest_remainder(minor, weights)
    assert sum(parts) == minor
    assert all(
        abs(part * sum(weights) - minor * weight) < sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )
