"""A patient hears at once of a visit that a program booked, moved or cancelled."""

import pytest

from clinic.message.service import open_message
from tests.integration.api.house import House

pytestmark = pytest.mark.server


async def test_a_visit_moved_by_the_api_was_told_to_nobody(house: House) -> None:
    patient = await house.reachable()
    booked = await house.good("POST", "/appointments", {"patient": patient, **await house.slot(0)})
    path = f"/appointments/{booked['id']}"
    later = (await house.slot(3))["starts_at"]
    body = {"version": booked["version"], "starts_at": later}
    moved = await house.good("POST", f"{path}/move", body)
    await house.good("POST", f"{path}/cancel", {"version": moved["version"]})
    rows = await house.rows(
        """select key, content, purpose, consent_purpose, appointment_version
           from outbox order by id"""
    )
    keys = house.env.keys
    told = [open_message(keys, row["key"], row["content"]) for row in rows]
    assert len(told) == 3
    assert [len(one.buttons) for one in told] == [3, 3, 0]
    assert {(row["purpose"], row["consent_purpose"]) for row in rows} == {("reminder", "reminders")}
    assert [row["appointment_version"] for row in rows] == [
        booked["version"],
        moved["version"],
        None,
    ]
    assert await house.value("select count(*) from task") == 0


async def test_a_repeated_call_tells_the_patient_once(house: House) -> None:
    patient = await house.reachable()
    body = {"patient": patient, **await house.slot(0)}
    for _ in range(3):
        await house.call("POST", "/appointments", body, once="one-and-the-same")
    assert await house.value("select count(*) from outbox") == 1


async def test_who_cannot_be_told_is_on_the_call_list(house: House) -> None:
    booked = await house.booked()
    await house.good("POST", f"/appointments/{booked['id']}/cancel", {"version": booked["version"]})
    rows = await house.rows("select kind, detail ->> 'reason' as reason from task order by id")
    assert [tuple(row.values()) for row in rows] == [
        ("call", "visit_booked"),
        ("call", "visit_cancelled"),
    ]
    assert await house.value("select count(*) from outbox") == 0


async def test_what_was_refused_is_told_to_nobody(house: House) -> None:
    patient = await house.reachable()
    await house.booked()
    body = {"patient": patient, **await house.slot(0), "starts_at": "2020-01-06T09:00:00+09:00"}
    assert (await house.call("POST", "/appointments", body)).status == 409
    assert await house.value("select count(*) from outbox") == 0


async def test_an_agreement_to_an_older_notice_went_on_and_no_rule_said_so(house: House) -> None:
    """It holds for what it covered, until the patient takes it back; see docs/operations.md."""
    patient = await house.reachable()
    await house.rows("update chat_account set consent_version = '0' returning id")
    body = {"patient": patient, **await house.slot(0)}
    booked = await house.good("POST", "/appointments", body)
    assert await house.value("select count(*) from outbox") == 1
    # Not for what needs a yes of its own, and not after a no.
    said = {"patient": patient, "text": "Offers", "purpose": "marketing"}
    assert await house.refused("POST", "/messages", said) == (409, "left_out")
    await house.rows(
        """insert into consent (account_id, purpose, notice_version, given)
           select id, 'reminders', '1', false from chat_account returning id"""
    )
    later = {"version": booked["version"], "starts_at": (await house.slot(3))["starts_at"]}
    await house.good("POST", f"/appointments/{booked['id']}/move", later)
    assert await house.value("select count(*) from outbox") == 1
    assert await house.value("select detail ->> 'reason' from task") == "visit_moved"
