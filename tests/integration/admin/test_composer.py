"""The composer: pictures and cards, what is typed and not saved, and starting for many."""

import io
import re
from typing import Any

from aiohttp import FormData
from PIL import Image

from clinic.db import Database
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House
from tests.integration.admin.test_campaigns import TEXT, agreed, fields, taken

ALT = {f"alt-{language}": f"picture {language}" for language in TEXT}
WORDS = {f"text-a-{language}": text for language, text in TEXT.items()}


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 480)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


async def brought(desk: Browser, path: str, content: bytes, **said: Any) -> tuple[int, str]:
    """Press the button that takes a picture: status and page."""
    form = FormData()
    values = {**(await fields(desk, path, **said)), "csrf": desk.csrf, "then": "picture"}
    for name, value in values.items():
        form.add_field(name, value)
    file = io.BytesIO(content)
    form.add_field("picture-file", file, filename="../x.html", content_type="text/html")
    answer = await desk.send(f"{path}/edit", form)  # type: ignore[arg-type]  # a form with a file
    return answer.status, await answer.text()


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(picture[^"]*)" value="([^"]+)"', page))


async def test_a_picture_is_taken_shown_described_and_saved(house: House, desk: Browser) -> None:
    path = await taken(desk, "moved")
    status, page = await brought(desk, path, picture(), **WORDS, title="Not saved yet")
    assert status == 200
    assert 'value="Not saved yet"' in page  # what was typed is still there
    found = hidden(page)
    assert (found["picture-width"], found["picture-height"]) == ("640", "480")
    image = await desk.get(f"/campaigns/pictures/{found['picture']}")
    assert (image.status, image.content_type) == (200, "image/jpeg")
    assert (await image.read()).startswith(b"\xff\xd8\xff")
    said = await fields(desk, path, **WORDS, **found, **ALT, title="Flu")
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    stored = await house.value("select content->'picture' from campaign")
    assert stored["name"] == found["picture"]
    assert stored["alt"]["ru"] == "picture ru"
    assert "picture ja" in await desk.read(f"{path}/edit")
    looked = await desk.post(f"{path}/look", **(said | {"look-channel": "sms"}))
    assert found["picture"] not in await looked.text()


async def test_what_is_no_picture_is_refused_in_words_and_nothing_typed_is_lost(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")
    for content in (b"<svg onload=alert(1)>", b"", picture(size=(90, 90)), b"x" * (11 << 20)):
        status, page = await brought(desk, path, content, title="Still here")
        assert status == 422
        assert 'role="alert"' in page
        assert 'value="Still here"' in page
        assert hidden(page) == {}
    assert await house.value("select count(*) from campaign_picture") == 0


async def test_a_picture_of_another_name_is_none(desk: Browser) -> None:
    assert (await desk.get(f"/campaigns/pictures/{'0' * 64}")).status == 404
    assert (await desk.get("/campaigns/pictures/x")).status == 404


async def test_a_picture_is_taken_away_again(house: House, desk: Browser) -> None:
    path = await taken(desk, "moved")
    _, page = await brought(desk, path, picture("JPEG"), **WORDS)
    said = await fields(desk, path, **WORDS, **hidden(page), **ALT, then="no_picture")
    answer = await desk.post(f"{path}/edit", **said)
    assert answer.status == 200
    assert hidden(await answer.text()) == {}


async def test_a_picture_survives_the_split_into_two_wordings(house: House, desk: Browser) -> None:
    path = await taken(desk, "moved")
    _, page = await brought(desk, path, picture(), **WORDS)
    said = await fields(desk, path, **WORDS, **hidden(page), **ALT, then="split")
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    content = await house.value("select content from campaign")
    assert len(content["variants"]) == 2
    assert content["picture"]["name"] == hidden(page)["picture"]


async def test_a_card_is_written_line_by_line_and_stays_when_nothing_is_changed(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")
    card = {"card-a-ja": "予防接種", "rows-a-ja": "日時: 11月24日\r\n場所\uff1a2階\r\n\r\n"}
    assert (
        await desk.post(f"{path}/edit", **await fields(desk, path, **WORDS, **card))
    ).status == 303
    expected = {
        "text": TEXT["ja"],
        "title": "予防接種",
        "rows": [["日時", "11月24日"], ["場所", "2階"]],
    }
    read = "select content->'variants'->0->'texts'->'ja' from campaign"
    assert await house.value(read) == expected
    again = await fields(desk, path, **{"card-a-ja": "予防接種"})
    assert (await desk.post(f"{path}/edit", **again)).status == 303
    assert await house.value(read) == expected


async def test_rows_without_a_title_are_told_and_not_lost(desk: Browser) -> None:
    path = await taken(desk, "moved")
    said = await fields(desk, path, **WORDS, **{"rows-a-ja": "日時: 明日"})
    answer = await desk.post(f"{path}/edit", **said)
    assert answer.status == 422
    assert "日時: 明日" in await answer.text()


async def test_what_was_typed_and_not_saved_is_there_when_one_comes_back(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")
    said = await fields(desk, path, title="Half a th", **{"text-a-en": "Dear {name}, from"})
    assert (await desk.post(f"{path}/typing", **said)).status == 204
    page = await desk.read(f"{path}/edit")
    assert 'value="Half a th"' in page
    assert "Dear {name}, from" in page
    assert 'id="typed"' in page
    assert await house.value("select name from campaign") != "Half a th"
    assert (await desk.post(f"{path}/typing", forget="yes")).status == 303
    page = await desk.read(f"{path}/edit")
    assert "Half a th" not in page
    assert 'id="typed"' not in page


async def test_what_is_saved_is_no_longer_kept_as_typed(house: House, desk: Browser) -> None:
    path = await taken(desk, "moved")
    said = await fields(desk, path, **WORDS, title="Saved")
    await desk.post(f"{path}/typing", **said)
    assert (await desk.post(f"{path}/edit", **said)).status == 303
    assert await house.value("select count(*) from campaign_typing") == 0


async def test_nobody_sees_what_somebody_else_typed(
    house: House, desk: Browser, chief: Browser
) -> None:
    path = await taken(desk, "moved")
    await desk.post(f"{path}/typing", **await fields(desk, path, title="Mine alone"))
    assert "Mine alone" not in await chief.read(f"{path}/edit")
    assert "Mine alone" in await desk.read(f"{path}/edit")


async def test_who_comes_back_to_a_draft_that_was_changed_meanwhile_overwrites_nobody(
    house: House, desk: Browser, chief: Browser
) -> None:
    path = await taken(desk, "moved")
    await desk.post(f"{path}/typing", **await fields(desk, path, **WORDS, title="Older"))
    said = await fields(chief, path, **WORDS, title="Newer")
    assert (await chief.post(f"{path}/edit", **said)).status == 303
    answer = await desk.post(f"{path}/edit", **await fields(desk, path))
    assert answer.status == 422
    assert await house.value("select name from campaign") == "Newer"


async def test_what_is_typed_into_a_campaign_that_was_started_is_not_kept(
    house: House, desk: Browser
) -> None:
    path = await taken(desk, "moved")
    said = await fields(desk, path, title="Late")
    await house.rows("update campaign set state = 'running'")
    assert (await desk.post(f"{path}/typing", **said)).status == 409
    assert (await desk.post("/campaigns/404/typing", title="x")).status == 409


async def test_above_some_people_who_starts_it_types_how_many(
    house: House, desk: Browser, database: Database
) -> None:
    people = 51  # policy.confirm_above is 50
    for n in range(people):
        await house.patient(f"患者 {n}")
    path = await taken(desk, "moved")
    await desk.post(f"{path}/edit", **await fields(desk, path, **WORDS))
    page = await desk.read(f"{path}/preview")
    assert 'name="people"' in page
    version = str(await house.value("select version from campaign"))
    for typed in ({}, {"people": "50"}, {"people": "many"}):
        answer = await desk.post(f"{path}/act", act="start", version=version, **typed)
        assert answer.status == 409
        assert 'name="people"' in await answer.text()
    assert await house.value("select state from campaign") == "draft"
    answer = await desk.post(f"{path}/act", act="start", version=version, people=" 51 人")
    assert answer.status == 303
    assert await house.value("select state from campaign") == "running"


async def test_for_few_nobody_types_a_number(house: House, desk: Browser) -> None:
    await agreed(house, await house.patient("田中 花子"))
    path = await taken(desk, "moved")
    await desk.post(f"{path}/edit", **await fields(desk, path, **WORDS))
    assert 'name="people"' not in await desk.read(f"{path}/preview")


async def test_odd_links_and_days_off_are_told_before_the_start(
    house: House, desk: Browser
) -> None:
    await agreed(house, await house.patient("田中 花子"))
    path = await taken(desk, "moved")
    said = WORDS | {"text-a-ja": "http://clinic.example をご覧ください。"}
    when = {"when": "once", "at": "2030-01-06T10:00"}  # a Sunday
    await desk.post(f"{path}/edit", **await fields(desk, path, **said, **when))
    page = await desk.read(f"{path}/preview")
    assert 'id="minded"' in page
    assert "http://clinic.example" in page
    assert "休みの日" in page


async def test_the_log_is_filtered_tried_again_and_saved_without_formulas(
    house: House, desk: Browser
) -> None:
    one = await house.patient('=HYPERLINK("x")')
    two = await house.patient("田中 花子")
    path = await taken(desk, "moved")
    campaign = int(path.rpartition("/")[2])
    await house.rows("update campaign set state = 'finished', ended_at = now()")
    for patient, state, reason in ((one, "refused", "status 400"), (two, "unknown", "reset")):
        await house.rows(
            """insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until,
                                      state, reason, settled_at)
               values ($1, $2, 'once', now(), now(), $3, $4, now())""",
            campaign,
            patient,
            state,
            reason,
        )
    page = await desk.read(f"{path}/recipients?state=refused&reason=status+400")
    assert "HYPERLINK" in page
    assert "田中 花子" not in page
    assert "もう一度送る（1人）" in page
    assert "もう一度送る" not in await desk.read(f"{path}/recipients?state=unknown&reason=reset")
    csv = await desk.get(f"{path}/recipients.csv?state=refused")
    text = await csv.text()
    assert csv.content_type == "text/csv"
    assert "'=HYPERLINK" in text
    assert "田中" not in text
    assert await house.value("select count(*) from audit where action = 'staff:campaign:export'")
    refused = await desk.post(f"{path}/recipients", state="unknown", reason="reset")
    assert refused.status == 409
    done = await desk.post(f"{path}/recipients", state="refused", reason="status 400")
    assert done.status == 303
    assert await house.value("select state from campaign") == "running"
    part = await desk.read(f"/live/campaigns/{campaign}")
    assert "<progress" in part
    assert "1" in part
