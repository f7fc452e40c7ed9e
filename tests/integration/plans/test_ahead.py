"""A patient looks at what comes next, is called, or ends a plan, by the real runner."""

from typing import Any

import pytest

from tests.integration.plans.test_chat import patient
from tests.integration.plans.test_enrolling import EVERYBODY, looked, seen
from tests.integration.plans.ward import Ward, form, step
from tests.integration.turns.rig import Patient

pytestmark = pytest.mark.server
__all__ = ["patient"]


async def enrolled(ward: Ward, *steps: dict[str, Any], **fields: Any) -> int:
    """The patient of the chat is in a plan of these steps; the plan's id."""
    record = await ward.value("select max(id) from patient")
    return await ward.enrol(await ward.definition(*steps, **fields), record)


async def looks(patient: Patient) -> str:
    await patient.says("menu")
    return await patient.presses("What comes next")


def labels(patient: Patient) -> list[str]:
    return [button.label for button in patient.shown[-1].buttons]


async def test_what_comes_is_told_without_titles_texts_and_what_staff_do(
    ward: Ward, patient: Patient
) -> None:
    await enrolled(
        ward,
        step("word", days=3, at="10:00"),
        form("asked", days=5, at="10:00", repeat={"times": 3, "every": 7}),
        step("ring", "call", days=2),
        step("paper", "document", days=2),
        title={**dict.fromkeys(("en", "ja", "zh-Hant", "zh-Hans", "ru"), "Diabetes")},
    )
    told = await looks(patient)
    assert "What comes next for Maria Ito:" in told
    assert told.count("10:00: a message from us") == 1
    assert told.count("10:00: some questions from us, then 2 more times until") == 1
    assert "00:00" not in told
    assert "Diabetes" not in told
    assert "Hello" not in told


async def test_what_was_sent_has_ended_or_waits_for_staff_is_not_told(
    ward: Ward, patient: Patient
) -> None:
    plan = await enrolled(ward, step("one", days=2), step("two", days=3), step("three", days=4))
    for name, state in (("one", "asked"), ("two", "skipped"), ("three", "to_decide")):
        await ward.execute(
            "update care_plan_activity set state = $3 where plan_id = $1 and step = $2",
            plan,
            name,
            state,
        )
    assert "Nothing is planned" in await looks(patient)


@pytest.mark.parametrize(
    "change",
    [
        "update link set proof = 'none' where proof = 'code'",
        "update link set ended_at = now()",
        "update care_plan set state = 'completed'",
    ],
)
async def test_nothing_is_told_of_a_record_that_is_not_proven_or_a_plan_that_is_over(
    ward: Ward, patient: Patient, change: str
) -> None:
    await enrolled(ward, step(days=3))
    await ward.execute(change)
    assert "Nothing is planned" in await looks(patient)


async def test_each_person_the_chat_speaks_for_is_told_by_name(
    ward: Ward, patient: Patient
) -> None:
    await enrolled(ward, step(days=3), code="first")
    child = await ward.patient(name="Ken Ito")
    await ward.execute(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'child', 'code')""",
        patient.account_id,
        child,
    )
    await ward.enrol(await ward.definition(step(days=9), code="second"), child)
    told = await looks(patient)
    assert "1. Maria Ito: next on" in told
    assert "2. Ken Ito: next on" in told
    assert "What comes next for Ken Ito:" in await patient.presses("2. Ken Ito")


async def test_a_call_is_one_task_however_often_it_is_asked_for(
    ward: Ward, patient: Patient
) -> None:
    plan = await enrolled(ward, step(days=3))
    for _ in range(2):
        await looks(patient)
        assert "We will call you about Maria Ito" in await patient.presses("Please call me")
    tasks = "select kind, detail ->> 'reason', (detail ->> 'plan')::bigint from task"
    assert await ward.rows(tasks) == [("call", "plan_call_me", plan)]
    await ward.execute("update task set state = 'closed', closed_at = now()")
    await looks(patient)
    await patient.presses("Please call me")
    assert await ward.value("select count(*) from task where state = 'open'") == 1


async def test_a_plan_ends_after_a_yes_and_staff_are_told(ward: Ward, patient: Patient) -> None:
    await enrolled(ward, step(days=3))
    await looks(patient)
    await patient.presses("Stop these messages")
    assert await ward.value("select state from care_plan") == "active"
    assert "have stopped" in await patient.presses("Yes, stop")
    ends = "select state, reason from care_plan"
    assert await ward.rows(ends) == [("revoked", "patient_wish")]
    assert await ward.ends() == [("ask", "cancelled", "patient_wish")]
    tasks = "select kind, detail ->> 'reason' from task"
    assert await ward.rows(tasks) == [("plan_alert", "plan_stopped_by_patient")]
    assert "Nothing is planned" in await looks(patient)


async def test_what_a_plan_does_not_offer_is_not_there(ward: Ward, patient: Patient) -> None:
    await enrolled(ward, step(days=3), offers=[])
    await looks(patient)
    assert not {"Please call me", "Stop these messages"} & set(labels(patient))


async def test_a_plan_that_ended_meanwhile_is_said_to_be_over(ward: Ward, patient: Patient) -> None:
    await enrolled(ward, step(days=3))
    await looks(patient)
    await ward.execute("update care_plan set state = 'completed'")
    assert "This is over already" in await patient.presses("Please call me")
    assert await ward.value("select count(*) from task") == 0


async def test_who_ended_a_plan_is_not_enrolled_again_by_rule(ward: Ward) -> None:
    await ward.definition(step(days=3), applies={"filter": EVERYBODY})
    record = await ward.patient()
    await seen(ward, record, ago=3)
    assert len(await looked(ward)) == 1
    await ward.execute("update care_plan set state = 'revoked', reason = 'patient_wish'")
    await seen(ward, record, ago=1)
    assert len(await looked(ward)) == 1
    await ward.execute("update care_plan set reason = 'mistake'")
    assert len(await looked(ward)) == 2
