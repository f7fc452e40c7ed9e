"""R10: the worker was down when reminders fell due."""

from collections import Counter
from datetime import timedelta

from tests.e2e.reliability.books import close_books
from tests.e2e.reliability.clinic_rows import TOMORROW, Visit, add_visits
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.rig import Rig, Rigs, quiet_hours
from tests.e2e.reliability.sizes import Size, sizes
from tests.e2e.reliability.waiting import Condition, until

HALF_AN_HOUR = timedelta(minutes=30)


@sizes(Size(patients=200), Size(patients=1000))
async def test_reminders_that_fell_due_while_the_worker_was_down_are_all_accounted_for(
    rigs: Rigs, size: Size, seed: int
) -> None:
    kinds = (
        Visit(0, TOMORROW, HALF_AN_HOUR),
        Visit(0, TOMORROW, timedelta(0)),
        Visit(0, timedelta(minutes=10), HALF_AN_HOUR),
        Visit(0, timedelta(minutes=-10), HALF_AN_HOUR),  # over
        Visit(0, TOMORROW, HALF_AN_HOUR, status="cancelled"),
        Visit(0, TOMORROW, HALF_AN_HOUR, version=2),  # moved
    )
    visits = [
        Visit(n, kind.starts_in, kind.due_ago, kind.status, kind.version)
        for n, kind in ((n, kinds[n % len(kinds)]) for n in range(size.patients))
    ]
    wanted = sum(n % len(kinds) < 3 for n in range(size.patients))
    async with rigs.open(seed=seed, quiet_now=True) as rig:
        await add_visits(rig, "line", visits)
        night = await rig.worker()
        await until(_handled(rig), 30 + size.patients / 20, "all timers are handled")
        in_quiet_hours = len(rig.line.ledger())
        waiting = await rig.value("select count(*) from outbox where reason = 'quiet_hours'")
        await rig.stop(night)

        # Morning comes; meanwhile one visit in ten has begun.
        await rig.rows(
            """update appointment set starts_at = now() - interval '1 min',
                 during = tstzrange(now() - interval '1 min', ends_at)
               where id in (select appointment_id from outbox) and id % 10 = 0"""
        )
        await rig.rows("update outbox set send_at = now() where state = 'pending'")
        rig.quiet_hours = await quiet_hours(rig.database, now=False)
        for _ in range(2):
            await rig.worker()
        await until(rig.settled, 30 + size.patients / 20, "all is sent")
        states = Counter(
            (row["state"], row["reason"])
            for row in await rig.rows("select state, reason from outbox")
        )
        timers = Counter(
            (row["state"], row["reason"])
            for row in await rig.rows("select state, reason from timer where kind = 'reminder'")
        )
        over = await rig.value(
            """select count(*) from outbox o join appointment a on a.id = o.appointment_id
               where o.state = 'sent' and a.starts_at <= o.settled_at"""
        )
        books = await close_books(rig)
        shown = {
            f"{state} {reason}": number for (state, reason), number in (states + timers).items()
        }
        note(
            "R10", seed=seed, due=size.patients, quiet=in_quiet_hours, ends=shown, **books.figures()
        )
        assert in_quiet_hours == 0
        assert waiting == wanted
        assert sum(states.values()) == wanted
        assert sum(timers.values()) == size.patients
        assert {state for state, _ in states} <= {"sent", "expired", "skipped"}
        assert all(reason for (state, reason) in states if state != "sent")
        assert all(reason for (state, reason) in timers if state != "fired")
        assert (
            states["sent", None]
            == len(rig.line.ledger())
            == wanted - sum(number for (state, _), number in states.items() if state != "sent")
        )
        assert over == 0
        assert books.faults == []
        assert books.twice["line"] == 0


def _handled(rig: Rig) -> Condition:
    async def done() -> bool:
        return not await rig.value(
            """select (select count(*) from timer where state = 'waiting' and kind = 'reminder')
               + (select count(*) from outbox where state = 'pending' and send_at <= now())
               + (select count(*) from outbox where state in ('leased', 'inflight'))"""
        )

    return done
