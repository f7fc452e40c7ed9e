"""The clinic's own topics, from what a patient types to what staff see of it."""

import dataclasses

import pytest

from clinic.booking import demo
from clinic.config import Settings
from clinic.faq import own
from clinic.faq.demo import DEMO
from clinic.faq.types import OwnWords
from clinic.setting.live import LiveSettings, Pulse
from clinic.staff.service import add_staff
from clinic.staff.types import Role
from tests.integration.turns.rig import Patient, Rig
from tests.integration.turns.test_understanding import comes_in

pytestmark = pytest.mark.server

ASKED = {
    "en": ("price without insurance", "do you do video visits", "can I ask at night"),
    "ja": ("保険なしの料金", "ビデオ診療はありますか", "夜に相談できますか"),
    "zh-Hant": ("沒有保險的價錢", "有視訊看診嗎", "晚上可以問嗎"),
    "zh-Hans": ("没有保险的价钱", "有视频看诊吗", "晚上可以问吗"),
    "ru": ("цена без страховки", "есть видеоприём?", "можно спросить ночью?"),
}

# A part of a common topic, and another one that asks for a person: not told at once.
LESS_SURE = {("ja", "保険なしの料金"), ("ja", "夜に相談できますか")}


@pytest.fixture
async def clinic(rig: Rig) -> Rig:
    """The demo clinic, whose topics this process has read."""
    now = await rig.value("select now()")
    async with rig.env.database.transaction() as tx:
        await demo.seed(tx, rig.env.keys, rig.env.settings, rig.env.local(now).date())
        await rig.env.topics.refresh(tx)
    return rig


async def told(patient: Patient, words: str) -> str:
    """What the patient reads after these words: messages and buttons."""
    await patient.says(words)
    parts = [part for message in patient.shown for part in (message.text, *labels(message))]
    return "\n".join(parts)


def labels(message):
    return [button.label for button in message.buttons]


@pytest.mark.parametrize("language", ASKED)
async def test_what_the_clinic_wrote_is_told_in_the_patients_language(
    clinic: Rig, language: str
) -> None:
    by_topic = (DEMO[1], DEMO[0], DEMO[2])
    patient = await comes_in(clinic, language)
    for words, topic in zip(ASKED[language], by_topic, strict=True):
        read = await told(patient, words)
        if topic.answers[language] not in read:
            assert topic.names[language] in read, (words, read)
            assert (language, words) in LESS_SURE
            await patient.presses(topic.names[language])
            assert topic.answers[language] in patient.shown[0].text


PERSON = {"en": "staff", "ja": "スタッフ", "zh-Hant": "人員", "zh-Hans": "人员", "ru": "сотрудник"}


@pytest.mark.parametrize("language", ASKED)
async def test_without_such_topics_each_gets_an_answer_or_a_person(
    clinic: Rig, language: str
) -> None:
    await clinic.execute("delete from faq_topic")
    async with clinic.env.database.transaction() as tx:
        await clinic.env.topics.refresh(tx)
    patient = await comes_in(clinic, language)
    for words in ASKED[language]:
        read = await told(patient, words)
        owner = await clinic.value(
            "select owner from conversation where account_id = $1", patient.account_id
        )
        assert owner == "queue" or PERSON[language] in read, (words, read)
        await clinic.execute("update conversation set owner = 'bot'")


async def test_every_process_knows_a_topic_after_its_next_pulse(clinic: Rig) -> None:
    settings = Settings(database_url=clinic.env.settings.database_url)
    pulse = Pulse(
        clinic.env.database, LiveSettings(settings), "web", also=(clinic.env.topics.refresh,)
    )
    await pulse.beat()
    words = OwnWords(
        {"en": "Wheelchair parking"},
        {"en": "Two places beside the door are kept free."},
        {"en": ("is there parking for wheelchair users",)},
    )
    patient = await comes_in(clinic, "en")
    asked = "do you have wheelchair parking"
    assert "Two places" not in await told(patient, asked)
    async with clinic.env.database.transaction() as tx:
        staff = await add_staff(tx, "Aki", Role.STAFF)
        topic = await own.save_own(tx, staff, None, words)
        assert topic
    await pulse.beat()
    assert "Two places" in await told(patient, asked)
    async with clinic.env.database.transaction() as tx:
        assert await own.retire_own(tx, staff, topic, retired=True)
        assert not await own.retire_own(tx, staff, topic, retired=True)
    await pulse.beat()
    assert "Two places" not in await told(patient, asked)
    await pulse.stop()


async def test_who_reads_another_language_is_told_so_plainly(clinic: Rig) -> None:
    await clinic.execute("update faq_topic set answers = answers - 'ru'")
    patient = await comes_in(clinic, "ru")
    read = await told(patient, "можно спросить ночью?")
    assert "только на языке: English" in read
    assert DEMO[2].answers["en"] in read
    await patient.presses("Да")
    assert await clinic.value("select sum(helped) from faq_topic") == 1


async def test_an_emergency_is_an_emergency_whatever_the_topics_are(clinic: Rig) -> None:
    cry = "my chest hurts and I can't breathe, do you do video visits"
    async with clinic.env.database.transaction() as tx:
        words = dataclasses.replace(DEMO[0], examples={"en": (cry,)})
        await own.save_own(tx, None, None, words)
        await clinic.env.topics.refresh(tx)
    patient = await comes_in(clinic, "en")
    assert "119" in (read := await told(patient, cry))
    assert DEMO[0].answers["en"] not in read
    assert await clinic.value("select count(*) from escalation") == 1


async def test_what_was_asked_in_vain_is_kept_for_staff_by_number_alone(
    clinic: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    patient = await comes_in(clinic, "en")
    strange = "can you recommend a good novel about whales"
    await told(patient, strange)
    await told(patient, "do you do video visits")
    await patient.presses("Ask our staff")
    async with clinic.env.database.transaction() as tx:
        found = await own.open_questions(tx, clinic.env.keys, 10)
        assert {(one.why, one.words) for one in found} == {
            ("out_of_scope", strange),
            ("not_helped", "do you do video visits"),
        }
        assert await own.count_open(tx) == {"out_of_scope": 1, "not_helped": 1}
    assert "whales" not in caplog.text
    row = await clinic.rows("select * from faq_question order by id limit 1")
    assert "whales" not in str(row)
    # The words go when the transcript goes.
    await clinic.execute("update inbound set text = null")
    async with clinic.env.database.transaction() as tx:
        assert {one.words for one in await own.open_questions(tx, clinic.env.keys, 10)} == {""}


async def test_a_question_that_a_button_made_clear_is_none_that_was_in_vain(clinic: Rig) -> None:
    patient = await comes_in(clinic, "ja")
    await patient.says("夜に相談できますか")
    assert await clinic.value("select count(*) from faq_question where why = 'unsure'") == 1
    await patient.presses("夜間の相談")
    assert DEMO[2].answers["ja"] in patient.shown[0].text
    assert await clinic.value("select count(*) from faq_question") == 0
