"""What is to be minded before a campaign is started."""

from datetime import date

import pytest

from clinic.campaign.cautions import Caution, cautions
from clinic.campaign.types import Content, Preview, Text, Variant

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def content(text: str = "Hello", **more: str) -> Content:
    return Content((Variant("a", 100, {"en": Text(text, **more)}),))


def preview(*, later: int = 0, **by_day: dict[date, int]) -> Preview:
    return Preview(
        people=9, due=9, judged=9, go=9, later={"quiet_hours": later} if later else {},
        later_until={}, left_out={}, by_channel={}, by_language={}, by_variant={},
        by_day=by_day, cost=0.0, samples=(), faults=(), needs_second=False, needs_number=False,
    )  # fmt: skip


def minded(**how: object) -> tuple[Caution, ...]:
    given = {
        "kind": "notice",
        "content": content(),
        "seen": preview(line={MONDAY: 3}, sms={MONDAY: 2, TUESDAY: 1}),
        "closed": frozenset(),
        "named": {},
    }
    return cautions(**(given | how))


def test_an_ordinary_campaign_has_nothing_to_be_minded() -> None:
    assert minded() == ()


def test_days_on_which_nobody_is_there_to_answer_are_told_with_all_channels_together() -> None:
    assert minded(closed={MONDAY, date(2026, 11, 29)}) == (Caution("closed", 5, MONDAY),)


def test_a_day_of_which_nothing_goes_out_after_all_is_not_told() -> None:
    assert minded(seen=preview(line={MONDAY: 0}), closed={MONDAY}) == ()


def test_a_day_with_a_name_is_told_unless_the_campaign_is_meant_for_a_day() -> None:
    named = {TUESDAY: "Labour Day"}
    assert minded(named=named) == (Caution("named", 1, TUESDAY, "Labour Day"),)
    assert minded(named=named, kind="holiday") == ()
    assert minded(named=named, kind="birthday") == ()


def test_who_waits_for_the_end_of_quiet_hours_is_told() -> None:
    assert minded(seen=preview(later=4)) == (Caution("quiet", 4),)


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("https://clinic.example/flu?x=1", None),
        ("http://clinic.example", "link_plain"),
        ("www.clinic.example", "link_plain"),
        ("HTTPS://clinic.example", None),
        ("https://localhost/x", "link_wrong"),
        ("https://192.168.1.5/x", "link_wrong"),
        ("https://[::1]/x", "link_wrong"),
        ("https://[oops/x", "link_wrong"),
        ("https://bit.ly/abc", "link_short"),
        ("https://www.bit.ly/abc", "link_short"),
    ],
)
def test_odd_links_are_told_once_wherever_they_stand(link: str, reason: str | None) -> None:
    said = content(f"See {link} now", title=f"t {link}", rows=((f"{link}", "x"),))
    found = minded(content=said)
    assert [(one.reason, one.what) for one in found] == ([(reason, link)] if reason else [])


def test_a_link_ends_where_a_sentence_of_chinese_goes_on() -> None:
    assert minded(content=content("\u8acb\u770bhttps://clinic.example\u3002\u8b1d\u8b1d")) == ()


def test_links_in_the_text_of_one_channel_are_looked_at_too() -> None:
    one = Variant("a", 100, {"en": Text("x")}, {"sms": {"en": Text("http://a.example")}})
    assert [c.reason for c in minded(content=Content((one,)))] == ["link_plain"]
