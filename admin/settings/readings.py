"""From where on a reading is looked at: the house's limits, and who signed them."""

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, page, staff_of
from clinic.observation.limits import LIMITS, MEAN, MEAN_DAYS
from clinic.observation.types import MEASURES, UNITS, Measure
from clinic.staff.access.signatures import access_sign, access_signature


async def show(request: web.Request) -> web.Response:
    """The limits that hold where a patient has no own."""
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "settings/templates/readings.html",
            "settings_readings",
            measures=[
                (one, _unit(one), [it for it in LIMITS if it.measure == one]) for one in MEASURES
            ],
            mean=MEAN,
            mean_days=MEAN_DAYS,
            signature=await access_signature(tx),
            signed="signed" in request.query,
        )


async def sign(request: web.Request) -> web.StreamResponse:
    """A doctor finds them right."""
    async with request.app[DATABASE].transaction() as tx:
        if not await access_sign(tx, staff_of(request)):
            raise web.HTTPForbidden(reason="role")
    return go_to("/settings/readings?signed=1")


def _unit(measure: Measure) -> str:
    if measure == "systolic" or measure == "diastolic":
        return UNITS["blood_pressure"][0]
    return UNITS[measure][0]
