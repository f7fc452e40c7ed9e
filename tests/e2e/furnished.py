"""A clinic in which every page of the panel has something to show."""

import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import BinaryIO, cast

from clinic.booking.demo import seed
from clinic.campaign import service as campaigns
from clinic.campaign.shelf import shelf
from clinic.campaign.types import Campaign
from clinic.cohort import service as cohorts
from clinic.cohort.types import USUAL_ARMS, USUAL_ROUNDS, Draft
from clinic.faq.own import note_unanswered
from clinic.figures.recompute import months_known, recompute
from clinic.importer import runs, service
from clinic.importer.archive import sources
from clinic.importer.source import Source
from clinic.lapse.service import install as install_groups
from clinic.segment import service as segments
from clinic.segment.read import read_text
from clinic.segment.types import Criterion
from clinic.staff.types import Role, Staff
from clinic.webhook import service as webhooks
from clinic.webhook.types import Wanted
from tests.integration.admin.house import KEYS, SETTINGS, House
from tests.integration.admin.papers import paper
from tests.integration.admin.runs import run_of
from tests.unit.clinic.importer.uke.making import EXAMPLE

ZONE = "Asia/Tokyo"
RECEIPTS = EXAMPLE.encode("cp932")
# The same chart number, born on another day: somebody has to say who that is.
SOMEBODY_ELSE = EXAMPLE.replace("19600115", "19700115").replace("202607", "202606").encode("cp932")
LIST = "番号,お名前,生年月日,携帯電話\n7,田中 花子,1980-02-03,090-1234-5678\n".encode()


async def furnished(house: House, doctor: Staff) -> dict[str, int | str]:
    """Furnish an empty clinic. What stands in addresses: the names of parameters, with one of each.

    `doctor` sees the patient all of this is about, and is no admin.
    """
    async with house.database.transaction() as tx:
        today = await tx.fetchval("select (now() at time zone 'Asia/Tokyo')::date")
        await seed(tx, KEYS, SETTINGS, today)
        await install_groups(tx)
    chief = await house.staff("鈴木 院長", Role.ADMIN)
    patient: int = await house.value("select min(id) from patient")
    there: dict[str, int | str] = {"patient": patient, "topic": "today"}
    there |= await _seen(house, doctor, patient)
    there |= await _talked(house, patient)
    there |= await house.care_plan(patient)
    there |= await paper(house, patient, "手術の説明をお読みください。")
    there |= await _brought(house, chief)
    there |= await _written(house, chief, patient)
    there |= await _lapsed(house)
    async with house.database.transaction() as tx:
        for month in await months_known(tx, ZONE):
            await recompute(tx, KEYS, month, ZONE)
    return there


async def open_monday(house: House) -> date:
    """The first Monday after the week to come, of which the demonstration clinic's visits are, that
    is no holiday."""
    today: date = await house.value("select (now() at time zone 'Asia/Tokyo')::date")
    on = today + timedelta(days=14 - today.weekday())
    while await house.value(
        "select exists (select from schedule_exception where on_date = $1)", on
    ):
        on += timedelta(days=7)
    return on


async def _seen(house: House, doctor: Staff, patient: int) -> Mapping[str, int]:
    """Visits of today, results, readings: what one sees of a patient at the clinic."""
    practitioner = await house.practitioner("佐藤 太郎", doctor)
    room = await house.room("1診")
    visit = await house.visit(patient, practitioner, room, at="00:30", status="arrived")
    # Begun at any time of the day, so that a page shows the same at every hour.
    booked = await house.visit(patient, practitioner, room, at="00:00")
    form = (await house.forms())["phq_9"]
    for days_ago in (40, 3):
        response = await house.response(
            patient, form, {"interest": 2, "mood": 1}, days_ago=days_ago
        )
    await house.rows(
        """insert into observation (patient_id, kind, value, second, unit, source, measured_at)
           select $1, 'blood_pressure', 130 + n, 80, 'mmHg', 'staff',
             now() - make_interval(days => n) from generate_series(1, 9) n""",
        patient,
    )
    return {
        "practitioner": practitioner,
        "resource": await house.practitioner("高橋 一郎"),  # has no visits
        "visit": visit,
        "booked": booked,
        "service": await house.value("select min(id) from service"),
        "site": await house.value("select min(id) from site"),
        "questionnaire": form,
        "response": response,
    }


async def _talked(house: House, patient: int) -> Mapping[str, int]:
    """A chat that waits for an answer, and what came of it."""
    talk = await house.conversation(patient, said="胸が痛いです", owner="queue", waiting=12)
    account = await house.value("select account_id from conversation where id = $1", talk)
    await house.rows(
        "update chat_account set consent_version = '2.1', language = 'ja' where id = $1", account
    )
    for state, reason in (("sent", None), ("refused", "status 400"), ("pending", None)):
        await house.tell(talk, "お待ちください", state, reason)
    async with house.database.transaction() as tx:
        await note_unanswered(tx, KEYS, account, "ja", "unsure", "way", None)
    stranger = await house.conversation(said="はじめまして", display_name="Hanako")
    for kind in ("call", "flow_error", "undelivered"):
        await house.task(kind, patient=patient, conversation=talk)
    return {
        "conversation": talk,
        "escalation": await house.escalation(talk, said="胸が痛い", patient=patient),
        "task": await house.task("link_request", conversation=stranger, note={"name": "山田"}),
        "triage": await run_of(house, talk, patient, severity=1),
        "review": await house.review(talk),
        "own": await house.value("select min(id) from faq_topic"),
    }


async def _brought(house: House, chief: Staff) -> Mapping[str, int]:
    """Files that were imported: one doubt, and a list whose columns are to be looked at."""
    await _bring(house, chief, "RECEIPTC.UKE", RECEIPTS, commit=True)
    await _bring(house, chief, "OTHER.UKE", SOMEBODY_ELSE, commit=True)
    return {
        "run": await _bring(house, chief, "list.csv", LIST, commit=False),
        "doubt": await house.value("select max(id) from match_review"),
        "other": await house.value("select id from patient where chart = '00042'"),
    }


async def _bring(house: House, chief: Staff, name: str, content: bytes, *, commit: bool) -> int:
    def opened() -> BinaryIO:
        return io.BytesIO(content)

    (source,) = sources(opened, name)
    run, _ = await runs.upload(house.database, KEYS, cast(Source, source), chief.id)
    await service.carry_out(house.database, KEYS, SETTINGS, run)
    if commit:
        async with house.database.transaction() as tx:
            await runs.request_commit(tx, run, chief.id)
        assert await service.carry_out(house.database, KEYS, SETTINGS, run) == "committed"
    return run


async def _written(house: House, chief: Staff, patient: int) -> Mapping[str, int]:
    """What staff made: a campaign that has gone out, a filter, a cohort, an endpoint."""
    tree = read_text('{"field": "lapse", "op": "any", "value": ["lapsed"]}')
    assert isinstance(tree, Criterion)
    async with house.database.transaction() as tx:
        now = await tx.fetchval("select now()")
        draft = shelf()["birthday"].draft(
            "ja", now, SETTINGS.clinic.languages, SETTINGS.clinic.country
        )
        campaign = await campaigns.create(tx, draft, chief.id)
        assert isinstance(campaign, Campaign)
        await segments.save(tx, "離脱した患者", tree, chief.id)
        cohort = await cohorts.create(tx, Draft("心不全", USUAL_ARMS, USUAL_ROUNDS), chief.id)
        assert isinstance(cohort, int)
        told = Wanted("予定表", "https://example.com/in", ("appointment.booked",))
        endpoint, _ = await webhooks.add(tx, KEYS, told)
    await house.rows(
        """insert into recipient (campaign_id, patient_id, occurrence, due_at, useful_until, state,
             reason, settled_at)
           select $1, id, '2026', now(), now(),
             case when id = $2 then 'sent' else 'skipped' end,
             case when id = $2 then null else 'no_chat' end, now() from patient""",
        campaign.id,
        patient,
    )
    await house.rows(
        """insert into cohort_member (key, cohort_id, patient_id, arm, enrolled_on)
           select gen_random_uuid(), $1, $2, arms->>0, current_date from cohort where id = $1""",
        cohort,
        patient,
    )
    await house.rows(
        """insert into waitlist_entry (patient_id, service_id, from_on, until_on)
           select $1, min(id), current_date, current_date + 20 from service""",
        patient,
    )
    segment = await house.value("select min(id) from segment")
    return {"campaign": campaign.id, "cohort": cohort, "endpoint": endpoint, "segment": segment}


async def _lapsed(house: House) -> Mapping[str, int]:
    """Somebody with a chat who has not come for long, and the group of those."""
    lapsed = await house.value("select id from patient where chart = '10007'")
    talk = await house.conversation(lapsed)
    await house.rows(
        """update chat_account a set consent_version = '2.1', language = 'ru'
           from conversation c where c.account_id = a.id and c.id = $1""",
        talk,
    )
    await house.rows(
        """insert into patient_summary (patient_id, last_visit_on, visit_count)
           values ($1, current_date - 200, 3) on conflict (patient_id) do nothing""",
        lapsed,
    )
    group = await house.value(
        """insert into lapse (patient_id, group_id, state, last_visit_on, expected_on, at_risk_on,
             lapsed_on, reason)
           select $1, id, 'lapsed', current_date - 200, current_date - 140, current_date - 130,
             current_date - 80, '{"key": "months", "months": 2}'
           from care_group where code = 'cpap' returning group_id""",
        lapsed,
    )
    return {"lapsed": lapsed, "group": group}
