"""The bench does what it says, tells the raw limit of the same run, or has no figure at all."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from bot.commands import bench_campaign, bench_due, bench_turns
from bot.commands.bench import bench
from bot.commands.bench_campaign import OtherLine
from bot.commands.bench_clinic import Patient
from bot.commands.bench_house import House
from bot.environment import Environment
from clinic.db import connect_arguments
from clinic.errors import KayoiError

pytestmark = pytest.mark.server
MILLISECONDS = {"p50", "p99", "max"}


@pytest.fixture(autouse=True)
def _on_the_session_stores(
    server_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAYOI_DATABASE_URL", server_url)
    monkeypatch.setenv("KAYOI_REDIS_URL", redis_url)


async def test_turns_tells_how_fast_whole_bookings_go_beside_the_raw_loop() -> None:
    told = await bench("turns", 3)
    # One to learn from; three each to warm up and at full load, pressing and typing; one at half.
    assert told["bookings"] == 14
    assert told["typed"]["of_pressed"] > 0
    assert told["messages"] == 3 * told["messages_per_booking"]
    assert told["messages_per_booking"] >= 4
    assert told["messages_per_second"] > 0
    assert told["ratio"] == pytest.approx(
        told["messages_per_second"] / told["raw_messages_per_second"], abs=0.02
    )
    half = told["half_load"]
    assert half["messages"] == told["messages_per_booking"]
    for times in ("answer_ms", "reply_ms", "raw_reply_ms"):
        assert told[times].keys() == MILLISECONDS
        assert 0 < told[times]["p50"] <= told[times]["p99"] <= told[times]["max"]
    assert half["reply_ms"].keys() == half["answer_ms"].keys() == MILLISECONDS
    assert told["web_cpu_ms_per_message"] >= 0
    assert told["raw_cpu_ms_per_message"] >= 0
    assert 20 < told["web_rss_mb"] < 200


async def test_webhooks_tells_how_soon_events_are_answered_beside_a_bare_insert() -> None:
    told = await bench("webhooks", 1)
    assert told["events"] == 200
    assert told["not_2xx"] == 0
    assert told["answer_ms"].keys() == told["raw_answer_ms"].keys() == MILLISECONDS
    assert 0 < told["events_per_second"] <= 210
    assert told["ratio"] > 0
    assert told["handled_after_seconds"] >= 0
    assert told["during_campaign"]["answer_ms"].keys() == MILLISECONDS
    assert told["during_campaign"]["campaign_messages"] > 0
    assert 20 < told["web_rss_mb"] < 200


async def test_there_is_no_figure_when_a_visit_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    right = bench_turns.check

    async def after_a_loss(place: House, each: int, raw: list[Patient]) -> None:
        connection = await asyncpg.connect(**connect_arguments(place.url))
        await connection.execute(
            "update appointment set status = 'cancelled' where patient_id = $1",
            place.patients[0].patient_id,
        )
        await connection.close()
        await right(place, each, raw)

    monkeypatch.setattr(bench_turns, "check", after_a_loss)
    with pytest.raises(KayoiError, match=r"not done right: visits$"):
        await bench("turns", 1)


async def test_more_patients_than_the_clinic_has_times_for_are_refused() -> None:
    with pytest.raises(KayoiError, match="a bench books from 1 to"):
        await bench("turns", 1_000_000)


async def test_campaign_tells_how_fast_everybody_gets_one_message_beside_the_raw_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[int] = []
    right = bench_campaign.check

    async def told_of(
        env: Environment, line: OtherLine, campaign_id: int, count: int, before: int
    ) -> None:
        await right(env, line, campaign_id, count, before)  # all ended as sent, none twice
        checked.append(count)

    monkeypatch.setattr(bench_campaign, "check", told_of)
    told = await bench("campaign", 200)
    assert told["recipients"] == 200
    assert told["personal"] == 10
    # To all, to some twice by this process, to some by one worker and by two.
    assert checked == [200, 10, 10, 10, 10]
    assert told["materialise_s"] >= 0
    for what in ("release", "multicast", "personal_release", "push", "raw_push"):
        assert told[f"{what}_per_second"] > 0
    assert told["ratio"] == pytest.approx(
        told["push_per_second"] / told["raw_push_per_second"], rel=0.1, abs=0.02
    )
    for workers in ("one_worker", "two_workers"):
        assert told[workers]["per_second"] > 0
        assert told[workers].keys() == {"per_second", "busy", "cpu_ms_per_message", "waiting"}
        assert told[workers]["waiting"].keys() <= {"Lock", "LWLock", "IO"}


async def _got_twice(env: Environment, line: OtherLine) -> None:
    await bench_campaign.raw_pushes(line, 1)


async def _left_out(env: Environment, line: OtherLine) -> None:
    async with env.database.transaction() as tx:
        await tx.execute("update recipient set state = 'skipped' where patient_id = 1")


@pytest.mark.parametrize(
    ("happens", "found"),
    [(_got_twice, r"'sent': 20}, and 21 got it$"), (_left_out, r"'sent': 19.*, and 20 got it$")],
)
async def test_there_is_no_figure_when_a_campaign_reached_somebody_twice_or_left_one_out(
    happens: Callable[[Environment, OtherLine], Awaitable[None]],
    found: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = bench_campaign.check

    async def after_it_happened(
        env: Environment, line: OtherLine, campaign_id: int, count: int, before: int
    ) -> None:
        await happens(env, line)
        await right(env, line, campaign_id, count, before)

    monkeypatch.setattr(bench_campaign, "check", after_it_happened)
    with pytest.raises(KayoiError, match=found):
        await bench("campaign", 20)


async def test_import_tells_how_long_receipts_take_beside_copy() -> None:
    told = await bench("import", 80)
    steps = sum(told[f"{step}_seconds"] for step in ("upload", "preview", "commit"))
    assert told["seconds"] == pytest.approx(steps, abs=0.21)
    assert told["rows"] > 80 * 5
    assert told["growth"] > 1
    assert told["rss_mb"] > 20
    assert told["raw_seconds"] > 0


async def test_segment_counts_as_a_plain_statement_does_and_follows_a_month() -> None:
    told = await bench("segment", 2_000)
    assert 0 < told["reachable"] < told["matched"] < 2_000
    assert told["matched"] == told["reachable"] + sum(told["left_out"].values())
    assert told["count_ms"]["p50"] <= told["count_ms"]["max"]
    assert told["ratio"] > 0
    assert told["changed_patients"] == 61
    assert told["lapse_rows"] > told["changed_patients"]


async def test_due_tells_how_long_all_campaigns_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bench_due, "MINUTES", 2)
    monkeypatch.setattr(bench_due, "SPREAD", 0)
    told = await bench("due", 4_000)
    assert told["campaigns"] == 30
    assert 0 < told["finding_somebody"] <= 30
    assert told["recipients"] > 0
    assert told["rush_recipients"] > 0
    for ticks in ("tick_ms", "night_look_ms", "first_look_ms"):
        assert 0 < told[ticks]["p50"] <= told[ticks]["p90"] <= told[ticks]["max"]
    assert told["ratio"] > 0


@pytest.mark.parametrize(("what", "size"), [("import", 3), ("segment", 10), ("due", 10)])
async def test_a_bench_too_small_to_tell_anything_is_refused(what: str, size: int) -> None:
    with pytest.raises(KayoiError, match=r"make a bench$"):
        await bench(what, size)


async def test_the_panel_is_not_measured_with_too_few_patients() -> None:
    with pytest.raises(KayoiError, match="at least"):
        await bench("panel", 5)
