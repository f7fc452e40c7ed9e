"""The palette (Ctrl+K): pages, things to do and patients by a few words."""

from aiohttp import web

from admin.help.manual import headings
from admin.keys import DATABASE, KEYS, TABLE
from admin.menu import ACTIONS, allowed, pages_of
from admin.page import part, speech_of, staff_of, words_of
from clinic.staff.access.patients import access_patients

LEAST = 2  # signs; one alone finds everybody
PATIENTS, PAGES = 8, 12  # at most


async def find(request: web.Request) -> web.Response:
    """What the words find, best first."""
    words = (await words_of(request)).strip()
    t, staff, table = speech_of(request), staff_of(request), request.app[TABLE]
    entries = [*pages_of(staff.role, table), *allowed(ACTIONS, staff.role, table)]
    wanted = words.casefold().split()
    pages = [
        one
        for one in entries
        if all(word in f"{t(f'menu.{one.name}')} {one.path}".casefold() for word in wanted)
    ]
    patients = []
    if len(words) >= LEAST:
        async with request.app[DATABASE].transaction() as tx:
            patients = await access_patients(tx, request.app[KEYS], staff, words)
    tasks = [
        one
        for one in headings(t.language, {entry.name for entry in entries})
        if len(words) >= LEAST and all(word in one.words.casefold() for word in wanted)
    ]
    return part(
        request,
        "palette/templates/found.html",
        pages=pages[:PAGES],
        patients=patients[:PATIENTS],
        tasks=tasks[:PATIENTS],
    )
