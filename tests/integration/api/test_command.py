"""`kayoi key`, as scripts use it."""

import argparse
from typing import Any

import pytest

from bot.__main__ import _parser
from bot.commands.key import carry_out
from clinic.errors import KayoiError
from tests.integration.api.house import House

pytestmark = pytest.mark.server


def arguments(*words: str) -> argparse.Namespace:
    return _parser().parse_args(["key", *words])


async def test_a_key_is_made_listed_and_revoked_at_the_shell(house: House) -> None:
    async def do(*words: str) -> Any:
        return await carry_out(house.env.settings, arguments(*words))

    scopes = ("--scope", "patients:read", "--scope", "fhir:read")
    made = await do("add", "--name", "Tablet", *scopes, "--rate", "60")
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert (await house.client.get("/api/v1/patients", headers=headers)).status == 200
    assert (await house.client.get("/api/v1/services", headers=headers)).status == 403
    (row,) = await do("list")
    assert (row["name"], row["rate"], row["scopes"]) == (
        *("Tablet", 60),
        ["fhir:read", "patients:read"],
    )
    assert row["used_at"] is not None
    assert made["key"] not in str(row)
    assert made["key"].startswith(row["begins"])
    assert await do("revoke", str(made["id"])) == {"id": made["id"], "revoked": True}
    assert (await house.client.get("/api/v1/patients", headers=headers)).status == 401
    with pytest.raises(KayoiError, match="no good key"):
        await do("revoke", str(made["id"]))
    with pytest.raises(KayoiError, match="a name"):
        await do("add", "--name", " ", *scopes)


def test_an_unknown_scope_is_refused_before_anything_is_done() -> None:
    with pytest.raises(SystemExit):
        arguments("add", "--name", "A", "--scope", "everything")
