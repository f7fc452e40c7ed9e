"""Keys, feeds and FHIR's parameters, as far as they are pure."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.api.fhir.parameters import (
    PREFIXES,
    During,
    code_of,
    condition,
    read_date,
    uuid_of,
    values,
)
from clinic.api_key.rules import NAME_LENGTH, RATE, RATES, is_secret, read_key, secret_hash
from clinic.api_key.types import KeyProblem, Scope
from clinic.calendar_feed.rules import initials, is_token
from clinic.ids import new_secret

TOKYO = ZoneInfo("Asia/Tokyo")
NAME = "00000000-0000-4000-8000-000000000000"


def test_a_key_has_a_name_scopes_in_order_and_a_rate() -> None:
    asked = ["segments:read", "patients:read", "patients:read"]
    read = read_key("  Front\tdesk ", asked, RATE)
    assert read == ("Front desk", (Scope.PATIENTS_READ, Scope.SEGMENTS_READ))


@pytest.mark.parametrize(
    ("name", "scopes", "rate", "problem"),
    [
        ("", ["fhir:read"], 1, KeyProblem.BAD_NAME),
        ("x" * (NAME_LENGTH + 1), ["fhir:read"], 1, KeyProblem.BAD_NAME),
        ("a\u202eb", ["fhir:read"], 1, KeyProblem.BAD_NAME),
        ("a", [], 1, KeyProblem.NO_SCOPES),
        ("a", ["fhir:read", "everything"], 1, KeyProblem.NO_SCOPES),
        ("a", ["fhir:read"], RATES[0] - 1, KeyProblem.BAD_RATE),
        ("a", ["fhir:read"], RATES[1] + 1, KeyProblem.BAD_RATE),
    ],
)
def test_what_is_wrong_with_a_key_is_told(
    name: str, scopes: list[str], rate: int, problem: KeyProblem
) -> None:
    assert read_key(name, scopes, rate) is problem


def test_only_what_may_be_a_key_is_looked_for() -> None:
    secret = new_secret()
    assert is_secret(f"kayoi_{secret}")
    assert is_token(secret)
    for other in ("", f"kayoi_{secret}\n", "kayoi_", f"kayoi_{'é' * 43}", f"kayoi_{secret}x"):
        assert not is_secret(other)
        assert not is_token(other)
    assert len(secret_hash("\udcff")) == 64


@pytest.mark.parametrize(
    ("name", "kana", "shown"),
    [
        ("山田 太郎", "ヤマダ タロウ", "ヤ. タ."),
        ("Maria del Carmen Ito", "", "M. d. C."),
        ("山田", "", "山."),
        ("", "", ""),
    ],
)
def test_initials_are_of_the_reading(name: str, kana: str, shown: str) -> None:
    assert initials(name, kana) == shown


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("2026", (2026, 1, 1), (2027, 1, 1)),
        ("2026-02", (2026, 2, 1), (2026, 3, 1)),
        ("2024-02-29", (2024, 2, 29), (2024, 3, 1)),
    ],
)
def test_a_date_means_all_of_its_precision_in_the_clinics_zone(
    text: str, begins: tuple[int, int, int], ends: tuple[int, int, int]
) -> None:
    found = read_date(text, TOKYO)
    assert found == During("eq", datetime(*begins, tzinfo=TOKYO), datetime(*ends, tzinfo=TOKYO))


def test_an_instant_means_its_minute_or_second() -> None:
    for text in ("ge2026-11-25T01:05Z", "ge2026-11-25T10:05", "ge2026-11-25T10:05 09:00"):
        found = read_date(text, TOKYO)
        assert found is not None
        assert found.prefix == "ge"
        assert found.begins == datetime(2026, 11, 25, 1, 5, tzinfo=UTC)
        assert (found.ends - found.begins).total_seconds() == 60
    found = read_date("2026-11-25T01:05:07.5+00:00", TOKYO)
    assert found is not None
    assert (found.ends - found.begins).total_seconds() == 1


@pytest.mark.parametrize(
    "text", ["", "x", "2026-13", "2026-02-30", "sa2026", "9999", "0000", "2026-1-1", "2026-01-01T"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text, TOKYO) is None


def test_every_prefix_compares_as_fhir_says() -> None:
    during = During("eq", datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC))
    days = [date(2026, 1, day) for day in (1, 2, 3)]
    holds = {"eq": "010", "ne": "101", "gt": "001", "lt": "100", "ge": "011", "le": "110"}
    for prefix in PREFIXES:
        sql = condition(
            During(prefix, during.begins, during.ends), "day", lambda at: f"'{at:%Y-%m-%d}'"
        )
        told = [eval(sql, {"day": day.isoformat()}) for day in days]
        assert told == [sign == "1" for sign in holds[prefix]], prefix


def test_values_codes_and_references_are_read() -> None:
    assert values("a,b\\,c,") == ["a", "b,c", ""]
    assert code_of("urn:x|A") == code_of("A") == "A"
    assert str(uuid_of(NAME)) == NAME
    for text in (NAME, f"Patient/{NAME}", f"https://x.example/fhir/Patient/{NAME}"):
        assert str(uuid_of(text, "Patient")) == NAME
    for text in (f"Group/{NAME}", "Patient/1", "x", f"XPatient/{NAME}"):
        assert uuid_of(text, "Patient") is None
