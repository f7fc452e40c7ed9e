"""What may be done with a campaign in each state, and its draws."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clinic.campaign import rules
from clinic.campaign.trigger import Birthday, Every, Once, Weekly
from clinic.campaign.types import STATES, Text, Variant

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)
TOKYO = ZoneInfo("Asia/Tokyo")
KEY = UUID(int=7)


@pytest.mark.parametrize(
    ("state", "starts_at", "acts"),
    [
        ("draft", None, {"change", "ask", "start", "cancel"}),
        ("waiting", None, {"start", "undo", "cancel"}),
        ("running", SOON, {"undo", "pause", "cancel", "finish"}),
        ("running", NOW, {"pause", "cancel", "finish"}),  # from here on something goes out
        ("running", None, {"pause", "cancel", "finish"}),
        ("paused", NOW, {"resume", "cancel"}),
        ("cancelled", NOW, set()),
        ("finished", NOW, set()),
    ],
)
def test_each_state_has_its_acts(state, starts_at, acts):
    assert set(rules.acts(state, NOW, starts_at)) == acts


def test_every_act_leads_to_a_state_there_is_and_ends_are_ends():
    assert set(rules.ACTS) == set(STATES)
    assert {to for acts in rules.ACTS.values() for to in acts.values()} <= set(STATES)
    assert not rules.ACTS["cancelled"]
    assert not rules.ACTS["finished"]


@pytest.mark.parametrize(
    ("people", "starter", "second"),
    [
        (200, 1, False),  # so many one may start alone
        (201, 1, True),  # who wrote it
        (201, 2, False),  # somebody else
        (201, None, True),  # a command: nobody knows who
    ],
)
def test_above_a_number_of_people_a_second_one_starts_it(people, starter, second):
    assert rules.needs_second(people, 200, starter, writer=1) is second


def test_variants_are_drawn_by_their_shares_and_always_alike():
    texts = {"en": Text("Hello")}
    variants = (Variant("a", 70, texts), Variant("b", 20, texts), Variant("c", 10, texts))
    drawn = [rules.variant_of(variants, KEY, patient) for patient in range(5000)]
    assert drawn == [rules.variant_of(variants, KEY, patient) for patient in range(5000)]
    shares = Counter(drawn)
    assert abs(shares["a"] - 3500) < 150
    assert abs(shares["b"] - 1000) < 120
    assert rules.variant_of(variants[:1], KEY, 1) == "a"
    other = [rules.variant_of(variants, UUID(int=8), patient) for patient in range(5000)]
    assert other != drawn


def test_each_day_of_a_campaign_is_a_sending_of_its_own():
    one, two = date(2026, 11, 22), date(2026, 11, 23)
    assert rules.sending_key(KEY, one) == rules.sending_key(KEY, one)
    assert rules.sending_key(KEY, one) != rules.sending_key(KEY, two)
    assert rules.sending_key(KEY, one) != rules.sending_key(UUID(int=8), one)


def test_only_what_has_a_last_day_ends_by_itself():
    nine = time(9)
    once = Once(datetime(2026, 12, 1, 9), "skip")
    assert rules.ends_at(once, TOKYO) == datetime(2026, 12, 1, tzinfo=UTC)
    weekly = Weekly((0,), nine, "skip", last=date(2026, 12, 1))
    assert rules.ends_at(weekly, TOKYO) == datetime(2026, 12, 2, tzinfo=TOKYO)
    every = Every(7, date(2026, 11, 1), nine, "skip", last=date(2026, 12, 1))
    assert rules.ends_at(every, TOKYO) == datetime(2026, 12, 2, tzinfo=TOKYO)
    assert rules.ends_at(Weekly((0,), nine, "skip"), TOKYO) is None
    assert rules.ends_at(Birthday(nine, "skip"), TOKYO) is None


@pytest.mark.parametrize("campaign", STATES)
@pytest.mark.parametrize(
    ("state", "reason", "again"),
    [
        ("refused", "status 400: x", True),
        ("refused", None, True),
        ("expired", "too_late", True),
        ("skipped", "opted_out", True),
        ("skipped", "no_chat", True),
        ("skipped", "told_already", False),
        ("skipped", "deceased", False),
        ("skipped", "erased", False),
        ("skipped", "late_to_decide", False),
        ("skipped", "too_late_on_enrolment", False),
        ("unknown", "process_died", False),  # it may have arrived
        ("sent", None, False),
        ("held_out", "held_out", False),  # a hold-out that is written to tells nothing
        ("cancelled", None, False),
        ("pending", None, False),
        ("queued", None, False),
        ("", None, False),
    ],
)
def test_only_who_surely_got_nothing_is_tried_again(campaign, state, reason, again):
    going = campaign in ("running", "paused", "finished")
    assert rules.may_try_again(campaign, state, reason) == (again and going)


@pytest.mark.parametrize(
    ("people", "above", "typed", "confirmed"),
    [
        (50, 50, None, True),
        (51, 50, None, False),
        (51, 50, 50, False),
        (51, 50, 51, True),
        (0, 0, None, True),
        (1, 0, None, False),
    ],
)
def test_above_some_people_who_starts_it_types_how_many_they_are(people, above, typed, confirmed):
    assert rules.is_confirmed(people, above, typed) == confirmed
