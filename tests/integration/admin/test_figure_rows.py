"""The lists behind the numbers of figures: as many as the number says, and who may see them."""

import csv
import html
import io
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from clinic.figures.behind import FIGURES
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House
from tests.integration.admin.test_figures import ZONE, work_out
from tests.integration.admin.test_imports import bring
from tests.integration.admin.test_lapse import EARLIER, LATER

pytestmark = pytest.mark.server
ENGLISH = {"Accept-Language": "en"}
BEHIND = re.compile(r'<a class="figure-behind" href="([^"]+)">([^<]+)</a>')
WHOLE = re.compile(r'data-whole="(\d+)"')
TABS = ("visits", "patients", "services", "chats")


def numbers(page: str) -> list[tuple[str, int]]:
    """The numbers of a page that lead somewhere: where to, and what they say."""
    return [(html.unescape(url), int(text.replace(",", ""))) for url, text in BEHIND.findall(page)]


async def table(browser: Browser, url: str) -> list[dict[str, str]]:
    text = (await browser.read(url, headers=ENGLISH)).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


async def clinic(house: House) -> dict[str, int]:
    """Two doctors with patients who came, did not, and called it off; chats that were left."""
    own = await house.practitioner("佐藤")
    other = await house.practitioner("鈴木")
    today: date = await house.value(f"select (now() at time zone '{ZONE}')::date")
    ids = {"own": own, "other": other}
    states = ("fulfilled", "arrived", "noshow", "cancelled", "booked", "noshow")
    for number, status in enumerate(states):
        patient = await house.patient(f"患者{number}", chart=str(number))
        ids[f"p{number}"] = patient
        doctor = other if number == 5 else own
        ids[f"v{number}"] = await house.visit(
            patient, doctor, at=f"1{number}:00", on=today - timedelta(days=1), status=status
        )
        await house.visit(
            patient, doctor, at=f"0{number}:00", on=today - timedelta(days=40), status="fulfilled"
        )
    await house.rows("update patient set acquired_by = '山田さんの紹介' where id = $1", ids["p0"])
    talk = await house.conversation(ids["p1"], said="こんにちは")
    for event, kind in (
        ("step", "booking.PickDay"),
        ("left", "booking.PickDay.silence"),
        ("queued", "asked"),
    ):
        await house.rows(
            "insert into figure_event (figure, kind, subject) values ($1, $2, $3)",
            event,
            kind,
            talk,
        )
    await house.escalation(talk, patient=ids["p1"])
    await house.rows(
        """with made as (
             insert into campaign (key, name, kind, purpose, audience, trigger, content)
             values (gen_random_uuid(), 'x', 'notice', 'care', '{}', '{}', '{}') returning id)
           insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until,
             state, account_id, settled_at, answered_at, booked_id)
           select made.id, $1, 'once', now(), now(), 'sent', c.account_id, now(), now(), $3
           from made, conversation c where c.id = $2""",
        ids["p1"],
        talk,
        ids["v1"],
    )
    await work_out(house)
    return ids


async def test_every_number_that_leads_to_a_list_is_as_many_as_it_says(
    house: House, chief: Browser
) -> None:
    await clinic(house)
    checked: set[str] = set()
    for tab in TABS:
        for by in ("doctor", "service", "chapter"):
            for url, n in numbers(
                await chief.read(f"/figures/{tab}?period=months_3&by={by}", headers=ENGLISH)
            ):
                page = await chief.read(url, headers=ENGLISH)
                told = WHOLE.search(page)
                assert told is not None
                assert int(told[1]) == n, (tab, by, url)
                rows = await table(chief, url.replace("/rows?", "/rows.csv?"))
                assert len(rows) == n, url
                checked.add(parse_qs(url.partition("?")[2])["figure"][0])
    assert checked == set(FIGURES)


async def test_each_state_of_a_group_leads_to_as_many_on_its_list(
    house: House, desk: Browser
) -> None:
    await bring(house, desk, EARLIER)
    await bring(house, desk, LATER, "later.uke")
    found = [
        (url, n)
        for url, n in numbers(await desk.read("/figures/patients", headers=ENGLISH))
        if url.startswith("/lapse/")
    ]
    assert len(found) > 1
    for url, n in found:
        assert len(await table(desk, url.replace("?", "/list.csv?"))) == n, url


async def test_a_bar_leads_where_the_number_in_the_table_does(house: House, chief: Browser) -> None:
    await clinic(house)
    page = await chief.read("/figures/visits?period=months_3", headers=ENGLISH)
    urls = {url for url, _ in numbers(page)}
    plots = [html.unescape(one) for one in re.findall(r'data-figure="([^"]+)"', page)]
    bars = {
        one.encode().decode("unicode_escape")
        for plot in plots
        for one in re.findall(r'"(/figures/rows[^"]+)"', plot)
    }
    assert urls & bars
    for one in bars:
        assert (await chief.get(one)).status == 200


async def test_the_no_shows_of_a_doctor_with_their_patients_and_nobody_elses(
    house: House, desk: Browser
) -> None:
    ids = await clinic(house)
    await house.clear_audit()
    url = f"/figures/rows?figure=visit&kind=missed&period=months_3&doctor={ids['own']}"
    page = await desk.read(url)
    assert "患者2" in page
    assert "患者5" not in page
    assert f"/calendar/visits/{ids['v2']}" in page
    seen = await house.rows("select action, detail from audit where action like '%figures%'")
    assert seen == [
        {
            "action": "staff:figures:list",
            "detail": {"figure": "visit", "patients": [ids["p2"]]},
        }
    ]
    await table(desk, url.replace("/rows?", "/rows.csv?"))
    assert (
        await house.value("select count(*) from audit where action = 'staff:figures:export'") == 1
    )


async def test_a_doctor_gets_own_visits_and_no_name_of_who_is_no_own_patient(
    house: House, sign_in: SignIn
) -> None:
    ids = await clinic(house)
    doctor = await house.staff("佐藤 医師", Role.DOCTOR)
    await house.rows("update resource set staff_id = $2 where id = $1", ids["own"], doctor.id)
    # A patient of whom this doctor has nothing but a visit that was called off.
    stranger = await house.patient("見知らぬ人")
    today = await house.value(f"select (now() at time zone '{ZONE}')::date")
    await house.visit(stranger, ids["own"], at="18:00", on=today, status="cancelled")
    theirs = await sign_in(doctor)
    page = await theirs.read("/figures/rows?figure=visit&period=months_3", headers=ENGLISH)
    assert "患者2" in page
    assert "患者5" not in page
    assert "見知らぬ人" not in page
    assert "No patient of yours" in page
    assert "Write to these patients" not in page
    other = f"/figures/rows?figure=visit&period=months_3&doctor={ids['other']}"
    for path in (other, other + "&lacking=doctor", other.replace("rows?", "rows.csv?")):
        assert "患者5" not in await theirs.read(path)
    for figure in ("source", "reply", "answer", "alert", "left"):
        assert (await theirs.get(f"/figures/rows?figure={figure}")).status == 403, figure
        assert (await theirs.get(f"/figures/rows.csv?figure={figure}")).status == 403, figure
    assert (await theirs.post("/figures/rows/write?figure=visit")).status == 403
    assert await house.value(
        "select bool_and(not (detail -> 'patients') @> to_jsonb($1::bigint)) from audit "
        "where action like 'staff:figures:%'",
        ids["p5"],
    )


async def test_no_address_says_what_staff_wrote_of_where_a_patient_came_from(
    house: House, desk: Browser
) -> None:
    await clinic(house)
    page = await desk.read("/figures/patients?period=this_month", headers=ENGLISH)
    told = [one for one in numbers(page) if "kind=told" in unquote(one[0])]
    assert [n for _, n in told] == [1]
    assert not [url for url, _ in numbers(page) if "山田" in unquote(url)]
    found = await desk.read(told[0][0])
    assert "患者0" in found
    assert "患者1" not in found
    assert "山田さんの紹介" in found  # as a heading
    assert "山田" not in str(await house.rows("select detail from audit"))


async def test_what_is_unknown_finds_nothing_and_strange_questions_are_answered(
    house: House, desk: Browser
) -> None:
    await clinic(house)
    for query in ("figure=source&kind=told:0000", "figure=visit&kind=x", "figure=left&kind=a.b"):
        page = await desk.read(f"/figures/rows?period=months_3&{query}", headers=ENGLISH)
        assert "Nobody is behind this number" in page
        assert 'data-whole="0"' in page
    for query in (
        "figure=visit&kind=,,&doctor=x&service=-1&chapter=Z&lacking=q&from=-1",
        "figure=kept&kind=back&lacking=chapter&by=service",
        "figure=reply&lacking=service",
        "figure=visit&from=99999",
    ):
        assert (await desk.get(f"/figures/rows?{query}")).status == 200, query
    for path in ("rows?figure=", "rows?figure=points", "rows.csv?figure=x"):
        assert (await desk.get(f"/figures/{path}")).status == 404, path


async def test_pages_keep_who_was_ticked_and_a_message_is_begun_for_them(
    house: House, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await clinic(house)
    monkeypatch.setattr("admin.figures.rows.LISTED_AT_MOST", 2)
    defaults: Any = {"most": 2, "offset": 0, "export": False}
    monkeypatch.setattr(
        "clinic.staff.access.figure_rows.access_behind.__kwdefaults__", defaults, raising=False
    )
    url = f"/figures/rows?figure=visit&period=months_3&doctor={ids['own']}"
    first = await desk.read(url, headers=ENGLISH)
    assert "&amp;from=2" in first
    fields = {"csrf": desk.csrf, "patient": str(ids["p2"])}
    second = await desk.send(f"{url}&from=4", fields, ENGLISH)
    text = await second.text()
    assert f'type="hidden" name="patient" value="{ids["p2"]}"' in text
    assert "&amp;from=2" in text
    made = await desk.send(url.replace("/rows?", "/rows/write?"), {**fields, "template": "lapse"})
    assert made.status == 303
    assert (await desk.get(made.headers["Location"])).status == 200
    audience = "select audience from campaign order by id desc limit 1"
    assert await house.value(audience) == {"patients": [ids["p2"]]}
    await desk.post(url.replace("/rows?", "/rows/write?"), template="lapse")  # everybody
    told = await house.value(audience)
    assert told == {"patients": [ids[f"p{number}"] for number in range(5)]}
    nobody = await desk.post("/figures/rows/write?figure=visit&kind=x", template="lapse")
    assert nobody.status == 422
    assert (await desk.post("/figures/rows/write?figure=left", template="lapse")).status == 404


async def test_a_file_has_no_formula_from_a_name(house: House, desk: Browser) -> None:
    ids = await clinic(house)
    await house.rows("update patient set name = '=1+1' where id = $1", ids["p2"])
    rows = await table(desk, "/figures/rows.csv?figure=visit&kind=missed&period=months_3")
    assert "'=1+1" in {one["Patient"] for one in rows}
    assert {one["What"] for one in rows} == {"Did not come"}
