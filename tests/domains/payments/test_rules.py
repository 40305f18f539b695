"""Fees and refunds in integers, for any amounts."""

from hypothesis import given
from hypothesis import strategies as st

from loom_app.domains.payments import rules

amounts = st.integers(1, 10**12)
bps = st.integers(0, 10_000)


def test_the_fee_rounds_half_up():
    assert rules.fee(10, 1500, 0) == 2  # 1.5
    assert rules.fee(12000, 1500, 0) == 1800
    assert rules.fee(12000, 1500, 50) == 1850
    assert rules.fee(30, 1500, 50) == 30  # never more than the price


@given(amounts, bps, st.integers(0, 10**6))
def test_fee_and_coach_make_the_price(gross, rate, fixed):
    fee = rules.fee(gross, rate, fixed)
    assert 0 <= fee <= gross
    if 0 < fee < gross:
        assert abs((fee - fixed) * 10_000 - gross * rate) <= 5_000


@given(amounts, bps, st.lists(st.integers(1, 10**12), max_size=20))
def test_any_partial_refunds_give_back_the_whole_fee_and_no_more(amount, rate, parts):
    fee = rules.fee(amount, rate, 0)
    refunded, kept = 0, fee
    for part in [*parts, amount]:  # the last one takes whatever is left
        refunded = min(amount, refunded + part)
        left = rules.fee_kept(fee, amount, refunded)
        assert 0 <= left <= kept
        kept = left
    assert kept == 0


@given(
    st.sampled_from(sorted(rules.REFUND_RANK)),
    st.lists(st.sampled_from(sorted(rules.REFUND_RANK)), max_size=8),
)
def test_a_refund_never_moves_back(state, told):
    for word in told:
        if rules.refund_moves(state, word):
            assert rules.REFUND_RANK[word] > rules.REFUND_RANK[state]
            state = word
