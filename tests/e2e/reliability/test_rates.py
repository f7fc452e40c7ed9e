"""R12: the platforms' limits are kept by all processes together, and what is refused waits."""

from tests.e2e.reliability.books import close_books
from tests.e2e.reliability.clinic_rows import Visit, add_visits
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.passage import Call, Passage
from tests.e2e.reliability.platforms import line_user, telegram_user
from tests.e2e.reliability.rig import Rigs
from tests.e2e.reliability.sizes import Size, sizes
from tests.e2e.reliability.waiting import until

UNDER_WAY = 0.5  # s in which a call may have left before another process heard of a 429
FEW = 0.01  # of all calls may be answered 429
JITTER = 6  # calls that a loaded machine may bring together, however short the run


@sizes(Size(patients=150), Size(patients=2000))
async def test_telegrams_limits_are_kept_and_a_429_silences_every_process(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed) as rig, Passage(rig.telegram.url) as passage:
        rig.settings["KAYOI_CHANNELS__TELEGRAM__API_BASE"] = passage.url
        await rig.web()
        await rig.connect_platforms()
        for _ in range(2):
            await rig.worker()
        await add_visits(rig, "telegram", [Visit(n) for n in range(size.patients)])
        for n in range(8):  # impatient ones: one chat gets one message a second
            for text in ("hello", "menu", "help"):
                await rig.telegram.control("say", user_id=telegram_user(n), text=text)
        await until(lambda: len(passage.calls) > size.patients // 2, 30, "half is sent")
        own = _sendings(passage.calls)
        await rig.telegram.control("faults", once=["429"])
        await until(rig.settled, 30 + size.patients / 10, "everything is sent")
        sendings = _sendings(passage.calls)
        refused = [call for call in sendings if call.status == 429]
        early = _too_early(sendings)
        books = await close_books(rig)
        note(
            "R12 Telegram",
            seed=seed,
            calls=len(sendings),
            refused=len(refused),
            early=len(early),
            before_the_fault=sum(call.status == 429 for call in own),
            **books.figures(),
        )
        assert sum(call.status == 429 for call in own) <= max(JITTER, FEW * len(own))
        assert len(refused) >= 1
        assert len(early) <= JITTER
        assert books.faults == []
        assert books.twice["telegram"] == 0
        assert rig.complaints() == []


async def test_after_a_429_of_line_no_process_calls_it_for_a_second(rigs: Rigs) -> None:
    async with rigs.open(seed=1) as rig, Passage(rig.line.url) as passage:
        rig.settings["KAYOI_CHANNELS__LINE__API_BASE"] = passage.url
        # Not among the first calls of a process, which take long between their place and the call.
        faults = [*["delay"] * 60, "429"]
        await rig.line.control("faults", once=faults, rates={"delay": 1.0}, delay=0.1)
        await add_visits(rig, "line", [Visit(n) for n in range(150)])
        for _ in range(2):
            await rig.worker()
        await until(rig.settled, 30, "everything is sent")
        pushes = [call for call in passage.calls if call.path.endswith("/push")]
        refused = [call for call in pushes if call.status == 429]
        early = _too_early(pushes)
        books = await close_books(rig)
        note(
            "R12 LINE", calls=len(pushes), refused=len(refused), early=len(early), **books.figures()
        )
        assert len(refused) == 1
        assert len(early) <= 1  # under way, when this process itself stands still
        assert books.faults == []


async def test_when_lines_quota_is_used_up_reminders_wait_staff_are_told_and_answers_still_go(
    rigs: Rigs,
) -> None:
    async with rigs.open(seed=1, webs=1) as rig:
        await rig.line.control("quota", limit=20)
        await add_visits(rig, "line", [Visit(n) for n in range(30)])
        for _ in range(2):
            await rig.worker()
        waiting = "select count(*) from outbox where state = 'pending' and reason = 'monthly quota'"

        async def spent() -> bool:
            return len(rig.line.ledger()) == 20 and await rig.value(waiting) == 10

        await until(spent, 20, "the quota is spent and the rest waits")
        assert await rig.value("select state from task where key = 'quota:line'") == "open"
        tries = (await rig.line.stats())["calls"].get("push 429", 0)
        assert tries <= 2 * 10
        await rig.line.act("say", line_user(500), text="hello")
        await until(lambda: len(rig.line.ledger()) == 21, 5, "an answer costs no quota")
        await rig.line.control("quota", limit=None)
        await rig.rows("update outbox set send_at = now() where state = 'pending'")
        await until(rig.settled, 30, "the rest is sent next month")
        books = await close_books(rig)
        note("R12 quota", tries_beyond=tries, **books.figures())
        assert books.faults == []


def _sendings(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.path.endswith("/sendMessage")]


def _too_early(calls: list[Call]) -> list[Call]:
    """The calls that came before an earlier 429 allowed any, by whichever process."""
    return [
        call
        for call in calls
        if any(
            no.answered_at + UNDER_WAY < call.came_at < no.answered_at + no.retry_after - 0.05
            for no in calls
            if no.status == 429
        )
    ]
