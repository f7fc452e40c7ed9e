"""`kayoi staff` and `kayoi audit`: accounts of the people who work at the clinic, and the trail of
what they did."""

import argparse

from bot.commands import audit
from clinic.config import Settings
from clinic.db import Database, Tx
from clinic.errors import KayoiError
from clinic.staff import service
from clinic.staff.types import Role, StaffProblem

PROBLEMS = {
    StaffProblem.BAD_NAME: "that is no name for a staff member",
    StaffProblem.NAME_TAKEN: "there is a staff member of that name already",
}
FIRST = "admin"  # the account that `kayoi run` signs in


async def carry_out(settings: Settings, arguments: argparse.Namespace) -> dict[str, object]:
    """One command of `account_parser`, as JSON. Raises KayoiError for what cannot be done."""
    match arguments.act:
        case "add":
            return await add(settings, arguments.name, arguments.role)
        case "sign-in-link":
            return await sign_in_link(settings, arguments.name)
        case "reset":
            return await reset(settings, arguments.name)
        case _:
            return await audit.check(settings)


async def ensure_admin(tx: Tx) -> int:
    """The first account, made where there is none; its id."""
    found = await service.find_staff(tx, FIRST)
    if found is not None:
        return found.id
    added = await service.add_staff(tx, FIRST, Role.ADMIN)
    if isinstance(added, StaffProblem):
        raise KayoiError(f"the account {FIRST} is disabled: sign in as another admin")
    return added.id


async def sign_in_url(tx: Tx, settings: Settings, staff_id: int) -> str:
    """A one-time address that signs the staff member in. Raises KayoiError if disabled."""
    token = await service.make_sign_in_link(tx, staff_id)
    if token is None:
        raise KayoiError("this account is disabled")
    return f"http://{settings.admin.host}:{settings.admin.port}/sign-in?token={token}"


async def add(settings: Settings, name: str, role: str) -> dict[str, object]:
    """Add a staff member. Raises KayoiError if the name is taken."""
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            added = await service.add_staff(tx, name, Role(role))
            if isinstance(added, StaffProblem):
                raise KayoiError(PROBLEMS[added])
            return {"id": added.id, "name": added.name, "role": added.role}
    finally:
        await database.close()


async def sign_in_link(settings: Settings, name: str) -> dict[str, object]:
    """A one-time sign-in address for a staff member. Raises KayoiError if there is none."""
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            found = await service.find_staff(tx, name)
            if found is None:
                raise KayoiError(f"there is no staff member named {name}")
            return {"name": name, "url": await sign_in_url(tx, settings, found.id)}
    finally:
        await database.close()


async def reset(settings: Settings, name: str) -> dict[str, object]:
    """Take a password and second step away, and give a link to set new ones up.

    For who lost telephone and recovery codes, the last admin too. Raises KayoiError if there is no
    such staff member.
    """
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            found = await service.find_staff(tx, name)
            if found is None:
                raise KayoiError(f"there is no staff member named {name}")
            await service.reset_second_step(tx, found.id)
            return {"name": name, "url": await sign_in_url(tx, settings, found.id)}
    finally:
        await database.close()
