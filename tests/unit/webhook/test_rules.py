"""Where webhooks may go, how they are signed, when they are tried again."""

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from clinic.webhook import rules
from clinic.webhook.types import Failed, Kind, Wanted
from tests.unit.webhook.urls import ADDRESSES, FOREIGN, REFUSED

PORTS = (443, 8443)
AT = datetime(2026, 3, 9, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(("url", "why"), REFUSED.items())
def test_nothing_is_sent_to_an_address_that_is_not_the_worlds(url: str, why: str) -> None:
    assert rules.url_problem(url, PORTS) == why


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.zapier.com/hooks/catch/1/a-b_c/",
        "https://example.jp",
        "https://example.jp:8443/in?key=a%20b",
        "HTTPS://Example.JP/",
        "https://xn--r8jz45g.jp/in",
        "https://203.0.114.7/in",
        "https://[2606:4700::1111]/in",
    ],
)
def test_a_receiver_in_the_world_may_be_told(url: str) -> None:
    assert rules.url_problem(url, PORTS) is None


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_connection_is_made_to_an_inner_address(address: str) -> None:
    assert not rules.may_connect(address)


@pytest.mark.parametrize("address", FOREIGN)
def test_a_connection_is_made_to_a_public_address(address: str) -> None:
    assert rules.may_connect(address)


def test_this_machine_may_be_told_only_where_the_setting_says_so() -> None:
    here = "http://127.0.0.1:8000/in"
    assert rules.url_problem(here, PORTS) == "address"
    assert rules.url_problem(here, PORTS, loopback=True) is None
    assert rules.url_problem("http://[::1]:8000/in", PORTS, loopback=True) is None
    assert rules.url_problem("http://127.0.0.2:8000/", PORTS, loopback=True) == "address"
    assert rules.url_problem("http://example.jp/in", PORTS, loopback=True) == "scheme"
    assert rules.may_connect("127.0.0.1", loopback=True)
    assert not rules.may_connect("10.0.0.1", loopback=True)


def test_all_that_is_wrong_with_an_endpoint_is_said_at_once() -> None:
    wrong = rules.wanted_problems(Wanted("", "ftp://a.jp", ()), PORTS, loopback=False)
    assert wrong == ("name", "url_form", "kinds")
    fine = Wanted("Sheet", "https://a.jp/", (Kind.APPOINTMENT_BOOKED,))
    assert rules.wanted_problems(fine, PORTS, loopback=False) == ()
    assert rules.wanted_problems(
        Wanted("a\nb", "https://a.jp/", fine.kinds), PORTS, loopback=False
    ) == ("name",)


def test_only_kinds_that_exist_are_read() -> None:
    codes = ["waitlist.rescued", "appointment.booked", "patient.deleted", ""]
    assert rules.read_kinds(codes) == (Kind.APPOINTMENT_BOOKED, Kind.WAITLIST_RESCUED)


def test_a_receiver_verifies_the_signature_of_id_time_and_body() -> None:
    body = rules.body_of("e-1", Kind.APPOINTMENT_BOOKED, AT, {"appointment_id": 7})
    assert body == (
        b'{"created_at":"2026-03-09T01:02:03+00:00","data":{"appointment_id":7},'
        b'"id":"e-1","type":"appointment.booked"}'
    )
    headers = rules.headers_of("e-1", body, AT, (b"k" * 32,))
    signed = f"e-1.{int(AT.timestamp())}.".encode() + body
    mac = base64.b64encode(hmac.digest(b"k" * 32, signed, "sha256")).decode()
    assert headers["webhook-id"] == "e-1"
    assert headers["webhook-timestamp"] == str(int(AT.timestamp()))
    assert headers["webhook-signature"] == f"v1,{mac}"


def test_the_signature_is_the_one_of_the_standards_own_example() -> None:
    """https://github.com/standard-webhooks/standard-webhooks: the vector of its libraries."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = rules.headers_of(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at, (secret,)
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_changed_both_sign() -> None:
    signatures = rules.headers_of("e", b"{}", AT, (b"new", b"old"))["webhook-signature"].split()
    assert len(signatures) == 2
    assert signatures[0] == rules.headers_of("e", b"{}", AT, (b"new",))["webhook-signature"]
    assert signatures[1] == rules.headers_of("e", b"{}", AT, (b"old",))["webhook-signature"]


def test_a_secret_is_shown_as_libraries_take_it() -> None:
    shown = rules.shown_secret(b"\xff" * 32)
    assert shown.startswith("whsec_")
    assert base64.b64decode(shown.removeprefix("whsec_")) == b"\xff" * 32


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, None),
        (204, None),
        (302, Failed("redirect", 302)),
        (404, Failed("status", 404)),
        (410, Failed("gone", 410)),
        (500, Failed("status", 500)),
    ],
)
def test_only_2xx_means_that_it_arrived(status: int, outcome: Failed | None) -> None:
    assert rules.outcome_of(status) == outcome


def test_tries_grow_rarer_and_end_after_two_days() -> None:
    waits = [rules.retry_after(attempt) or timedelta.max for attempt in range(1, 9)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=10)
    assert waits[-1] == timedelta(hours=24)
    assert rules.retry_after(9) is None


def test_an_endpoint_is_paused_after_days_of_failing_or_at_its_own_wish() -> None:
    failed = Failed("status", 500)
    assert rules.pause_reason(failed, timedelta(days=2, hours=23)) is None
    assert rules.pause_reason(failed, timedelta(days=3)) == "failing"
    assert rules.pause_reason(Failed("gone", 410), timedelta(0)) == "gone"
