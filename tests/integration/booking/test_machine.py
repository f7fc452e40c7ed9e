"""R16: whatever people do in whatever order, the clinic agrees with a model of it on paper.

The model knows one day of two doctors who share one room less than they need, cut into half hours.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic.booking import locks, search, service, staff
from clinic.booking.types import Changed, Held, Refused, Slot, Taken, Visit
from clinic.db import Database
from tests.integration.booking.clinic import Clinic, make

T = TypeVar("T")
DOCTORS, ROOMS, PATIENTS, STARTS, LIMIT = 2, 1, 2, 4, 3
TABLES = "site, service, resource, patient, chat_account, timer"
doctors = st.integers(0, DOCTORS - 1)
starts = st.integers(0, STARTS - 1)
patients = st.integers(0, PATIENTS - 1)


@dataclass
class Paper:
    """An appointment as the model knows it."""

    patient: int
    doctor: int
    start: int
    state: str = "held"  # held, dead, booked, cancelled
    version: int = 1

    @property
    def live(self) -> bool:
        return self.state in ("held", "booked")


class Desk(RuleBasedStateMachine):
    """Patients, staff and time, each doing what they like."""

    url = ""
    appointments = Bundle("appointments")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.papers: dict[int, Paper] = {}
        self.closed: dict[tuple[int, int], int] = {}
        self.clinic = self.run(self.open())
        self.slots = {
            (doctor, start): slot
            for doctor, one in enumerate(self.clinic.doctors)
            for start, slot in enumerate(self.run(self.clinic.slots(99, doctor=one)))
        }
        assert len(self.slots) == DOCTORS * STARTS

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def open(self) -> Clinic:
        db = await Database.open(self.url, connections=1)
        async with db.transaction() as tx:
            await tx.execute(f"truncate {TABLES} cascade")
        hours = (("09:00", "11:00"),)
        clinic = await make(db, doctors=DOCTORS, rooms=ROOMS, patients=PATIENTS, hours=hours)
        clinic.allowing(LIMIT)
        return clinic

    def teardown(self) -> None:
        self.run(self.clinic.db.close())
        self.loop.close()

    # What the model expects ------------------------------------------------------------------

    def live(self, but: int | None = None, holds_of: int | None = None) -> list[Paper]:
        """Appointments that take time. An account's hold gives way to its next."""
        return [
            paper
            for number, paper in self.papers.items()
            if paper.live
            and number != but
            and not (paper.state == "held" and paper.patient == holds_of)
        ]

    def is_free(self, doctor: int, start: int, live: list[Paper]) -> bool:
        at_once = [paper for paper in live if paper.start == start]
        return (
            (doctor, start) not in self.closed
            and len(at_once) < ROOMS
            and all(paper.doctor != doctor for paper in at_once)
        )

    def expect(self, patient: int, doctor: int, start: int, moving: int | None = None) -> object:
        """Slot if the patient gets it, else why not."""
        live = self.live(moving, patient)
        own = [paper for paper in live if paper.patient == patient]
        if moving is None and len(own) >= LIMIT:
            return Refused("too_many", LIMIT)
        if any(paper.start == start for paper in own):
            return Refused("own_overlap")
        return Slot if self.is_free(doctor, start, live) else Taken

    def check(self, told: object, expected: object, patient: int, but: int | None = None) -> None:
        if isinstance(expected, Refused):
            assert told == expected
            return
        assert isinstance(told, Taken)
        live = self.live(but, patient)
        own = [paper.start for paper in live if paper.patient == patient]
        number = {slot.key: place for place, slot in self.slots.items()}
        for slot in told.alternatives:
            if slot.key in number:
                doctor, start = number[slot.key]
                assert self.is_free(doctor, start, live)
                assert start not in own
        assert told.alternatives, "other days are free"

    def given_way(self, patient: int) -> None:
        """The account's earlier hold is no more."""
        for paper in self.papers.values():
            if paper.state == "held" and paper.patient == patient:
                paper.state = "dead"

    # What people do --------------------------------------------------------------------------

    async def call(self, work: Any, *arguments: object, **named: object) -> Any:
        async with self.clinic.db.transaction() as tx:
            return await work(tx, *arguments, **named)

    def do(self, work: Any, *arguments: object, **named: object) -> Any:
        return self.run(self.call(work, *arguments, **named))

    @rule(doctor=st.none() | doctors)
    def find(self, doctor: int | None) -> None:
        who = None if doctor is None else self.clinic.doctors[doctor]
        found = self.run(self.clinic.slots(99, doctor=who))
        shown = {slot.starts_at for slot in found}
        wanted = range(DOCTORS) if doctor is None else [doctor]
        live = self.live()
        assert shown == {
            self.slots[one, start].starts_at
            for one in wanted
            for start in range(STARTS)
            if self.is_free(one, start, live)
        }
        day = self.clinic.day(3)
        days, _ = self.do(search.find_days, "en", self.clinic.service, who, day, 1)
        assert [day.free for day in days if day.on == self.clinic.day(3)] == [len(shown)] * bool(
            shown
        )

    @rule(target=appointments, patient=patients, doctor=doctors, start=starts)
    def hold(self, patient: int, doctor: int, start: int) -> Any:
        expected = self.expect(patient, doctor, start)
        actor, slot = self.clinic.actor(patient), self.slots[doctor, start]
        told = self.do(service.hold_slot, actor, slot, self.clinic.patients[patient])
        if expected is not Slot:
            self.check(told, expected, patient)
            return multiple()
        assert isinstance(told, Held)
        self.given_way(patient)
        self.papers[told.appointment_id] = Paper(patient, doctor, start)
        return told.appointment_id

    @initialize(target=appointments, doctor=doctors, start=starts)
    def opening(self, doctor: int, start: int) -> Any:
        """There is always something to do something about."""
        return self.book(0, doctor, start)

    @rule(target=appointments, patient=patients, doctor=doctors, start=starts)
    def book(self, patient: int, doctor: int, start: int) -> Any:
        """Hold and confirm, so that much is booked in a short story."""
        number = self.hold(patient, doctor, start)
        if isinstance(number, int):
            self.confirm(number)
        return number

    @rule(number=appointments)
    def confirm(self, number: int) -> None:
        """Also of what was booked, ran out, was released or cancelled; a repeated webhook too."""
        paper = self.papers[number]
        told = self.do(service.book_held, self.clinic.actor(paper.patient), number, "a note")
        if paper.state == "cancelled":
            assert isinstance(told, Taken)
            return
        if paper.state == "dead":
            expected = self.expect(paper.patient, paper.doctor, paper.start)
            if expected is not Slot:
                self.check(told, expected, paper.patient)
                return
            self.given_way(paper.patient)
        self.agree(number, told, "booked")

    @rule(number=appointments)
    def let_expire(self, number: int) -> None:
        if self.papers[number].state == "held":
            self.run(self.clinic.let_expire(number))
            self.papers[number].state = "dead"

    @precondition(lambda self: any(paper.state == "dead" for paper in self.papers.values()))
    @rule()
    def sweep(self) -> None:
        self.do(locks.expire_holds)
        assert self.do(locks.expire_holds) == 0

    @rule(number=appointments)
    def release(self, number: int) -> None:
        paper = self.papers[number]
        self.do(service.release_hold, self.clinic.actor(paper.patient), number)
        if paper.state == "held":
            paper.state = "dead"

    @rule(number=appointments, doctor=doctors, start=starts, late=st.booleans())
    def move(self, number: int, doctor: int, start: int, late: bool) -> None:
        paper, slot = self.papers[number], self.slots[doctor, start]
        actor, version = self.clinic.actor(paper.patient), paper.version - late
        told = self.do(service.move_visit, actor, number, version, slot)
        if paper.state != "booked" or late:
            assert isinstance(told, Changed)
            return
        expected = self.expect(paper.patient, doctor, start, moving=number)
        if expected is not Slot:
            self.check(told, expected, paper.patient, number)
            return
        self.given_way(paper.patient)
        paper.doctor, paper.start = doctor, start
        assert told.version == paper.version + 1
        self.agree(number, told, "booked")

    @rule(number=appointments, late=st.booleans())
    def cancel(self, number: int, late: bool) -> None:
        paper = self.papers[number]
        actor, version = self.clinic.actor(paper.patient), paper.version - late
        told = self.do(service.cancel_visit, actor, number, version, "other")
        if paper.state != "booked" or late:
            assert isinstance(told, Changed)
            return
        self.agree(number, told, "cancelled")

    @rule(number=appointments, other=patients)
    def meddle(self, number: int, other: int) -> None:
        """Somebody who does not speak for the patient changes nothing."""
        paper = self.papers[number]
        if other == paper.patient:
            return
        stranger = self.clinic.actor(other)
        assert self.do(service.book_held, stranger, number) == Taken()
        assert self.do(service.cancel_visit, stranger, number, paper.version) == Changed(None)
        self.do(service.release_hold, stranger, number)

    @precondition(lambda self: not self.closed)
    @rule(doctor=doctors, start=starts, whole_day=st.booleans())
    def close(self, doctor: int, start: int, whole_day: bool) -> None:
        """The desk closes half an hour, or the doctor is absent all day."""
        places = {(doctor, n) for n in (range(STARTS) if whole_day else [start])}
        first = self.slots[doctor, start].starts_at
        _, standing = self.do(
            staff.close_time,
            self.clinic.staff(),
            self.clinic.day(3),
            self.clinic.doctors[doctor],
            opens_at=None if whole_day else f"{first:%H:%M}",
            closes_at=None if whole_day else f"{first + timedelta(minutes=30):%H:%M}",
        )
        assert set(standing) == {
            number
            for number, paper in self.papers.items()
            if paper.live and (paper.doctor, paper.start) in places
        }
        for place in places:
            self.closed[place] = 1

    @precondition(lambda self: self.closed)
    @rule()
    def reopen(self) -> None:
        async def all_of_them() -> None:
            async with self.clinic.db.transaction() as tx:
                for row in await tx.fetch("select id from schedule_exception"):
                    assert await staff.reopen_time(tx, self.clinic.staff(), row["id"])

        self.run(all_of_them())
        self.closed.clear()

    def agree(self, number: int, told: object, state: str) -> None:
        paper = self.papers[number]
        assert isinstance(told, Visit)
        slot = self.slots[paper.doctor, paper.start]
        assert (told.id, told.status) == (number, state)
        assert (told.practitioner_id, told.starts_at) == (slot.practitioner_id, slot.starts_at)
        paper.state, paper.version = state, told.version

    @invariant()
    def the_database_agrees_with_the_model(self) -> None:
        async def read() -> tuple[list[Any], int]:
            async with self.clinic.db.transaction() as tx:
                rows = await tx.fetch(
                    """select a.id, a.status, a.held_until <= now() as over,
                         (select count(*) from allocation l where l.appointment_id = a.id
                          and l.status = a.status) as taken,
                         (select count(*) from timer t where t.appointment_id = a.id
                          and t.state = 'waiting' and t.version = a.version) as reminders,
                         (select count(*) from timer t where t.appointment_id = a.id
                          and t.state = 'waiting') as waiting
                       from appointment a"""
                )
            return rows, await self.clinic.overlaps()

        rows, overlaps = self.run(read())
        assert overlaps == 0
        assert {row["id"] for row in rows} == set(self.papers)
        for row in rows:
            paper = self.papers[row["id"]]
            dead = row["status"] == "expired" or (row["status"] == "held" and row["over"])
            assert (paper.state == "dead") == dead
            if not dead:
                assert row["status"] == paper.state
            assert row["taken"] == (2 if row["status"] in ("held", "booked") else 0)
            assert row["reminders"] == row["waiting"] == (2 if paper.state == "booked" else 0)


def play(url: str, examples: int, steps: int) -> None:
    machine = type("Desk", (Desk,), {"url": url})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis gives it no types
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


def test_the_clinic_agrees_with_a_model_of_it(database_url: str) -> None:
    play(database_url, examples=40, steps=30)


@pytest.mark.long
def test_the_clinic_agrees_with_a_model_of_it_for_long(database_url: str) -> None:
    play(database_url, examples=500, steps=50)
