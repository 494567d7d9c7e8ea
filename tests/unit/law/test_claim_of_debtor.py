"""Several claims on one debtor: what is one amount by law is claimed once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.facts import DebtorKind, Facts, StepState, StepTaken
from domain.law.claim_of_debtor import DebtorClaim, claim_of_debtor
from domain.law.costs import collection_costs
from domain.law.joint_costs import divide
from domain.law.netherlands import vat_on
from domain.law.settings import LawSettings, LegalStep
from domain.ledger import Entry, EntryKind
from domain.money import Money
from domain.policy import Policy
from tests.support.facts import a_case, a_policy, at, eur

ON = date(2026, 4, 1)
LETTERS = {"NL": LegalStep.NL_14_DAY_LETTER, "BE": LegalStep.BE_FIRST_REMINDER}
AMOUNTS = st.lists(st.integers(1, 500_000_00), min_size=2, max_size=6)


def _policy(country: str = "NL", **law: object) -> Policy:
    """Its one step is the letter that consumers must have had."""
    policy = a_policy("letter 7d due formal")
    (step,) = policy.steps
    settings = replace(LawSettings(costs_clause=True), **law)
    return replace(policy, steps=(replace(step, legal=LETTERS[country]),), law=settings)


def _sent(case: Facts) -> Facts:
    """The letter left on 2 February."""
    when = at("2026-02-02 10:00")
    taken = StepTaken(1, "letter", StepState.DONE, when, when, notice_id="n-1", asked=case.open)
    return case.with_step(taken)


def _cases(
    *amounts: str, country: str = "NL", kind: DebtorKind = DebtorKind.CONSUMER, sent: bool = True
) -> list[Facts]:
    cases = [
        replace(a_case(amount=amount, country=country, invoice_id=f"i-{n}"), debtor_kind=kind)
        for n, amount in enumerate(amounts)
    ]
    return [_sent(case) for case in cases] if sent else cases


def _claim(cases: list[Facts], policy: Policy) -> DebtorClaim:
    (found,) = claim_of_debtor([(case, policy) for case in cases], ON)
    return found


def _costs(found: DebtorClaim) -> list[str]:
    return [str(claim.costs.amount) for _, claim in found.claims]


def test_a_dutch_consumer_owes_one_scale_over_all_claims() -> None:
    """Art. 6:96 para 7 BW: the principals are added up. Alone each would cost EUR 40."""
    found = _claim(_cases("100.00", "100.00", "100.00"), _policy())
    assert found.costs == eur("45.00")
    assert _costs(found) == ["15.00", "15.00", "15.00"]
    assert "one amount of 45.00 EUR over 3 claims" in " ".join(found.claims[0][1].basis)
    assert found.total == found.principal + found.interest + found.costs
    assert found.principal == eur("300.00")


@given(cents=AMOUNTS, vat=st.booleans())
def test_the_parts_add_up_to_the_scale_over_the_sum(cents: list[int], vat: bool) -> None:
    amounts = [str(Decimal(c) / 100) for c in cents]
    found = _claim(_cases(*amounts), _policy(vat_on_costs=vat))
    whole = collection_costs("NL", DebtorKind.CONSUMER, [eur(a) for a in amounts], vat=vat)
    assert (found.costs, found.vat_on_costs) == (whole.amount, whole.vat)
    assert all(claim.costs.amount >= 0 for _, claim in found.claims)


@given(cents=AMOUNTS)
def test_belgian_parts_stay_within_the_cap_of_each_claim_and_of_all(cents: list[int]) -> None:
    principals = [Money(Decimal(c) / 100, "EUR") for c in cents]
    cases = _cases(*(str(p.amount) for p in principals), country="BE")
    found = _claim(cases, _policy("BE"))
    assert found.costs <= collection_costs("BE", DebtorKind.CONSUMER, principals).amount
    for principal, (_, claim) in zip(principals, found.claims, strict=True):
        assert claim.costs <= collection_costs("BE", DebtorKind.CONSUMER, [principal]).amount


def test_a_belgian_claim_just_within_its_tier_is_not_lifted_into_the_next_by_another() -> None:
    """EUR 145 alone: at most 20. Its part of the 30.50 over 155 would be 28.53."""
    assert _costs(_claim(_cases("145.00", "10.00", country="BE"), _policy("BE"))) == ["20.00", "1.97"]


def test_a_belgian_business_owes_forty_euros_for_each_invoice() -> None:
    """Art. 6 of the law of 2 August 2002; a demand over both changes nothing."""
    cases = _cases("100.00", "300.00", country="BE", kind=DebtorKind.BUSINESS)
    assert _costs(_claim(cases, _policy("BE"))) == ["40.00", "40.00"]


def test_a_dutch_business_shares_costs_only_among_what_was_demanded() -> None:
    asked = _cases("1000.00", "1000.00", kind=DebtorKind.BUSINESS)
    (fresh,) = _cases("500.00", kind=DebtorKind.BUSINESS, sent=False)
    found = _claim([*asked, replace(fresh, invoice_id="fresh")], _policy())
    assert _costs(found) == ["150.00", "150.00", "40.00"]  # 15 % of 2,000; art. 6:96 para 4 BW


def test_what_has_no_letter_yet_adds_nothing_to_the_costs_of_the_others() -> None:
    (asked,) = _cases("1000.00")
    (fresh,) = _cases("1000.00", sent=False)
    found = _claim([asked, replace(fresh, invoice_id="fresh")], _policy())
    assert _costs(found) == ["150.00", "0.00"]
    assert "no costs before the nl_14_day_letter has left" in found.claims[1][1].basis


def test_what_was_charged_stays_and_the_others_get_what_is_left() -> None:
    first, second = _cases("100.00", "100.00")
    charged = Entry("costs/1/demand", EntryKind.COSTS, eur("35.00"), date(2026, 3, 1))
    found = _claim([replace(first, entries=(*first.entries, charged)), second], _policy())
    assert _costs(found) == ["35.00", "5.00"]  # together the EUR 40 that the scale allows over 200
    assert "charged on 2026-03-01" in found.claims[0][1].basis


def test_a_part_payment_takes_its_claim_down_and_the_shared_costs_with_it() -> None:
    first, second = _cases("1000.00", "1000.00")
    paid = Entry("payment/p", EntryKind.PAYMENT, eur("-1000.00"), date(2026, 2, 5))
    found = _claim([replace(first, entries=(*first.entries, paid)), second], _policy())
    assert _costs(found) == ["0.00", "150.00"]


def test_small_terms_of_a_recurring_contract_have_their_own_maximum() -> None:
    """Art. 2a BIK decree: EUR 40 for the first of them, EUR 20 for the next."""
    assert _costs(_claim(_cases("50.00", "50.00"), _policy(recurring=True))) == ["40.00", "20.00"]


def test_currencies_stay_apart_and_a_foreign_one_has_no_costs() -> None:
    first, second = _cases("100.00", "100.00")
    dollars = Money(Decimal("100.00"), "USD")
    other = replace(
        second,
        currency="USD",
        terms=(replace(second.terms[0], amount=dollars),),
        entries=(replace(second.entries[0], amount=dollars),),
    )
    euros, foreign = claim_of_debtor([(first, _policy()), (other, _policy())], ON)
    assert (euros.currency, euros.costs, foreign.currency) == ("EUR", eur("40.00"), "USD")
    (_, claim) = foreign.claims[0]
    assert claim.interest.is_positive
    assert not claim.costs
    assert "no costs: the law of NL names amounts in EUR, not in USD" in claim.basis


def test_nobody_owes_nothing() -> None:
    assert claim_of_debtor([], ON) == ()


def test_vat_is_on_the_whole() -> None:
    found = _claim(_cases("33.33", "33.33", "33.34"), _policy(vat_on_costs=True))
    assert (found.costs.amount, found.vat_on_costs.amount) == (Decimal(40), vat_on(Decimal(40)))


@given(whole=st.integers(0, 10**7), weights=st.lists(st.integers(1, 10**8), min_size=1, max_size=8))
def test_dividing_loses_no_cent_and_strays_less_than_one(whole: int, weights: list[int]) -> None:
    amount = Money(Decimal(whole) / 100, "EUR")
    parts = divide(amount, [Money(Decimal(w) / 100, "EUR") for w in weights])
    assert sum((p.amount for p in parts), Decimal(0)) == amount.amount
    for weight, part in zip(weights, parts, strict=True):
        assert abs(part.amount - amount.amount * weight / sum(weights)) < Decimal("0.0101")
