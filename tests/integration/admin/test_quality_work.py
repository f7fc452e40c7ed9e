"""The audit's work list: who reviews what, how far it is, and findings as tasks."""

import pytest

from clinic.staff.types import Role, Staff
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import House
from tests.integration.admin.test_quality import GOOD


@pytest.fixture
async def doctor(house: House) -> Staff:
    return await house.staff("伊藤 医師", Role.DOCTOR)


@pytest.fixture
async def expert(sign_in: SignIn, doctor: Staff) -> Browser:
    return await sign_in(doctor)


async def month_of(house: House) -> str:
    month: str = await house.value("select to_char(month, 'YYYY-MM') from quality_review limit 1")
    return month


async def reviews(house: House, number: int) -> list[int]:
    return [await house.review(await house.conversation(said="はい")) for _ in range(number)]


async def test_a_sample_is_shared_out_evenly_among_experts_and_shows_how_far_it_is(
    house: House, expert: Browser, doctor: Staff
) -> None:
    chief = await house.staff("鈴木", Role.ADMIN)
    await house.staff("受付", Role.STAFF)
    first, *_ = await reviews(house, 5)
    month = await month_of(house)
    assert (await expert.post("/quality/share-out", month=month)).status == 303
    rows = await house.rows(
        "select assigned_to_id as who, count(*) as n from quality_review group by 1 order by 1"
    )
    assert {row["who"] for row in rows} == {doctor.id, chief.id}
    assert sorted(row["n"] for row in rows) == [2, 3]
    await expert.post(f"/quality/reviews/{first}", **GOOD)
    page = await expert.read(f"/quality?month={month}")
    assert 'max="5" value="1"' in page
    mine = await expert.read(f"/quality?month={month}&mine=1")
    assert 2 <= mine.count("/quality/reviews/") < page.count("/quality/reviews/")


async def test_one_conversation_is_given_to_an_expert_and_back_to_anybody(
    house: House, expert: Browser, doctor: Staff
) -> None:
    (review,) = await reviews(house, 1)
    desk = await house.staff("受付", Role.STAFF)
    month = await month_of(house)

    async def give(to: str) -> int:
        path = f"/quality/reviews/{review}/assign"
        return (await expert.post(path, to=to, month=month)).status

    assert await give(str(doctor.id)) == 303
    assert await house.value("select assigned_to_id from quality_review") == doctor.id
    assert await give(str(desk.id)) == 409  # whose work is audited too
    assert await give("x") == 422
    assert await give("") == 303
    assert await house.value("select assigned_to_id from quality_review") is None
    await expert.post(f"/quality/reviews/{review}", **GOOD)
    assert await give(str(doctor.id)) == 409  # it is done
    action = await house.value("select action from audit where action like '%assign' limit 1")
    assert action == "staff:quality:assign"


async def test_a_finding_is_a_task_and_both_are_closed_together(
    house: House, expert: Browser, desk: Browser
) -> None:
    review, other = await reviews(house, 2)
    for one in (review, other):
        answer = await expert.post(
            f"/quality/reviews/{one}/findings",
            script="presentation:cough",
            kind="unclear_text",
            note="秘密の言葉",
        )
        assert answer.status == 303
    page = await expert.read("/tasks")
    assert page.count("presentation:cough") >= 2
    assert "秘密の言葉" not in page
    assert "presentation:cough" not in await desk.read("/tasks")
    tasks = await house.rows("select id, detail from task order by id")
    assert (await desk.post(f"/tasks/{tasks[0]['id']}/close")).status == 303
    assert await house.value("select count(*) from task where state = 'open'") == 2
    await expert.post(f"/tasks/{tasks[0]['id']}/close")
    await expert.post(f"/quality/findings/{tasks[1]['detail']['finding']}/close")
    for table in ("task", "quality_finding"):
        assert await house.value(f"select count(*) from {table} where state = 'open'") == 0


async def test_a_rule_that_changed_is_drawn_before_and_after(house: House, expert: Browser) -> None:
    for version, number in (("1", 0), ("2", 1)):
        (review,) = await reviews(house, 1)
        await house.rows(
            """update quality_review set rules = $2,
                 month = date_trunc('month', now()) - make_interval(months => $3)
               where id = $1""",
            review,
            {"presentation:cough": version, "triage": "aa"},
            number,
        )
        await expert.post(f"/quality/reviews/{review}", **GOOD)
    page = await expert.read("/quality/figures")
    assert page.count("data-figure=") == 1  # of the rule that has two versions
    assert "presentation:cough" not in page
    assert "せき" in page
