"""What the database tells the policy of patients, their chats and what they got lately."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.config import Settings
from clinic.consent.service import covered, record, stop
from clinic.crypto import KeyRing
from clinic.db import Database, Tx
from clinic.ids import new_key
from clinic.policy.service import judge
from clinic.policy.types import Decision, Go, Later, LeftOut, Purpose, Wanted
from clinic.record.merge import merge

pytestmark = pytest.mark.server
ZONE = ZoneInfo("Asia/Tokyo")
SETTINGS = Settings()
KEYS = KeyRing({1: bytes(32)})
PLAN = Wanted("care", "plan")


class Ward:
    """Patients and their chats, in one transaction that is never committed."""

    def __init__(self, tx: Tx, now: datetime) -> None:
        self.tx = tx
        self.now = now.astimezone(ZONE).replace(hour=12, minute=0, second=0, microsecond=0)

    async def row(self, table: str, **values: Any) -> int:
        places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        found: int = await self.tx.fetchval(
            f"insert into {table} ({', '.join(values)}) values ({places}) returning id",
            *values.values(),
        )
        return found

    async def patient(self, **values: Any) -> int:
        return await self.row("patient", key=new_key(), name="花子", **values)

    async def chat(
        self,
        *patients: int,
        channel: str = "line",
        relation: str = "self",
        proof: str = "code",
        **values: Any,
    ) -> int:
        given = {"consent_version": "1", **values}
        account = await self.row(
            "chat_account", channel=channel, address_index=new_key().hex, address=b"", **given
        )
        for patient in patients:
            await self.row(
                "link", account_id=account, patient_id=patient, relation=relation, proof=proof
            )
        return account

    async def sent(self, patient: int, account: int, days_ago: float, **values: Any) -> int:
        at = self.now - timedelta(days=days_ago)
        told = {"state": "sent", "settled_at": at, "purpose": "plan", "priority": 3, **values}
        return await self.row(
            "outbox",
            key=new_key(),
            dedup_key=new_key().hex,
            account_id=account,
            patient_id=patient,
            consent_purpose="care",
            delivery_class="campaign",
            content=b"",
            send_at=at,
            useful_until=at,
            created_at=at,
            **told,
        )

    async def judge(self, patient: int, what: Wanted = PLAN) -> Decision:
        found = await judge(self.tx, SETTINGS, ZONE, [patient], what, self.now)
        return found[patient]


@pytest.fixture
async def ward(database_url: str) -> AsyncIterator[Ward]:
    database = await Database.open(database_url, connections=1)
    async with database.transaction() as tx:
        yield Ward(tx, await tx.fetchval("select now()"))
    await database.close()


async def test_every_patient_is_judged_also_one_who_is_not_there(ward: Ward) -> None:
    one, alone = await ward.patient(language="ru"), await ward.patient()
    account = await ward.chat(one)
    merged = await ward.patient(merged_into_id=one)
    asked = [one, alone, merged, 10**9, one]
    assert await judge(ward.tx, SETTINGS, ZONE, asked, PLAN, ward.now) == {
        one: Go(account, "line", "ru", 0),
        alone: LeftOut("no_chat"),
        merged: LeftOut("erased"),
        10**9: LeftOut("erased"),
    }


async def test_who_moved_is_ours_again_when_seen_again(ward: Ward) -> None:
    patient = await ward.patient(moved_on=ward.now.date())
    await ward.chat(patient)
    assert await ward.judge(patient) == LeftOut("moved")
    await ward.tx.execute(
        "insert into patient_summary (patient_id, last_visit_on) values ($1, $2)",
        patient,
        ward.now.date() + timedelta(1),
    )
    assert isinstance(await ward.judge(patient), Go)


async def test_the_patients_preference_is_heard(ward: Ward) -> None:
    patient = await ward.patient()
    line, mail = await ward.chat(patient), await ward.chat(patient, channel="email")
    assert (await ward.judge(patient)).account_id == line
    await ward.row("contact_preference", patient_id=patient, channel="email")
    assert (await ward.judge(patient)).account_id == mail
    await ward.tx.execute("update contact_preference set no_greetings = true")
    greeting = Wanted("education", "greeting")
    assert await ward.judge(patient, greeting) == LeftOut("no_greetings")
    await ward.tx.execute("update contact_preference set call_only = true")
    assert await ward.judge(patient) == LeftOut("call_only")


async def test_a_link_counts_if_it_was_proven_or_made_the_patient_up_or_booked(
    ward: Ward,
) -> None:
    ours, unknown = await ward.patient(), await ward.patient(provisional=True)
    stranger = await ward.chat(ours, unknown, relation="child", proof="none")
    assert await ward.judge(ours) == LeftOut("no_chat")
    assert (await ward.judge(unknown)).account_id == stranger
    booked = Wanted("reminders", "reminder", first={ours: stranger})
    assert (await ward.judge(ours, booked)).account_id == stranger
    await ward.tx.execute("update link set ended_at = now()")
    assert await ward.judge(ours, booked) == LeftOut("no_chat")


async def test_the_newest_word_on_a_purpose_counts_for_that_chat(ward: Ward) -> None:
    patient = await ward.patient()
    account, other = await ward.chat(patient), await ward.chat()
    offer = Wanted("marketing", "marketing")
    assert await ward.judge(patient, offer) == LeftOut("no_consent")
    await record(ward.tx, other, "marketing", "1", given=True)
    assert await ward.judge(patient, offer) == LeftOut("no_consent")
    for given in (True, False, True):
        await record(ward.tx, account, "marketing", "1", given=given)
        assert isinstance(await ward.judge(patient, offer), Go) is given
    assert await covered(ward.tx, account) == ("care", "reminders", "education", "marketing")
    await record(ward.tx, account, "education", "1", given=False)
    assert await ward.judge(patient, Wanted("education", "education")) == LeftOut("no_consent")
    assert isinstance(await ward.judge(patient), Go)


async def test_after_stop_a_yes_to_news_has_to_be_given_anew(ward: Ward) -> None:
    patient = await ward.patient()
    account = await ward.chat(patient)
    await record(ward.tx, account, "marketing", "1", given=True)
    await stop(ward.tx, account, "1")
    assert await ward.judge(patient) == LeftOut("opted_out")
    await ward.tx.execute("update chat_account set opted_out_at = null")
    assert isinstance(await ward.judge(patient), Go)
    assert await ward.judge(patient, Wanted("marketing", "marketing")) == LeftOut("no_consent")


async def test_an_emergency_of_one_keeps_nothing_from_the_rest_of_the_family(ward: Ward) -> None:
    child, mother = await ward.patient(), await ward.patient()
    account = await ward.chat(mother, child)
    talk = await ward.row("conversation", account_id=account)
    case = await ward.row(
        "escalation",
        key=new_key(),
        conversation_id=talk,
        patient_id=child,
        source="red_flag",
        rule="chest_pain",
        level=4,
    )
    assert isinstance(await ward.judge(child), Later)
    assert isinstance(await ward.judge(mother), Go)
    await ward.tx.execute("update escalation set patient_id = null")  # nobody knows whose
    assert isinstance(await ward.judge(mother), Later)
    await ward.tx.execute(
        "update escalation set state = 'closed', disposition = 'called' where id = $1", case
    )
    assert isinstance(await ward.judge(mother), Go)


async def test_who_has_a_visit_coming_is_not_called_back(ward: Ward) -> None:
    patient = await ward.patient()
    await ward.chat(patient)
    recall = Wanted("care", "plan", unless_visit=True)
    run = await ward.tx.fetchval(
        """insert into import_run (key, kind, state, digest, size, name)
           values ($1, 'table', 'committed', 'd', 1, '') returning id""",
        new_key(),
    )
    source = await ward.row(
        "source_record",
        run_id=run,
        patient_id=patient,
        key="k",
        digest="d",
        setting="outpatient",
    )
    await ward.row(
        "outside_appointment",
        record_id=source,
        patient_id=patient,
        key="k",
        starts_at=ward.now + timedelta(days=3),
        status="booked",
    )
    assert await ward.judge(patient, recall) == LeftOut("has_visit")
    assert isinstance(await ward.judge(patient), Go)
    await ward.tx.execute("update source_record set replaced_by_id = $1", run)
    assert isinstance(await ward.judge(patient, recall), Go)


@pytest.mark.parametrize(
    ("states", "go"),
    [
        ([{}, {}, {}, {}, {}], False),
        ([{}, {}, {}, {}], True),
        ([{}, {}, {}, {}, {"state": "refused"}], True),
        ([{}, {}, {}, {}, {"state": "skipped"}], True),
        ([{}, {}, {}, {}, {"state": "unknown"}], False),
        ([{}, {}, {}, {}, {"state": "pending", "settled_at": None}], False),
    ],
)
async def test_a_week_counts_what_went_and_what_is_to_go(
    ward: Ward, states: list[dict[str, Any]], go: bool
) -> None:
    patient, other = await ward.patient(), await ward.patient()
    account = await ward.chat(patient, other)
    for n, values in enumerate(states):
        await ward.sent(patient, account, 1.5 + n, **values)
    decision = await ward.judge(patient)
    assert isinstance(decision, Go if go else Later)
    if not go:
        assert decision == Later(ward.now + timedelta(days=1.5), "too_often")
    assert isinstance(await ward.judge(other), Go)
    assert isinstance(await ward.judge(patient, Wanted("reminders", "reminder")), Go)


async def test_what_went_to_many_in_one_call_counts_for_each(ward: Ward) -> None:
    patient = await ward.patient()
    account = await ward.chat(patient)
    for n in range(2):
        chunk = await ward.row(
            "chunk",
            key=new_key(),
            channel="line",
            purpose="education",
            consent_purpose="education",
            priority=4,
            content=b"",
            state="sent",
            send_at=ward.now - timedelta(hours=1),
            settled_at=ward.now - timedelta(hours=1),
            useful_until=ward.now,
        )
        campaign = await ward.row(
            "campaign",
            key=new_key(),
            name=str(n),
            kind="season",
            purpose="education",
            audience={},
            trigger={},
            content={},
        )
        await ward.row(
            "recipient",
            campaign_id=campaign,
            patient_id=patient,
            occurrence="once",
            due_at=ward.now,
            useful_until=ward.now,
            state="sent",
            account_id=account,
            chunk_id=chunk,
        )
    assert await ward.judge(patient) == Later(
        (ward.now + timedelta(days=1)).replace(hour=8), "too_often"
    )


@pytest.mark.parametrize("purpose", ["care", "education"])
async def test_one_statement_judges_a_thousand(ward: Ward, purpose: Purpose) -> None:
    await ward.tx.execute(
        """with p as (insert into patient (key, name)
             select gen_random_uuid(), n::text from generate_series(1, 1000) n returning id),
           a as (insert into chat_account (channel, address_index, address, consent_version)
             select 'line', id::text, '', '1' from p returning id, address_index)
           insert into link (account_id, patient_id, relation, proof)
           select id, address_index::bigint, 'self', 'code' from a"""
    )
    ids = [row["id"] for row in await ward.tx.fetch("select id from patient")]
    found = await judge(ward.tx, SETTINGS, ZONE, ids, Wanted(purpose, "plan"), ward.now)
    assert len(found) == 1000
    assert all(isinstance(one, Go) for one in found.values())


async def test_two_records_of_one_person_join_though_both_have_a_preference(ward: Ward) -> None:
    kept, lost, other = await ward.patient(), await ward.patient(), await ward.patient()
    for patient, channel in ((kept, "line"), (lost, "sms")):
        await ward.row("contact_preference", patient_id=patient, channel=channel)
    assert isinstance(await merge(ward.tx, KEYS, kept, lost, None), int)
    assert isinstance(await merge(ward.tx, KEYS, other, kept, None), int)
    rows = await ward.tx.fetch("select patient_id, channel from contact_preference order by id")
    assert [tuple(row.values()) for row in rows] == [(other, "line"), (lost, "sms")]


@pytest.mark.parametrize("zone", [None, "America/New_York", "Nowhere"])
async def test_who_lives_elsewhere_is_not_written_to_at_their_night(
    ward: Ward, zone: str | None
) -> None:
    patient = await ward.patient(zone=zone)
    await ward.chat(patient)
    decision = await ward.judge(patient)  # at noon in Tokyo: 22:00 or 23:00 in New York
    if zone != "America/New_York":
        assert isinstance(decision, Go)
    else:
        there = ward.now.astimezone(ZoneInfo(zone))
        morning = (there + timedelta(days=1)).replace(hour=8, minute=0)
        assert decision == Later(morning, "quiet_hours")
