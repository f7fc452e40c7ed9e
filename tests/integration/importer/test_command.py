"""README's commands of the patient base, each a process of its own on one database."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clinic.importer.sample import receipts
from tests.integration.test_readme import COMMANDS, kayoi

pytestmark = pytest.mark.server


def _lines(command: str, folder: Path, environment: Mapping[str, str]) -> list[Any]:
    done = kayoi(command, folder, environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_receipts_become_a_lapse_list(database_url: str, redis_url: str, tmp_path: Path) -> None:
    dry, brought, lapse, segment = [
        line for line in COMMANDS if line.split()[1] in ("import", "lapse", "segment")
    ]
    (tmp_path / "RECEIPTC.UKE").write_bytes(b"".join(receipts(40, date(2026, 3, 1))))
    (tmp_path / "later.uke").write_bytes(b"".join(receipts(5, date(2026, 8, 1))))
    stores = {"KAYOI_DATABASE_URL": database_url, "KAYOI_REDIS_URL": redis_url}
    (said,) = _lines(dry, tmp_path, stores)
    assert (said["kind"], said["state"]) == ("uke", "not imported")
    assert said["patients"]["new"] == 40
    (did,) = _lines(brought, tmp_path, stores)
    assert did["state"] == "committed"
    assert did["patients"] == said["patients"]
    (again,) = _lines(brought, tmp_path, stores)
    assert (again["state"], again["refused"]) == ("refused", "already_imported")
    _lines("import later.uke", tmp_path, stores)
    (listed,) = _lines(lapse, tmp_path, stores)
    assert {row["state"] for row in listed} <= {"due", "at_risk", "lapsed"}
    assert all(row["reason"] for row in listed)
    assert {row["last_visit"][:7] for row in listed} >= {"2026-03"}
    (counted,) = _lines(segment, tmp_path, stores)
    assert counted["matched"] == counted["reachable"] + sum(counted["left_out"].values())
    assert counted["matched"] > 0
