"""The quality audit: what is drawn, what the expert reads and writes, what the figures say."""

import asyncio
from datetime import date
from typing import Any, cast

import pytest

from bot.environment import Environment
from clinic.db import Database
from clinic.quality.service import checklist, draw
from clinic.staff.types import Role, Staff
from clinic.triage.load import catalogue
from clinic.triage.rules import outcome
from clinic.triage.service import Finished, keep
from clinic.triage.types import Facts, Run
from scheduler.quality import draw_last_month
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, SETTINGS, House

ZONE = SETTINGS.clinic.time_zone
GOOD = {item.link_id: "yes" for item in checklist().items if item.options}
LAST = "date_trunc('month', now() at time zone 'Asia/Tokyo') - interval '1 month'"
# Noon of the fifth day of last month, in Tokyo.
THEN = f"({LAST} + interval '4 days 12 hours') at time zone 'Asia/Tokyo'"


async def last_month(house: House) -> date:
    found: date = await house.value(f"select ({LAST})::date")
    return found


async def talk_then(house: House, words: str = "こんにちは") -> int:
    """A conversation of last month."""
    talk = await house.conversation(said=words)
    await move(house, talk)
    return talk


async def move(house: House, talk: int) -> None:
    """As if all that was said in a conversation had been said last month."""
    for table, instant in (("inbound", "received_at"), ("outbox", "created_at")):
        await house.rows(
            f"""update {table} t set {instant} = {THEN} from conversation c
                where c.account_id = t.account_id and c.id = $1""",
            talk,
        )


async def triage(house: House, talk: int, **answers: Any) -> None:
    """A run of a cough to its end."""
    presentation, facts = catalogue()["cough"], Facts(age=40, sex="female", pregnant=False)
    found = outcome(presentation, facts, answers)
    run = Run("cough", facts, answers, 1, found)
    async with house.database.transaction() as tx:
        await keep(tx, KEYS, Finished(talk, run, ["first_check"]))


async def drawn(house: House, month: date, red_flags: str = "aa") -> int:
    async with house.database.transaction() as tx:
        return await draw(tx, KEYS, month, ZONE, red_flags)


async def sampled(house: House) -> dict[int, str]:
    rows = await house.rows("select conversation_id, stratum from quality_review")
    return {row["conversation_id"]: row["stratum"] for row in rows}


@pytest.fixture
async def doctor(house: House) -> Staff:
    return await house.staff("伊藤 医師", Role.DOCTOR)


@pytest.fixture
async def expert(sign_in: SignIn, doctor: Staff) -> Browser:
    return await sign_in(doctor)


# The sample -----------------------------------------------------------------------------------


async def test_the_sample_has_every_emergency_and_every_tenth_of_each_other_kind(
    house: House,
) -> None:
    month = await last_month(house)
    for _ in range(11):
        await talk_then(house)
    grave, lesser, asked, answered = [await talk_then(house) for _ in range(4)]
    for talk, level in ((grave, 4), (lesser, 3)):
        await house.escalation(talk, level=level)
    await house.rows(f"update escalation set created_at = {THEN}")
    await triage(house, asked)
    await house.rows(f"update triage_run set created_at = {THEN}")
    staff = await house.staff("山田")
    outbox = await house.tell(answered, "承知しました")
    await house.rows("update outbox set staff_id = $2 where id = $1", outbox, staff.id)
    await move(house, answered)
    await house.conversation(said="今月")  # another month's
    await house.conversation()  # nobody said anything

    assert await drawn(house, month) == 5
    found = await sampled(house)
    assert sorted(found.values()) == ["dialogue", "dialogue", "handoff", "level_4", "triage"]
    assert (found[grave], found[asked], found[answered]) == ("level_4", "triage", "handoff")


async def test_drawing_again_or_at_once_gives_the_same_sample(house: House) -> None:
    month = await last_month(house)
    for _ in range(30):
        await talk_then(house)
    assert sum(await asyncio.gather(*(drawn(house, month) for _ in range(5)))) == 3
    first = await sampled(house)
    assert await drawn(house, month) == 0
    await house.rows("delete from quality_review")
    await drawn(house, month)
    assert await sampled(house) == first


async def test_what_doctors_say_to_the_bot_is_not_audited(house: House, doctor: Staff) -> None:
    talk = await talk_then(house)
    await house.rows(
        """insert into staff_account (staff_id, account_id)
           select $2, account_id from conversation where id = $1""",
        talk,
        doctor.id,
    )
    assert await drawn(house, await last_month(house)) == 0


async def test_the_worker_draws_a_month_once_when_it_is_over(
    house: House, database: Database
) -> None:
    env = Environment(database, KEYS, SETTINGS, {}, *cast("tuple[Any, Any, Any]", (None,) * 3))
    await talk_then(house)
    assert sum(await asyncio.gather(*(draw_last_month(env) for _ in range(3)))) == 1
    await talk_then(house)
    assert await draw_last_month(env) == 0
    assert await house.value("select count(*) from audit where action = 'system:quality:draw'") == 1


async def test_a_review_remembers_the_versions_that_the_conversation_went_by(house: House) -> None:
    talk = await talk_then(house)
    await triage(house, talk)
    await house.rows(f"update triage_run set created_at = {THEN}")
    await drawn(house, await last_month(house), "red1")
    rules = await house.value("select rules from quality_review")
    assert rules["presentation:cough"] == str(catalogue()["cough"].version)
    assert rules["red_flags"] == "red1"
    assert len(rules["triage"]) == 12


async def test_an_expert_draws_by_a_button_and_no_month_to_come(
    house: House, expert: Browser
) -> None:
    await house.conversation(said="こんにちは")
    this = await house.value("select to_char(now() at time zone 'Asia/Tokyo', 'YYYY-MM')")
    answer = await expert.post("/quality/draw", month=this)
    assert answer.headers["Location"] == f"/quality?month={this}&added=1"
    assert "1件の会話を追加しました" in await expert.read(answer.headers["Location"])
    for nonsense in ("2999-01", "x", ""):
        assert (await expert.post("/quality/draw", month=nonsense)).status == 422


# The review -----------------------------------------------------------------------------------


async def test_the_expert_reads_the_month_and_what_happened_beside_it(
    house: House, expert: Browser
) -> None:
    patient = await house.patient("田中 花子")  # not the doctor's own
    talk = await house.conversation(patient, said="先月の話")
    await move(house, talk)
    await house.say(talk, "せきが出ます")
    await house.tell(talk, "いつからですか")
    await house.escalation(talk, rule="chest_pain")
    await triage(house, talk, first_check="no")
    response = await house.response(patient, (await house.forms())["gad_7"], {})
    await house.rows(
        """update questionnaire_response set account_id = c.account_id from conversation c
           where c.id = $1""",
        talk,
    )
    review = await house.review(talk, stratum="level_4")
    page = await expert.read(f"/quality/reviews/{review}")
    for words in (
        "せきが出ます",
        "いつからですか",
        "胸の痛み",
        "せき",
        "緊急度の判断は適切でしたか",
    ):
        assert words in page
    title = await house.value(
        """select q.title ->> 'ja' from questionnaire q
           join questionnaire_response a on a.questionnaire_id = q.id where a.id = $1""",
        response,
    )
    assert title in page
    assert "先月の話" not in page
    assert await house.value(
        "select detail from audit where action = 'staff:quality:read' and subject_id = $1", review
    ) == {"conversation": talk}


async def test_an_answered_checklist_is_scored_and_kept_encrypted(
    house: House, expert: Browser
) -> None:
    review = await house.review(await house.conversation(said="こんにちは"))
    page = f"/quality/reviews/{review}"
    answer = await expert.post(page, **{**GOOD, "tone": "partly", "note": "丁寧さに欠けます"})
    assert answer.status == 303
    shown = await expert.read(page)
    assert "93 %" in shown
    assert "丁寧さに欠けます" in shown
    sealed = await house.value("select answers from quality_review")
    assert "丁寧".encode() not in sealed
    assert "93 %" in await expert.read("/quality")


async def test_an_incomplete_checklist_saves_nothing_and_keeps_what_was_written(
    house: House, expert: Browser
) -> None:
    review = await house.review(await house.conversation(said="こんにちは"))
    answer = await expert.post(
        f"/quality/reviews/{review}", **{**GOOD, "level": "", "note": "まだ途中"}
    )
    text = await answer.text()
    assert answer.status == 422
    assert "まだ保存されていません" in text
    assert text.count("答えを選んでください") == 1
    assert "まだ途中" in text
    assert await house.value("select reviewed_at from quality_review") is None


async def test_nobody_but_its_writer_or_an_admin_changes_a_review(
    house: House, expert: Browser, chief: Browser, sign_in: SignIn
) -> None:
    review = await house.review(await house.conversation(said="こんにちは"))
    page = f"/quality/reviews/{review}"
    other = await sign_in(await house.staff("中村 医師", Role.DOCTOR))
    answers = await asyncio.gather(expert.post(page, **GOOD), other.post(page, **GOOD))
    assert sorted(answer.status for answer in answers) == [303, 409]
    assert (await chief.post(page, **{**GOOD, "wish": "no"})).status == 303
    assert await house.value("select score from quality_review") == 86


async def test_the_desk_does_not_audit_itself(house: House, desk: Browser) -> None:
    review = await house.review(await house.conversation(said="こんにちは"))
    for path in ("/quality", "/quality/figures", "/quality/findings", f"/quality/reviews/{review}"):
        assert (await desk.get(path)).status == 403
    assert 'id="menu-quality"' not in await desk.read("/today")


# Findings and figures -------------------------------------------------------------------------


async def test_a_finding_is_a_task_on_a_script_until_somebody_mends_it(
    house: House, expert: Browser, chief: Browser
) -> None:
    review = await house.review(await house.conversation(said="こんにちは"))
    for script in ("presentation:cough", "text:safety.call", "red_flag:chest_pain"):
        made = await expert.post(
            f"/quality/reviews/{review}/findings",
            script=script,
            kind="unclear_text",
            note="もっと短く",
        )
        assert made.status == 303, script
    listed = await chief.read("/quality/findings")
    assert "症状: せき" in listed
    assert "もっと短く" in listed
    finding = await house.value(
        "select id from quality_finding where script = 'presentation:cough'"
    )
    assert "もっと".encode() not in await house.value(
        "select note from quality_finding where id = $1", finding
    )
    await chief.post(f"/quality/findings/{finding}/close")
    assert "症状: せき" not in await chief.read("/quality/findings")
    assert "症状: せき" in await chief.read("/quality/findings?state=closed")


@pytest.mark.parametrize(
    "wrong",
    [{"script": "presentation:nothing"}, {"kind": "x"}, {"note": " "}, {"note": "x" * 2_001}],
    ids=lambda fields: next(iter(fields)),
)
async def test_a_finding_names_a_script_that_there_is_and_what_should_change(
    house: House, expert: Browser, wrong: dict[str, str]
) -> None:
    review = await house.review(await house.conversation(said="こんにちは"))
    fields = {"script": "presentation:cough", "kind": "other", "note": "短く"} | wrong
    answer = await expert.post(f"/quality/reviews/{review}/findings", **fields)
    assert answer.status == 422
    assert "指摘は保存されていません" in await answer.text()
    assert await house.value("select count(*) from quality_finding") == 0


async def test_the_figures_compare_versions_in_a_table_and_in_bars(
    house: House, expert: Browser
) -> None:
    for month, version, answers in (
        ("2026-09-01", "1", {**GOOD, "level": "no"}),
        ("2026-10-01", "2", GOOD),
    ):
        review = await house.review(await house.conversation(said="こんにちは"))
        await house.rows(
            "update quality_review set month = $2, rules = $3 where id = $1",
            review,
            date.fromisoformat(month),
            {"presentation:cough": version},
        )
        await expert.post(f"/quality/reviews/{review}", **answers)
        if version == "1":
            await expert.post(
                f"/quality/reviews/{review}/findings",
                script="presentation:cough",
                kind="wrong_level",
                note="熱を聞いていません",
            )
    page = await expert.read("/quality/figures")
    for words in ("86 %", "100 %", "(+14)", "(-100)", "症状: せき", "2026年9月", "2026-10"):
        assert words in page
    assert page.count('<rect x="') == 5  # two months, and the key's hatched square
    assert 'role="img"' in page
