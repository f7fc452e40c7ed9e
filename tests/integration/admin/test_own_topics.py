"""The clinic's own topics: staff write them, try them, take them out of use, see what was asked."""

import re

from clinic.faq import own
from clinic.staff.types import Role
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.house import KEYS, House

TOPIC = {
    "name-en": "Wheelchair parking",
    "name-ja": "車いす用駐車場",
    "answer-en": "Two places beside the door.",
    "answer-ja": "入口の横に2台分あります。",
    "examples-en": "is there parking for wheelchair users\r\n\r\n can a wheelchair get in \r\n",
    "examples-ja": "車いす用の駐車場はありますか",
}


async def write(house: House, desk: Browser, **changed: str) -> int:
    """A topic that the desk has written; its id."""
    assert (await desk.post("/faq/own", **{**TOPIC, **changed})).status == 303
    found: int = await house.value("select max(id) from faq_topic")
    return found


async def test_the_desk_writes_a_topic_and_changes_it(house: House, desk: Browser) -> None:
    topic = await write(house, desk)
    rows = await house.rows("select names, examples, version from faq_topic")
    assert rows[0]["examples"]["en"] == [
        "is there parking for wheelchair users",
        "can a wheelchair get in",
    ]
    page = await desk.read("/faq")
    assert "車いす用駐車場" in page
    assert "答えがない言語" in page  # three are missing, and that is said
    assert "入口の横に2台分" in await desk.read(f"/faq/own/{topic}")
    await house.rows("update faq_topic set helped = 3")
    await desk.post(f"/faq/own/{topic}", **{**TOPIC, "name-en": "Parking"})
    assert await house.value("select helped from faq_topic") == 3
    await desk.post(f"/faq/own/{topic}", **{**TOPIC, "answer-en": "Three places."})
    kept = await house.rows("select helped, version, names->>'en' as name from faq_topic")
    assert kept == [{"helped": 0, "version": 3, "name": "Wheelchair parking"}]
    assert await house.value("select count(*) from audit where action = 'staff:faq:own'") == 3


async def test_what_does_not_fit_is_not_saved_and_nothing_typed_is_lost(
    house: House, desk: Browser
) -> None:
    for field, value in (
        ("answer-en", "x" * 1501),
        ("name-en", "x" * 41),
        ("examples-en", "\n".join(f"question {n}" for n in range(21))),
        ("examples-en", "x" * 121),
    ):
        refused = await desk.post("/faq/own", **{**TOPIC, field: value})
        assert refused.status == 422, field
        assert "入口の横に2台分" in await refused.text()
    for part in ("name", "answer", "examples"):
        without = {key: words for key, words in TOPIC.items() if not key.startswith(part)}
        assert (await desk.post("/faq/own", **without)).status == 422
    assert await house.value("select count(*) from faq_topic") == 0
    assert (await desk.post("/faq/own/9999", **TOPIC)).status == 404


async def test_a_topic_is_taken_out_of_use_and_back(house: House, desk: Browser) -> None:
    topic = await write(house, desk)
    await desk.post(f"/faq/own/{topic}/retire")
    async with house.database.transaction() as tx:
        assert not await own.in_use(tx)
        assert await own.read_own(tx, f"own:{topic}", "en", ()) == ("", "")
    await desk.post(f"/faq/own/{topic}/restore")
    async with house.database.transaction() as tx:
        assert await own.read_own(tx, f"own:{topic}", "ru", ()) == ("en", TOPIC["answer-en"])


async def test_more_topics_than_texts_can_be_held_against_are_refused(
    house: House, desk: Browser
) -> None:
    topic = await write(house, desk)
    await desk.post(f"/faq/own/{topic}/retire")
    await house.rows(
        """insert into faq_topic (names, answers, examples)
           select names, answers, examples from faq_topic, generate_series(1, 30)"""
    )
    assert (await desk.post("/faq/own", **TOPIC)).status == 422
    assert (await desk.post(f"/faq/own/{topic}/restore")).status == 422


async def tried(desk: Browser, sentence: str, language: str = "en", **fields: str) -> str:
    """What the page says would happen."""
    page = await desk.post("/faq/own/try", sentence=sentence, language=language, **fields)
    found = re.search(r'id="result".*?</section>', await page.text(), re.DOTALL)
    assert found
    return found[0]


async def test_a_sentence_is_tried_with_the_form_as_it_is(house: House, desk: Browser) -> None:
    asked = "do you have parking for wheelchair users"
    assert "独自の案内で答えます" in (said := await tried(desk, asked, **TOPIC))
    assert "Wheelchair parking" in said
    assert "共通の案内で答えます" in await tried(desk, asked)
    assert "緊急の訴え" in await tried(desk, "chest pain, I can't breathe", **TOPIC)
    assert "別の用件" in await tried(desk, "please cancel my visit", **TOPIC)
    assert "メニューを表示" in await tried(desk, "qwrtz plmkn", **TOPIC)
    assert await house.value("select count(*) from faq_topic") == 0
    assert await house.value("select count(*) from audit where action like 'staff:faq:%'") == 0


async def test_what_was_asked_in_vain_is_listed_until_it_is_done(
    house: House, desk: Browser
) -> None:
    talk = await house.conversation()
    account = await house.value("select account_id from conversation where id = $1", talk)
    await house.say(talk, "クジラの小説はありますか")
    said = await house.value("select max(id) from inbound")
    async with house.database.transaction() as tx:
        await own.note_unanswered(tx, KEYS, account, "ja", "out_of_scope", "", said)
        await own.note_unanswered(tx, KEYS, account, "ja", "not_helped", "price", None)
    page = await desk.read("/faq/asked")
    assert "クジラの小説" in page
    # One question, with what became of it last.
    assert "答えが役に立たなかった" in page
    assert await house.value("select count(*) from audit where action = 'staff:faq:asked'") == 1
    question = await house.value("select id from faq_question")
    assert (await desk.post(f"/faq/asked/{question}/close")).status == 303
    assert "クジラの小説" not in await desk.read("/faq/asked")
    assert (await desk.post(f"/faq/asked/{question}/close")).status == 404


async def test_doctors_have_no_part_in_the_clinics_answers(house: House, sign_in: SignIn) -> None:
    doctor = await sign_in(await house.staff("Dr. Sato", Role.DOCTOR))
    for path in ("/faq", "/faq/own", "/faq/asked"):
        assert (await doctor.get(path)).status == 403
