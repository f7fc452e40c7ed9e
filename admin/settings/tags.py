"""The words that staff put on patients: another form for one, two into one, one taken away."""

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, page, staff_of
from clinic.staff.access.tags import access_rename_tag, access_retire_tag, access_tags

DONE = ("renamed", "merged", "bad", "gone", "used", "retired")


async def show(request: web.Request) -> web.Response:
    """All words with how many patients have them."""
    done = request.query.get("done", "")
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "settings/templates/tags.html",
            "settings_tags",
            tags=await access_tags(tx),
            done=done if done in DONE else None,
        )


async def rename(request: web.Request) -> web.StreamResponse:
    """Write a word in another way everywhere; into one that is there already, it joins that."""
    form = await request.post()
    async with request.app[DATABASE].transaction() as tx:
        done = await access_rename_tag(
            tx, staff_of(request), str(form.get("tag", "")), str(form.get("words", ""))
        )
    return go_to(f"/settings/tags?done={done}")


async def retire(request: web.Request) -> web.StreamResponse:
    """Take a word off every patient."""
    form = await request.post()
    async with request.app[DATABASE].transaction() as tx:
        gone = await access_retire_tag(tx, staff_of(request), str(form.get("tag", "")))
    return go_to(f"/settings/tags?done={'used' if gone is None else 'retired'}")
