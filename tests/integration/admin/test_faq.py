"""The clinic's answers: staff write them, patients get them in their language."""

from clinic.faq.service import rate, read_answer
from clinic.faq.types import MAX_ANSWER
from tests.integration.admin.conftest import Browser
from tests.integration.admin.house import House


async def test_the_desk_writes_an_answer_and_patients_get_it_in_their_language(
    house: House, desk: Browser
) -> None:
    saved = await desk.post("/faq/way", ja="港駅から3分", en="Three minutes\r\nfrom Minato", ru="")
    assert saved.status == 303
    assert "港駅から3分" in await desk.read("/faq")
    async with house.database.transaction() as tx:
        assert await read_answer(tx, "way", "ja") == ("ja", "港駅から3分")
        assert await read_answer(tx, "way", "ru") == ("en", "Three minutes\nfrom Minato")
        assert await read_answer(tx, "price", "ja") == ("", "")


async def test_an_answer_is_taken_away_by_emptying_it(house: House, desk: Browser) -> None:
    await desk.post("/faq/price", ja="保険が使えます")
    await desk.post("/faq/price", ja="  ")
    assert await house.value("select count(*) from faq_entry where topic = 'price'") == 0
    written = "select count(*) from audit where action = 'staff:faq:write'"
    before = await house.value(written)
    await desk.post("/faq/price", ja="")  # nothing changes, so nothing is noted
    assert await house.value(written) == before


async def test_what_patients_said_of_an_answer_counts_until_it_is_written_anew(
    house: House, desk: Browser
) -> None:
    await desk.post("/faq/services", ja="内科です", en="General medicine")
    async with house.database.transaction() as tx:
        await rate(tx, "services", "ja", helped=True)
        await rate(tx, "services", "ja", helped=False)
        await rate(tx, "services", "zh-Hant", helped=True)  # who read the English one
    assert "役に立った：1・スタッフへ：1" in await desk.read("/faq")
    await desk.post("/faq/services", ja="内科です", en="General medicine")
    assert "役に立った：1・スタッフへ：1" in await desk.read("/faq")
    await desk.post("/faq/services", ja="内科と小児科です")
    assert "役に立った：1・スタッフへ：1" not in await desk.read("/faq")


async def test_too_long_an_answer_saves_nothing(house: House, desk: Browser) -> None:
    refused = await desk.post("/faq/opening_hours", ja="短い", en="x" * (MAX_ANSWER + 1))
    assert refused.status == 422
    assert await house.value("select count(*) from faq_entry where topic = 'opening_hours'") == 0


async def test_there_are_no_topics_but_those_the_assistant_asks_for(desk: Browser) -> None:
    assert (await desk.post("/faq/recipes", ja="x")).status == 404
