"""The picture of the last readings, and the secret address that it has."""

import base64
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from PIL import Image

from clinic.crypto import KeyRing
from clinic.observation import trend_link
from clinic.observation.picture import BOTTOM, HEIGHT, LOWER, TOP, UPPER, WIDTH, draw, height
from clinic.observation.trend_link import LIFE, Asked
from clinic.observation.types import Point, Trend

KEYS, NOW = KeyRing({1: b"k" * 32}), datetime(2026, 11, 22, 12, tzinfo=UTC)
ASKED = Asked(7, "blood_pressure", "mmHg", None, NOW)


def trend(*values: tuple[int, int | None]) -> Trend:
    points = tuple(
        Point(date(2026, 11, 1 + n), Decimal(one), None if two is None else Decimal(two))
        for n, (one, two) in enumerate(values)
    )
    return Trend("blood_pressure", "mmHg", points, Decimal(130))


def colours(content: bytes) -> set[str]:
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    return {"#{:02X}{:02X}{:02X}".format(*pixel) for _, pixel in image.getcolors(1 << 20)}


@pytest.mark.parametrize("number", range(1, 8))
def test_any_number_of_readings_is_drawn(number: int) -> None:
    drawn = colours(draw(trend(*[(120 + n, 80 - n) for n in range(number)])))
    assert {UPPER, LOWER} <= drawn


def test_one_value_a_reading_is_one_line() -> None:
    drawn = colours(draw(trend((72, None), (75, None))))
    assert UPPER in drawn
    assert LOWER not in drawn


def test_readings_that_are_all_the_same_stand_in_the_middle() -> None:
    assert draw(trend((120, 120), (120, 120)))
    assert height(Decimal(5), [Decimal(5)]) == (TOP + BOTTOM) / 2


def test_the_greatest_stands_on_top_and_the_least_at_the_bottom() -> None:
    values = [Decimal(80), Decimal(120)]
    assert height(values[1], values) == TOP
    assert height(values[0], values) == BOTTOM


def test_the_same_readings_give_the_same_small_picture() -> None:
    one, two = (draw(trend((135, 85), (128, 79), (150, 95))) for _ in range(2))
    assert one == two
    assert len(one) < 100_000


def test_a_link_shows_what_it_was_made_for_until_its_days_are_over() -> None:
    token = trend_link.seal(KEYS, ASKED)
    assert trend_link.read(KEYS, token, NOW) == ASKED
    assert trend_link.read(KEYS, token, NOW + LIFE - timedelta(seconds=1)) == ASKED
    assert trend_link.read(KEYS, token, NOW + LIFE) is None


def test_a_link_never_leaves_out_the_reading_that_it_was_made_for() -> None:
    at = NOW.replace(microsecond=123_456)
    found = trend_link.read(KEYS, trend_link.seal(KEYS, Asked(7, "pulse", "/min", 3, at)), NOW)
    assert found is not None
    assert found.until >= at


def test_nothing_of_a_patient_can_be_read_in_a_link_and_no_two_are_alike() -> None:
    one, two = trend_link.seal(KEYS, ASKED), trend_link.seal(KEYS, ASKED)
    assert one != two
    assert b"blood_pressure" not in base64.urlsafe_b64decode(one + "==")
    assert one.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
        lambda token: token[4:],
        lambda _: "A" * 60,
        lambda _: "",
        lambda _: "=",
        lambda _: "\u00e9" * 8,
        lambda _: trend_link.seal(KeyRing({1: b"x" * 32}), ASKED),
    ],
)
def test_a_link_that_we_did_not_make_shows_nothing(spoil) -> None:
    assert trend_link.read(KEYS, spoil(trend_link.seal(KEYS, ASKED)), NOW) is None


def test_a_picture_is_by_address_or_by_path() -> None:
    public = trend_link.picture(KEYS, ASKED, "https://clinic.example/")
    assert public.url.startswith("https://clinic.example/trends/")
    assert public.url.endswith(".png")
    assert public.is_public
    assert len(public.url) < 400
    assert trend_link.picture(KEYS, ASKED, None).url.startswith("/trends/")
