"""Files that browsers get, and the addresses that patients get."""

import hashlib
import json
import re

import pytest

from admin.assets import STATIC, assets, icon, static
from admin.patients.deep_links import deep_links
from admin.routes import ROUTES
from admin.today.views import grouped
from clinic.config import Settings
from clinic.staff.rules import read_name, sees_all_patients
from clinic.staff.types import Role

VENDOR = STATIC / "vendor"
TEMPLATES = list(STATIC.parent.rglob("*.html"))


def test_every_vendored_file_is_the_one_of_its_package() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert {name: entry["sha256"] for name, entry in manifest.items()} == found
    for entry in manifest.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])
        assert entry["licence"] in ("MIT", "0BSD")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_needs_more_than_the_policy_allows(template: object) -> None:
    text = template.read_text()  # type: ignore[attr-defined]  # a path
    assert "|safe" not in text
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    assert not re.search(r"\s(?:on\w+|style|hx-on[\w:]*)\s*=", text)
    assert "<style" not in text
    assert "js:" not in text
    assert not re.search(r"<script>|<script [^>]*>[^<]", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_form_that_changes_something_carries_the_token(template: object) -> None:
    text = template.read_text()  # type: ignore[attr-defined]  # a path
    for form in re.findall(r"<form method=\"post\".*?</form>", text, re.DOTALL):
        assert 'name="csrf"' in form or re.search(r'action="/sign-in["/]', form)


def test_the_address_of_a_file_changes_with_its_content() -> None:
    assert static("panel.css") == f"/static/panel.css?v={assets()['panel.css'].version}"
    with pytest.raises(KeyError):
        static("../app.py")
    with pytest.raises(KeyError):
        icon("nothing")


def test_no_route_stands_twice_and_only_reading_and_signing_in_is_public() -> None:
    assert len({(row.method, row.path) for row in ROUTES}) == len(ROUTES)
    public = {(row.method, row.path) for row in ROUTES if row.roles is None}
    assert public == {
        ("GET", "/healthz"),
        ("GET", "/metrics"),
        ("GET", "/static/{name:.+}"),
        ("GET", "/favicon.ico"),
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("POST", "/sign-in/password"),
        ("POST", "/sign-in/code"),
        ("POST", "/sign-in/passkey"),
        ("POST", "/sign-in/passkey/ask"),
    }


def test_links_open_the_chats_whose_name_is_known() -> None:
    line = {"channel_secret": "s", "channel_access_token": "t"}
    settings = Settings(server={"public_url": "https://chat.example/"}, channels={"line": line})
    found = deep_links(settings, {"line": "@sakura", "telegram": "sakura_bot"}, "ABC234DEF")
    assert [one.url for one in found] == [
        "https://line.me/R/oaMessage/%40sakura/?ABC234DEF",
        "https://t.me/sakura_bot?start=ABC234DEF",
        "https://chat.example/chat?start=ABC234DEF",
    ]
    assert all(one.picture.startswith("data:image/png;base64,") for one in found)
    assert deep_links(Settings(), {}, "ABC234DEF") == []


def test_a_staff_name_has_one_form() -> None:
    assert read_name("  佐藤　 医師 ") == "佐藤 医師"
    assert read_name("x" * 80) == "x" * 80
    assert read_name("x" * 81) is None
    assert read_name("a\x00b") is None


def test_only_doctors_are_bound_to_own_patients() -> None:
    assert {role for role in Role if not sees_all_patients(role)} == {Role.DOCTOR}


def test_no_visits_make_no_headings() -> None:
    assert grouped([], "room") == []
