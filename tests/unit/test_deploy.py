"""What is shipped to start Kayoi with names commands that Kayoi has, and settings that it knows."""

import configparser
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.__main__ import _parser
from clinic.config import OUTSIDE, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text())
KAYOI = {name: one for name, one in COMPOSE["services"].items() if one["image"] == "kayoi"}


def names(environment: dict[str, Any]) -> set[str]:
    return {name for name in environment if name.startswith("KAYOI_") and name not in OUTSIDE}


def test_the_compose_file_has_every_part_and_each_service_runs_a_command_of_kayoi() -> None:
    assert {"postgres", "valkey", "web", "admin", "worker", "rasa", "migrate"} <= set(
        COMPOSE["services"]
    )
    for one in KAYOI.values():
        assert callable(_parser().parse_args(one["command"]).command)
        assert "data:/var/lib/kayoi" in one["volumes"]  # one instance, one key file


def test_services_wait_only_for_services_that_there_are() -> None:
    for one in COMPOSE["services"].values():
        assert set(one.get("depends_on", {})) <= set(COMPOSE["services"])
        for volume in one.get("volumes", []):
            source = re.split(r":(?=/)", volume)[0]
            assert source in COMPOSE["volumes"] or source.startswith((".", "$"))


def test_images_are_plain_names_and_dockerfiles_are_there() -> None:
    for one in COMPOSE["services"].values():
        assert re.fullmatch(r"[a-z]+(/[a-z]+)?(:\d+)?|kayoi-rasa", one["image"])
        if "build" in one:
            assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).is_file()


def test_the_image_holds_every_package_of_the_product() -> None:
    copied = re.findall(r"^COPY (\w+) \w+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    listed = re.search(r"include = \[(.*)\]", (DEPLOY.parent / "pyproject.toml").read_text())
    assert listed is not None
    assert sorted(copied) == sorted(re.findall(r'"(\w+)\*"', listed[1]))


def read(unit: Path) -> configparser.RawConfigParser:
    """What a unit says."""
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]  # names are case-sensitive
    parsed.read(unit)
    return parsed


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_of_kayoi(unit: Path) -> None:
    parsed = read(unit)
    program, *arguments = shlex.split(parsed["Service"]["ExecStart"])
    assert program.endswith("/bin/kayoi")
    assert callable(_parser().parse_args(arguments).command)
    assert parsed["Service"]["User"] == "kayoi"
    others = " ".join(parsed["Unit"].get(key, "") for key in ("After", "Requires", "PartOf"))
    for name in re.findall(r"kayoi[\w.-]*", others):
        assert (unit.parent / name).is_file()


def test_every_part_of_the_compose_file_has_a_unit_that_the_runbook_names() -> None:
    parts = {*KAYOI, "rasa"}  # the stores are the machine's own
    assert {f"kayoi-{part}.service" for part in parts} == {unit.name for unit in UNITS}
    runbook = (DEPLOY.parent / "docs" / "operations.md").read_text()
    begins = re.search(r"^systemctl .*enable --now (.+)$", runbook, re.MULTILINE)
    assert begins is not None
    said = re.findall(r"kayoi-(\w+)", begins[1])
    assert {"web", "admin", "worker", "backup"} <= set(said)
    assert "systemctl enable --now kayoi-rasa" in runbook


def test_the_target_wants_units_that_are_there_and_does_without_rasa() -> None:
    wanted = read(DEPLOY / "systemd" / "kayoi.target")["Unit"]["Wants"].split()
    for name in wanted:
        assert (DEPLOY / "systemd" / name).is_file()
    # As in the compose file: whoever wants Rasa says so.
    assert "kayoi-rasa.service" not in wanted
    assert COMPOSE["services"]["rasa"]["profiles"] == ["rasa"]


def test_rasa_sees_neither_keys_nor_the_network() -> None:
    service = read(DEPLOY / "systemd" / "kayoi-rasa.service")["Service"]
    data = read(DEPLOY / "systemd" / "kayoi-web.service")["Service"]["WorkingDirectory"]
    assert f"-{data}" in service["InaccessiblePaths"].split()
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}" != data
    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")


def test_the_environment_that_is_shipped_is_one_that_kayoi_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [one for one in os.environ if one.startswith("KAYOI_")]:
        monkeypatch.delenv(name)
    text = (DEPLOY / "env.example").read_text()
    given = dict(re.findall(r"^(?:# )?(\w+)=(.*)$", text, re.MULTILINE))
    for one in KAYOI.values():
        given |= one.get("environment", {})
    for name in names(given):
        monkeypatch.setenv(name, given[name] or "x")
    read = Settings()
    assert read.server.public_url == "https://chat.example-clinic.jp"
    assert read.redis_url is not None
