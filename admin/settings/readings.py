"""From where on a reading is looked at: the clinic's limits, who changes and who signed them."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from admin.i18n import Speech
from admin.keys import DATABASE, LIVE_SETTINGS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from clinic.observation import house
from clinic.observation.house import REPEATED, ROSE, Why
from clinic.observation.limits import BOUNDS, MEAN_DAYS, RISE_DAYS
from clinic.observation.types import MEASURES, UNITS, Level, Measure
from clinic.setting.rules import is_fixed
from clinic.staff.access.settings import access_save_settings
from clinic.staff.access.signatures import access_sign, access_signature, digest
from clinic.staff.types import Role

KEY = "readings.limits"
LONGEST = 20  # characters of a number


@dataclass(frozen=True, slots=True)
class Line:
    """One limit. `at` is the one in force, or what was typed and is still to be mended; `level` is
    what happens beyond it."""

    name: str
    measure: Measure
    words: str  # the side, or what is reckoned
    unit: str
    level: Level
    at: str
    shipped: str
    least: str
    most: str
    since: int = 0  # days of age
    until: int | None = None
    fault: Why | None = None


async def show(request: web.Request) -> web.Response:
    """The limits that hold where a patient has no own."""
    return await _shown(request)


async def save(request: web.Request) -> web.StreamResponse:
    """Change them, all or nothing. They are to be signed anew then."""
    posted = await request.post()
    typed = {name: str(posted.get(name, "")).strip()[:LONGEST] for name in BOUNDS}
    given = {name: at for name, at in typed.items() if at}
    seen = str(posted.get("seen", ""))
    if faults := house.wrong(given):
        return await _shown(request, status=422, typed=typed, faults=faults)
    if not seen.isdecimal() or len(seen) > 18:
        raise web.HTTPUnprocessableEntity
    wanted = house.tidied(given)
    if wanted == request.app[SETTINGS].readings.limits:
        return go_to("/settings/readings?done=0")
    live = request.app[LIVE_SETTINGS]
    async with request.app[DATABASE].transaction() as tx:
        made = await access_save_settings(
            tx, staff_of(request), request.app[SETTINGS], {KEY: wanted}, live.fixed, int(seen)
        )
    async with request.app[DATABASE].transaction() as tx:
        await live.reload(tx)
    if made is None:  # somebody else was quicker
        return await _shown(request, status=409, typed=typed, quicker=True)
    ids = [one for one in made if isinstance(one, int)]
    if not ids:  # the environment sets them
        raise web.HTTPConflict
    return go_to(f"/settings/readings?done={ids[0]}")


async def sign(request: web.Request) -> web.StreamResponse:
    """A doctor finds them right: those that were shown."""
    seen = str((await request.post()).get("seen", ""))
    async with request.app[DATABASE].transaction() as tx:
        await request.app[LIVE_SETTINGS].refresh(tx)
        here = request.app[SETTINGS].readings.house
        if await access_sign(tx, staff_of(request), here, seen):
            return go_to("/settings/readings?signed=1")
    if staff_of(request).role is not Role.DOCTOR:
        raise web.HTTPForbidden(reason="role")
    return await _shown(request, status=409, quicker=True)


def called(speech: Speech, name: str) -> str:
    """A limit by its name in the settings, in words; the name where there is no such limit now."""
    line = next((one for one in _lines(speech, {}, {}, {}) if one.name == name), None)
    if line is None:
        return name
    ages = speech("limits.since", days=line.since) if line.since else ""
    words = (speech(f"readings.measure.{line.measure}"), ages, line.words)
    return " ".join(one for one in words if one)


async def _shown(
    request: web.Request,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, Why] | None = None,
    quicker: bool = False,
) -> web.Response:
    live, settings, speech = request.app[LIVE_SETTINGS], request.app[SETTINGS], speech_of(request)
    done = request.query.get("done", "")
    async with request.app[DATABASE].transaction() as tx:
        await live.refresh(tx)
        changed = settings.readings.limits
        return await page(
            request,
            tx,
            "settings/templates/readings.html",
            "settings_readings",
            status=status,
            lines=_lines(speech, changed, typed or {}, faults or {}),
            seen=live.version,
            digest=digest(settings.readings.house),
            may_change=staff_of(request).role is Role.ADMIN and not is_fixed(KEY, live.fixed),
            fixed=is_fixed(KEY, live.fixed),
            signature=await access_signature(tx, settings.readings.house),
            signed="signed" in request.query,
            wrong=bool(faults),
            quicker=quicker,
            done=int(done) if done.isdecimal() and len(done) < 19 else None,
            undone="undone" in request.query,
            late="late" in request.query,
        )


def _lines(
    speech: Speech, changed: Mapping[str, str], typed: Mapping[str, str], faults: Mapping[str, Why]
) -> list[Line]:
    """Every limit, by measure, the gravest of each last."""
    here = house.house(changed)

    def line(
        name: str,
        measure: Measure,
        words: str,
        level: Level,
        since: int = 0,
        until: int | None = None,
    ) -> Line:
        shipped = f"{house.SHIPPED_AT[name]:f}"
        least, most = (f"{one:f}" for one in BOUNDS[name])
        at = typed.get(name, changed.get(name, shipped))
        fault = faults.get(name)
        return Line(
            *(name, measure, words, _unit(measure), level, at, shipped, least, most),
            since,
            until,
            fault,
        )

    found = []
    for measure in MEASURES:
        if measure in here.mean:
            words = speech("limits.mean", days=MEAN_DAYS)
            found.append(line(house.name_of_mean(measure), measure, words, 2))
        if measure == "weight":
            found.append(line(ROSE, measure, speech("limits.rise", days=RISE_DAYS), 2))
        for one in here.limits:
            if one.measure == measure:
                side = speech(f"readings.side.{one.side}")
                name = house.name_of(one)
                found.append(line(name, measure, side, one.level, one.since, one.until))
        if measure == "glucose":
            found.append(line(REPEATED, measure, speech("limits.repeated"), 3))
    return found


def _unit(measure: Measure) -> str:
    if measure == "systolic" or measure == "diastolic":
        return UNITS["blood_pressure"][0]
    return UNITS[measure][0]
