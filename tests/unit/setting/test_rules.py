"""What staff changed, laid over the configuration."""

import pytest

from clinic.config import Settings, set_by_environment
from clinic.setting.rules import get, is_fixed, overlaid, put
from clinic.setting.types import KEYS, Refused

BASE = Settings()


def test_what_staff_changed_is_in_force_and_the_configuration_is_left_alone() -> None:
    found, left_out = overlaid(
        BASE, {"policy.quiet_hours": ["22:00", "07:00"], "policy.per_week.care": 9}, ()
    )
    assert found.policy.quiet_hours == ("22:00", "07:00")
    assert (found.policy.per_week.care, found.policy.per_week.marketing) == (9, 2)
    assert left_out == ()
    assert BASE.policy.quiet_hours == ("21:00", "08:00")
    assert found.clinic is BASE.clinic


def test_the_environment_wins() -> None:
    changed = {"policy.quiet_hours": ["22:00", "07:00"], "clinic.name": "Sakura"}
    found, _ = overlaid(BASE, changed, {"policy.quiet_hours"})
    assert found.policy.quiet_hours == ("21:00", "08:00")
    assert found.clinic.name == "Sakura"
    assert is_fixed("policy.per_week.care", {"policy.per_week"})
    assert not is_fixed("policy.per_day", {"policy.per_week"})
    assert is_fixed("clinic.own_notice", {"clinic.own_notice.ja"})
    assert not is_fixed("clinic.own", {"clinic.own_notice.ja"})


def test_a_value_that_an_update_no_longer_allows_stays_as_configured_and_is_told() -> None:
    found, left_out = overlaid(BASE, {"policy.per_day": 0, "policy.undo_seconds": 60}, ())
    assert found.policy.per_day == BASE.policy.per_day
    assert found.policy.undo_seconds == 60
    assert left_out == ("policy.per_day",)


def test_no_key_but_the_listed_ones_can_be_changed() -> None:
    found, left_out = overlaid(BASE, {"database_url": "postgres://evil/x", "server.host": "::"}, ())
    assert (found, left_out) == (BASE, ())


@pytest.mark.parametrize("key", KEYS)
def test_every_listed_key_is_there_and_takes_its_own_value(key: str) -> None:
    assert put(BASE, key, get(BASE, key)) == BASE


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("policy.quiet_hours", ["25:00", "08:00"]),
        ("policy.quiet_hours", ["21:00"]),
        ("policy.hold_minutes", 61),
        ("clinic.languages", ["fr"]),
        ("clinic.desk_weekdays", [7]),
        ("lapse.horizon", "never"),
    ],
)
def test_what_the_configuration_would_refuse_the_panel_refuses(key: str, value: object) -> None:
    assert isinstance(put(BASE, key, value), Refused)


def test_settings_of_the_environment_are_known_by_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAYOI_POLICY__QUIET_HOURS", '["22:00", "07:00"]')
    monkeypatch.setenv("KAYOI_CLINIC", '{"name": "Sakura"}')
    assert {"policy.quiet_hours", "clinic.name"} <= set_by_environment()
    assert "clinic.phone" not in set_by_environment()


def test_who_holds_the_settings_sees_a_part_change_as_a_whole() -> None:
    held = BASE.model_copy()
    policy = held.policy
    held.become(overlaid(BASE, {"policy.per_day": 7}, ())[0])
    assert (held.policy.per_day, policy.per_day, BASE.policy.per_day) == (7, 2, 2)
