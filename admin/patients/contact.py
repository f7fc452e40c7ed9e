"""Whether a patient may be written to by SMS and e-mail: a form on the record page."""

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, staff_of
from clinic.contact.types import LETTERS
from clinic.staff.access.contacts import access_contact


async def save(request: web.Request) -> web.StreamResponse:
    """Write down what the patient agreed to at the desk."""
    posted = await request.post()
    patient = int(request.match_info["patient"])
    channel = next((one for one in LETTERS if one == posted.get("channel")), None)
    allowed = {"yes": True, "no": False}.get(str(posted.get("allowed")))
    if channel is None or allowed is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        done = await access_contact(
            tx,
            request.app[KEYS],
            request.app[SETTINGS],
            staff_of(request),
            patient,
            channel,
            allowed=allowed,
        )
    if done is None:
        raise web.HTTPNotFound
    word = "allowed" if allowed else "disallowed"
    return go_to(f"/patients/{patient}{f'?done={word}' if done else ''}#letters")
