"""Who calls: a telephone system opens /lookup?tel=… when the telephone rings.

The number stands in the address because such systems cannot do otherwise. It is written nowhere:
not into logs, which hold no addresses, nor the audit trail.
"""

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, staff_of
from clinic.staff.access.cards import access_add_caller, access_callers, access_cards
from clinic.staff.rules import sees_all_patients

AT = "patients"
_LENGTH = 40  # characters of a number, however it is written


async def show(request: web.Request) -> web.Response:
    """The card of the patient with that number; a choice of several; a new one."""
    return await _show(request, request.query.get("tel", ""))


async def add(request: web.Request) -> web.StreamResponse:
    """Begin the record of somebody who calls for the first time."""
    form = await request.post()
    number = str(form.get("tel", ""))
    async with request.app[DATABASE].transaction() as tx:
        made = await access_add_caller(
            tx,
            request.app[KEYS],
            request.app[SETTINGS],
            staff_of(request),
            {name: str(form.get(name, "")) for name in ("name", "kana")} | {"phone": number},
        )
    if made is None:
        return await _show(request, number, status=422)
    return go_to(f"/patients/{made}")


async def _show(request: web.Request, number: str, *, status: int = 200) -> web.Response:
    keys, staff, settings = request.app[KEYS], staff_of(request), request.app[SETTINGS]
    # A plus sign in a query is a blank.
    number = number[:_LENGTH].replace("\0", "").strip()
    wanted = f"+{number}" if number.isdecimal() and not number.startswith("0") else number
    async with request.app[DATABASE].transaction() as tx:
        found = await access_callers(tx, keys, staff, wanted, settings.clinic.country)
        one = [found[0].id] if found and len(found) == 1 else []
        return await page(
            request,
            tx,
            "lookup/templates/caller.html",
            AT,
            status=status,
            found=found,
            cards=await access_cards(tx, keys, staff, one),
            number=wanted,
            may_add=sees_all_patients(staff.role),
            failed=status != 200,
        )
