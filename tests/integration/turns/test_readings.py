"""Readings typed into the chat: kept after a yes, judged with the record, seen by people."""

from datetime import timedelta

from clinic.observation.service import answered_since
from tests.integration.turns.rig import Patient, Rig


async def known(rig: Rig, *, proof: str = "code") -> tuple[Patient, int]:
    """Somebody at the chat whom the clinic knows."""
    patient = rig.patient()
    await patient.comes_in()
    made = await rig.value(
        """insert into patient (key, name, birth_on) values (gen_random_uuid(), 'Hana Yamada',
             '1960-05-05') returning id"""
    )
    await rig.execute(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', $3)""",
        patient.account_id,
        made,
        proof,
    )
    return patient, int(made)


async def kept(rig: Rig, patient_id: int) -> list[tuple[object, ...]]:
    """What is in the record."""
    rows = await rig.rows(
        """select kind, value::float8, second::float8, unit, occasion, level, source
           from observation where patient_id = $1 order by id""",
        patient_id,
    )
    return [tuple(row) for row in rows]


async def test_a_reading_is_kept_after_a_yes_and_not_before(rig: Rig) -> None:
    patient, number = await known(rig)
    assert "Is this right?" in await patient.says("120/80 pulse 70, sugar 5.5 before breakfast")
    assert await kept(rig, number) == []
    assert "written down" in await patient.presses("Yes")
    assert await kept(rig, number) == [
        ("blood_pressure", 120.0, 80.0, "mmHg", None, 1, "chat"),
        ("pulse", 70.0, None, "/min", None, 1, "chat"),
        ("glucose", 99.0, None, "mmol/L", "before_meal", 1, "chat"),
    ]


async def test_the_last_ones_come_back_with_arrows_and_a_mean(rig: Rig) -> None:
    patient, number = await known(rig)
    for days, upper in ((2, 120), (1, 130)):
        await rig.execute(
            """insert into observation (patient_id, kind, value, second, unit, measured_at, source)
               values ($1, 'blood_pressure', $2, 80, 'mmHg', now() - $3::interval, 'staff')""",
            number,
            upper,
            timedelta(days=days),
        )
    await patient.says("125/80")
    said = await patient.presses("Yes")
    assert "130/80 ↑" in said
    assert "125/80 ↓" in said
    assert "Average: 125/80" in said


async def test_who_is_not_proven_is_shown_nothing_of_the_record(rig: Rig) -> None:
    patient, number = await known(rig, proof="none")
    await rig.execute(
        """insert into observation (patient_id, kind, value, unit, measured_at, source)
           values ($1, 'pulse', 61, '/min', now(), 'staff')""",
        number,
    )
    await patient.says("pulse 70")
    assert "61" not in await patient.presses("Yes")


async def test_a_high_pressure_becomes_one_task_of_a_nurse(rig: Rig) -> None:
    patient, number = await known(rig)
    for _ in range(2):
        await patient.says("150/95")
        assert "nurse" in await patient.presses("Yes")
    rows = await rig.rows(
        """select kind, state, detail ->> 'reason', detail ->> 'why' from task
           where patient_id = $1""",
        number,
    )
    assert rows == [("reading", "open", "reading_blood_pressure", "mean")]


async def test_what_is_grave_calls_a_doctor_and_stays_in_the_record(rig: Rig) -> None:
    patient, number = await known(rig)
    await patient.says("pulse 160")
    said = await patient.presses("Yes")
    assert "CALL 119 NOW" in said
    assert [row[5] for row in await kept(rig, number)] == [4]
    assert await rig.rows(
        """select source, rule, level, detail -> 'reasons' ->> 0 from escalation
           where patient_id = $1""",
        number,
    ) == [("reading", "reading_pulse", 4, "160 /min")]


async def test_a_limit_of_the_patients_own_is_the_one_that_counts(rig: Rig) -> None:
    patient, number = await known(rig)
    await rig.execute(
        """insert into observation_limit (patient_id, measure, side, level, at)
           values ($1, 'pulse', 'below', 4, 40), ($1, 'pulse', 'below', 2, null)""",
        number,
    )
    await patient.says("pulse 45")
    assert "written down" in await patient.presses("Yes")


async def test_a_patient_taken_off_the_chat_meanwhile_gets_nothing_written(rig: Rig) -> None:
    patient, number = await known(rig)
    await patient.says("pulse 70")
    await rig.execute("update link set ended_at = now() where patient_id = $1", number)
    assert "nothing was kept" in await patient.presses("Yes")
    assert await kept(rig, number) == []


async def test_a_reminder_learns_whether_it_was_answered(rig: Rig) -> None:
    patient, number = await known(rig)
    before = await rig.value("select now()")
    await patient.says("weight 72.5 kg yesterday")
    await patient.presses("Yes")
    async with rig.env.database.transaction() as tx:
        assert set(await answered_since(tx, [number, 999], before)) == {number}
        assert set(await answered_since(tx, [number], before, ["weight"])) == {number}
        assert await answered_since(tx, [number], before, ["pulse"]) == {}
        later = await tx.fetchval("select now() + interval '1 minute'")
        assert await answered_since(tx, [number], later) == {}
