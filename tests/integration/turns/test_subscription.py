"""What a patient chooses in the chat holds from the next message on, and for what waits already."""

import pytest

from clinic.message.service import Outgoing, enqueue
from clinic.message.types import DeliveryClass, Message
from clinic.policy.service import judge
from clinic.policy.types import Go, LeftOut, Purpose, Wanted
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server


@pytest.fixture
async def patient(rig: Rig) -> Patient:
    policy = rig.env.settings.policy.model_copy(update={"quiet_hours": ("00:00", "00:00")})
    settings = rig.env.settings.model_copy(update={"policy": policy})
    object.__setattr__(rig.env, "settings", settings)
    patient = rig.patient()
    await patient.comes_in()
    await rig.execute(
        """with p as (insert into patient (key, name) values (gen_random_uuid(), 'x') returning id)
           insert into link (account_id, patient_id, relation, proof)
           select $1, id, 'self', 'code' from p""",
        patient.account_id,
    )
    return patient


async def goes(rig: Rig, purpose: Purpose) -> bool:
    """Whether the next campaign of a purpose would reach the patient."""
    async with rig.env.database.transaction() as tx:
        (one,) = [row["id"] for row in await tx.fetch("select id from patient")]
        now = await tx.fetchval("select now()")
        wanted = Wanted(purpose, "education")
        decision = (await judge(tx, rig.env.settings, rig.env.zone, [one], wanted, now))[one]
    assert isinstance(decision, Go) or decision == LeftOut("no_consent")
    return isinstance(decision, Go)


async def queue(rig: Rig, patient: Patient, purpose: Purpose) -> None:
    async with rig.env.database.transaction() as tx:
        about = await tx.fetchval("select id from patient")
        await enqueue(
            tx,
            rig.env.keys,
            Outgoing(
                account_id=patient.account_id,
                message=Message("Wash your hands", "en"),
                dedup_key=f"test:{purpose}",
                purpose="education",
                delivery_class=DeliveryClass.MUST_ARRIVE,  # the gate is the same for all
                consent_purpose=purpose,
                patient_id=about,
            ),
        )


async def test_each_kind_is_turned_on_and_off_and_what_waits_is_stopped(
    rig: Rig, patient: Patient
) -> None:
    assert await goes(rig, "education")
    assert not await goes(rig, "marketing")
    await queue(rig, patient, "education")
    await patient.says("menu")
    assert "Which messages" in await patient.presses("Choose messages")
    assert "no more health tips" in await patient.presses("Stop health tips")
    assert "news of our clinic" in await patient.presses("Get clinic news")
    assert not await goes(rig, "education")
    assert await goes(rig, "marketing")
    for _ in range(2):
        await rig.sender.sweep()
    assert await rig.rows("select state, reason from outbox where purpose = 'education'") == [
        ("skipped", "no_consent")
    ]
    said = await rig.rows("select purpose, given from consent order by id")
    assert said == [("messages", True), ("education", False), ("marketing", True)]
    await patient.presses("Get health tips")
    assert await goes(rig, "education")
    await patient.says("stop")
    await patient.says("start")
    assert await goes(rig, "education")
    assert not await goes(rig, "marketing"), "a yes to news has to be given anew"
