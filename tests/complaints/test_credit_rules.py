"""The arithmetic of good-faith accounts, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import credit_rules as rules_module
from complaints.credit_rules import (
    COUNTERS,
    Figures,
    Kind,
    Line,
    Standing,
    Tally,
    Windows,
    assess,
    cases_until,
    figures,
    fold,
    forecast,
    owed_reviews,
    sampling_chance,
    wilson,
)
from complaints.tier_rules import LADDER, Rules, RulesError, Tier, rules_from

TODAY = date(2026, 6, 3)
RULES = Rules()


def seen(**counts: int) -> Figures:
    tally = Tally(**counts)
    return figures(Windows(tally, tally), Windows(tally, tally), RULES)


def tier_of(standing: Standing | None = None, /, **counts: int) -> Tier:
    return assess(standing or Standing(), seen(**counts), RULES, TODAY).tier


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [  # figures of Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_figures(successes, trials, lower, upper):
    assert wilson(successes, trials) == pytest.approx((lower, upper), abs=5e-5)


def test_the_published_numbers_of_spotless_cases():
    assert wilson(34, 34)[0] < 0.90 <= wilson(35, 35)[0]
    assert wilson(124, 124)[0] < 0.97 <= wilson(125, 125)[0]
    assert wilson(0, 72)[1] > 0.05 >= wilson(0, 73)[1]


@given(st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bounds_hold_the_share_between_them(pair):
    successes, trials = pair
    lower, upper = wilson(successes, trials)
    assert 0 <= lower <= upper <= 1
    if trials:
        assert lower - 1e-9 <= successes / trials <= upper + 1e-9


@pytest.mark.parametrize("pair", [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(pair):
    with pytest.raises(ValueError, match="no share"):
        wilson(*pair)


@pytest.mark.parametrize(
    ("cases", "tier"),
    [(0, "standard"), (72, "standard"), (73, "trusted"), (124, "trusted"), (125, "self_service")],
)
def test_spotless_accounts_rise_at_the_published_numbers(cases, tier):
    assert tier_of(established=cases) == tier


def test_a_tier_is_kept_below_its_entry_figure():
    assert tier_of(established=185, rejected=3) is Tier.TRUSTED
    assert tier_of(established=184, rejected=2) is Tier.TRUSTED
    before = Standing(Tier.SELF_SERVICE)
    assert tier_of(before, established=184, rejected=2) is Tier.SELF_SERVICE


def test_a_breach_locks_out_and_the_lock_ends_on_its_day():
    bad = seen(established=150, rejected=30)
    fallen = assess(Standing(Tier.TRUSTED), bad, RULES, TODAY)
    assert (fallen.tier, fallen.cause) == (Tier.STANDARD, "breach")
    until = TODAY + timedelta(days=RULES.lockout)
    assert fallen.locked_until == until
    locked = Standing(Tier.STANDARD, locked_until=until)
    good = seen(established=500)
    assert assess(locked, good, RULES, until - timedelta(days=1)).tier is Tier.STANDARD
    assert assess(locked, good, RULES, until).tier is Tier.SELF_SERVICE


def test_want_of_cases_lowers_without_a_lock():
    fallen = assess(Standing(Tier.SELF_SERVICE), seen(established=60), RULES, TODAY)
    assert (fallen.tier, fallen.cause, fallen.locked_until) == (Tier.TRUSTED, "too_few", None)


def test_overturned_cases_count_against_the_established_ones():
    assert tier_of(established=200, overturned=1) is Tier.SELF_SERVICE
    assert tier_of(established=200, overturned=6) is Tier.STANDARD
    assert tier_of(Standing(Tier.TRUSTED), established=200, overturned=20) is Tier.STANDARD


def test_a_case_taken_back_is_not_established():
    assert tier_of(established=200, retracted=10) is Tier.TRUSTED
    assert tier_of(established=200, retracted=30) is Tier.STANDARD


def test_two_errors_in_a_hundred_audits_end_self_service_and_one_does_not():
    standing = Standing(Tier.SELF_SERVICE)
    kept = {"established": 400, "audit_passed": 99, "audit_failed": 1}
    assert tier_of(standing, **kept) is Tier.SELF_SERVICE
    lost = {"established": 400, "audit_passed": 98, "audit_failed": 2}
    assert assess(standing, seen(**lost), RULES, TODAY).cause == "breach"
    early = {"established": 400, "audit_passed": 3, "audit_failed": 1}
    assert tier_of(standing, **early) is Tier.TRUSTED, "49 passes more could not mend it"


def test_late_verdicts_bar_the_way_up():
    assert tier_of(established=500, in_time=18, late=2) is Tier.SELF_SERVICE
    assert tier_of(established=500, in_time=17, late=3) is Tier.STANDARD
    assert tier_of(established=500, in_time=1, late=3) is Tier.SELF_SERVICE, "four verdicts are few"


def test_a_recent_decline_is_seen_before_the_long_window_shows_it():
    long, short = Tally(established=990, rejected=10), Tally(established=10, rejected=10)
    both = Windows(long, short)
    now = figures(both, both, RULES)
    assert assess(Standing(Tier.SELF_SERVICE), now, RULES, TODAY).tier is Tier.STANDARD


def test_a_thin_reason_code_is_judged_on_all_of_them():
    thin, pool = Tally(established=5), Tally(established=300)
    pooled = figures(Windows(thin, thin), Windows(pool, pool), RULES)
    assert pooled.pooled
    assert assess(Standing(), pooled, RULES, TODAY).tier is Tier.SELF_SERVICE
    own = Tally(established=40)
    assert not figures(Windows(own, own), Windows(pool, pool), RULES).pooled


def test_a_good_pool_does_not_hide_a_bad_thin_code():
    thin, pool = Tally(established=5, rejected=15), Tally(established=2000, rejected=15)
    pooled = figures(Windows(thin, thin), Windows(pool, pool), RULES)
    assert assess(Standing(), pooled, RULES, TODAY).tier is Tier.STANDARD


def test_misuse_caps_the_tier_and_locks():
    capped = Standing(Tier.SELF_SERVICE, cap=Tier.STANDARD)
    fallen = assess(capped, seen(established=500), RULES, TODAY)
    assert (fallen.tier, fallen.cause) == (Tier.STANDARD, "misuse")
    assert fallen.locked_until is not None
    assert tier_of(Standing(cap=Tier.TRUSTED), established=500) is Tier.TRUSTED


def test_a_granted_appeal_holds_the_tier_until_its_day():
    bad, day = seen(established=150, rejected=30), TODAY + timedelta(days=30)
    held = Standing(Tier.TRUSTED, held_until=day)
    assert assess(held, bad, RULES, TODAY).tier is Tier.TRUSTED
    assert assess(held, bad, RULES, day).tier is Tier.STANDARD


def test_the_forecast_says_what_the_assessment_then_finds():
    now = seen(established=124)
    more = Tally(established=1)
    ahead = forecast(Standing(Tier.TRUSTED), now, RULES, TODAY, more=more)
    assert ahead.tier is Tier.SELF_SERVICE
    assert cases_until(Tier.SELF_SERVICE, now, RULES) == 1
    assert cases_until(Tier.SELF_SERVICE, seen(established=125), RULES) == 0
    assert cases_until(Tier.SELF_SERVICE, seen(established=9, rejected=900), RULES) is None


@given(st.integers(0, 400), st.integers(0, 30), st.integers(0, 30), st.sampled_from(list(LADDER)))
def test_one_more_established_case_never_lowers_a_tier(established, rejected, overturned, tier):
    before = seen(
        established=established, rejected=rejected, overturned=min(overturned, established)
    )
    standing = Standing(tier)
    now = assess(standing, before, RULES, TODAY)
    ahead = forecast(standing, before, RULES, TODAY, more=Tally(established=1))
    assert LADDER.index(ahead.tier) >= LADDER.index(now.tier)


LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(list(Kind)),
        st.integers(0, 250).map(lambda days: TODAY - timedelta(days=days)),
    ),
    max_size=60,
)


@given(LINES, st.integers(1, 250))
def test_counting_is_the_sum_of_its_parts_in_any_order(lines, days):
    half = len(lines) // 2
    parts = fold(lines[:half], TODAY, days) + fold(lines[half:], TODAY, days)
    assert parts == fold(reversed(lines), TODAY, days)


def test_a_window_has_as_many_days_as_it_says():
    lines = [Line(Kind.ESTABLISHED, TODAY - timedelta(days=d)) for d in range(-3, 400)]
    assert fold(lines, TODAY, 92).established == 92


def test_rules_survive_storage_and_missing_figures_keep_their_defaults():
    assert rules_from(RULES.to_dict()) == RULES
    assert rules_from({"trusted": {"cases": 80}}).trusted.cases == 80
    assert rules_from({"lockout": 10}).self_service == RULES.self_service


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"sample_share": 1.5}, "sample_share"),
        ({"window_short": 200}, "window_short"),
        ({"trusted": {"established_stay": 0.95}}, "trusted.established_stay"),
        ({"trusted": {"overturned_stay": 0.01}}, "trusted.overturned_stay"),
        ({"self_service": {"audit": -1}}, "self_service.audit"),
        (
            {"self_service": {"established_entry": 0.8, "established_stay": 0.8}},
            "self_service.established_entry",
        ),
    ],
)
def test_rules_that_contradict_themselves_name_the_figure(content, name):
    with pytest.raises(RulesError) as refused:
        rules_from(content)
    assert refused.value.field == name


def test_the_first_fifty_are_all_reviewed_then_three_in_a_hundred_or_ten_a_month():
    assert sampling_chance(50, 9999, RULES) == 1
    assert sampling_chance(51, 1000, RULES) == 0.03
    assert sampling_chance(51, 100, RULES) == 0.1
    assert sampling_chance(51, 3, RULES) == 1
    assert [owed_reviews(n, RULES) for n in (0, 4, 10, 300, 334, 1000)] == [0, 4, 10, 10, 11, 30]


def test_every_kind_has_its_counter():
    assert {kind.value for kind in Kind} == set(COUNTERS)
    assert all(getattr(rules_module.ONE[kind], kind.value) == 1 for kind in Kind)
