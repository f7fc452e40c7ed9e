"""Where webhooks may go, how they are signed and when they are tried again. Pure."""

import base64
import hmac
import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import orjson

from clinic.webhook.types import Failed, Ids, Kind, Wanted

RETRIES = (  # after the first try, the second, ...: 9 tries in about two days
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
ROTATION = timedelta(hours=24)  # that an old secret goes on signing
PATIENCE = timedelta(days=3)  # with an endpoint at which nothing arrives
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105  # how the Standard Webhooks specification marks secrets
LONGEST_NAME = 80
LONGEST_URL = 500
# One way to read an address, and nothing in it that two programs could read differently: no user,
# no fragment, no backslash, no letters but ASCII, no names that are numbers in disguise.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?:(?P<name>{_LABEL}(?:\.{_LABEL})*)|\[(?P<v6>[0-9a-f:.]+)\])"
    r"(?::(?P<port>[1-9]\d{0,4}))?(?P<rest>[/?][A-Za-z0-9\-._~:/?&=%+,;!$'()*@|]*)?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)", re.IGNORECASE | re.ASCII)
_INNER_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "onion")
# Public by the registries, but not somebody else's server.
_NOT_PUBLIC = tuple(
    ip_network(one)
    for one in (
        "168.63.129.16/32",  # metadata of Azure
        "192.88.99.0/24",  # relays of 6to4
        "192.0.0.0/24",
        "100.64.0.0/10",  # carriers' NAT; metadata of Alibaba
    )
)
_V6_WORLD = ip_network("2000::/3")
_V6_NOT_PUBLIC = tuple(
    ip_network(one)
    for one in (
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
        "2620:4f:8000::/48",
    )
)


def may_connect(address: str, *, loopback: bool = False) -> bool:
    """Whether a connection to an IP address may be made: public ones only.

    Not to private, loopback, link-local, shared, multicast, reserved and metadata addresses, nor to
    an IPv6 address that holds an IPv4 address. `loopback`: to this machine too, for development.
    """
    try:
        one = ip_address(address)
    except ValueError:  # with a zone (fe80::1%eth0), or none at all
        return False
    if one in (IPv4Address("127.0.0.1"), IPv6Address("::1")):
        return loopback
    if isinstance(one, IPv6Address):
        # NAT64, mapped and compatible forms lie outside of what is given out to the world.
        return one in _V6_WORLD and not any(one in net for net in _V6_NOT_PUBLIC) and one.is_global
    return one.is_global and not one.is_multicast and not any(one in net for net in _NOT_PUBLIC)


def url_problem(url: str, ports: Collection[int], *, loopback: bool = False) -> str | None:
    """Why nothing may be sent to a URL, None if it may: form, scheme, port, address.

    A name is judged again by each address that it leads to: see `may_connect`.
    """
    found = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
    if found is None:
        return "form"
    scheme, host = found["scheme"].lower(), (found["v6"] or found["name"]).lower()
    last = host.rpartition(".")[2]
    literal = found["v6"] is not None or _NUMBER.fullmatch(last) is not None
    here = loopback and host in ("127.0.0.1", "::1", "localhost")
    if here:
        return None
    if literal and not may_connect(host):
        return "address"  # 127.1, 0x7f000001 and 2130706433 are no addresses to us
    if not literal and ("." not in host or last in _INNER_NAMES):
        return "address"
    if scheme != "https":
        return "scheme"
    return None if int(found["port"] or 443) in ports else "port"


def wanted_problems(wanted: Wanted, ports: Collection[int], *, loopback: bool) -> tuple[str, ...]:
    """All that is wrong with what staff typed: name, kinds, or why the URL may not be."""
    wrong = [] if 0 < len(wanted.name) <= LONGEST_NAME and wanted.name.isprintable() else ["name"]
    if (url := url_problem(wanted.url, ports, loopback=loopback)) is not None:
        wrong.append(f"url_{url}")
    return (*wrong, *(() if wanted.kinds else ("kinds",)))


def read_kinds(codes: Collection[str]) -> tuple[Kind, ...]:
    """The kinds among these codes, in their own order."""
    return tuple(one for one in Kind if one in codes)


def body_of(key: str, kind: str, at: datetime, data: Ids) -> bytes:
    """What is posted: the same bytes at each try."""
    said = {"id": key, "type": kind, "created_at": at.isoformat(), "data": dict(data)}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def headers_of(key: str, body: bytes, at: datetime, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of one try at `at`, one signature for each secret.

    As https://www.standardwebhooks.com says, so that its libraries verify them: HMAC-SHA256 over
    `id.timestamp.body`, base64, after `v1,`.
    """
    stamp = str(int(at.timestamp()))
    signed = b".".join((key.encode(), stamp.encode(), body))
    signatures = (
        base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets
    )
    return {
        "content-type": "application/json",
        "user-agent": "Kayoi-Webhooks",
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def shown_secret(secret: bytes) -> str:
    """A secret as receivers' libraries take it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def outcome_of(status: int) -> Failed | None:
    """Why an answer with this HTTP status is none; None: it arrived."""
    if 200 <= status < 300:
        return None
    if status == 410:
        return Failed("gone", status)
    return Failed("redirect" if 300 <= status < 400 else "status", status)


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many tries; None: it is given up."""
    return RETRIES[attempts - 1] if attempts <= len(RETRIES) else None


def pause_reason(failed: Failed, failing_for: timedelta) -> str | None:
    """Why an endpoint gets nothing more until somebody has looked: it asked for that, or nothing
    arrived for days."""
    if failed.reason == "gone":
        return "gone"
    return "failing" if failing_for >= PATIENCE else None
