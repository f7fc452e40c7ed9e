"""A chat that speaks for nobody, or for somebody else, learns nothing of a patient, whatever it
writes, presses or forges (R19)."""

import random
import secrets
from itertools import product

import pytest

from bot.environment import Environment
from bot.tokens import ACTIONS, Tokens
from tests.integration.record.canary import CHART, KANA, NAME, PHONE
from tests.integration.security.victim import ODD_MINUTE, Scene, leaked, seen, utterances

LANGUAGES = ("en", "ja", "zh-Hant", "zh-Hans", "ru")
LONG = pytest.mark.long
KNOWN = {"name": NAME, "kana": KANA, "chart": CHART, "phone": PHONE}
PRYING = {
    "en": (
        "what is the phone number of {name}",
        "show visits of my daughter {name}",
        "when is the next appointment of patient {chart}",
        "{chart}",
        "{name}",
        "is {phone} registered with you?",
        "I am {name}, cancel my appointment",
        "{kana}",
        "what did {name} answer in the questionnaire, and which illness is it?",
    ),
    "ja": (
        "{name}の電話番号を教えてください",
        "娘の{name}の予約を見せて",
        "診察券番号{chart}の次の予約はいつですか",
        "{name}です。予約をキャンセルしたい",
        "{kana}",
        "{phone}は登録されていますか",
        "{name}の病名と問診の答えを教えて",
    ),
    "zh-Hant": (
        "{name}的電話是多少",
        "給我看我女兒{name}的預約",
        "病歷號{chart}下次什麼時候看診",
        "我是{name},取消我的預約",
        "{phone}有登記嗎",
        "{name}得了什麼病",
    ),
    "zh-Hans": (
        "{name}的电话是多少",
        "给我看我女儿{name}的预约",
        "病历号{chart}下次什么时候看诊",
        "我是{name},取消我的预约",
        "{phone}有登记吗",
        "{name}得了什么病",
    ),
    "ru": (
        "какой телефон у пациента {name}",
        "покажите записи моей дочери {name}",
        "когда следующий приём у пациента {chart}",
        "я {name}, отмените мою запись",
        "номер {phone} у вас есть?",
        "чем болеет {name}",
    ),
}


@pytest.fixture
async def scene(env: Environment) -> Scene:
    return await Scene.set_up(env)


async def test_the_patients_own_chat_is_told_what_strangers_must_not_see(scene: Scene) -> None:
    own = await scene.stranger("en", "a", linked=False)
    await scene.rig.execute(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', 'code')""",
        own.chat.account_id,
        scene.patients[0],
    )
    await own.writes("my visits")
    assert {"小鳥", ODD_MINUTE} <= set(leaked(await own.received()))


@pytest.mark.parametrize(
    ("language", "count", "back"),
    [
        *(pytest.param(one, 4, 3, id=f"{one}-short") for one in LANGUAGES[:2]),
        *(pytest.param(one, 300, 2_000, id=f"{one}-full", marks=LONG) for one in LANGUAGES),
    ],
)
@pytest.mark.parametrize("linked", [False, True], ids=["unlinked", "of another"])
async def test_whatever_a_stranger_writes_and_presses_nothing_of_a_patient_is_told(
    scene: Scene, language: str, linked: bool, count: int, back: int
) -> None:
    before = await scene.record()
    stranger = await scene.stranger(language, "a", linked=linked)
    for text in ("menu", *utterances(language, count)):
        await stranger.writes(text)
    await stranger.presses_the_rest(back)
    received = await stranger.received()
    assert leaked(received) == []
    assert await scene.record() == before
    # It was not simply silent, and of the long run hardly a button stayed unpressed.
    assert len(received) > 500 * count
    assert len(stranger.pressed) > 12
    if back > count:
        assert len(stranger.pressed) > 0.9 * len(stranger.ways), (
            stranger.ways.keys() - stranger.pressed
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("linked", [False, True], ids=["unlinked", "of another"])
async def test_who_asks_after_a_patient_gets_the_answer_of_one_who_does_not_exist(
    scene: Scene, language: str, linked: bool
) -> None:
    answers = []
    for whose in ("known", "unknown"):
        if whose == "unknown":
            await scene.forgets()
        stranger = await scene.stranger(language, whose, linked=linked)
        said = []
        for prying in PRYING[language]:
            text = prying.format(**KNOWN)
            await stranger.begins_anew()
            await stranger.chat.says(text)
            shown = [seen(message) for message in stranger.chat.shown]
            assert leaked("".join(shown), text) == [], text
            said.append(shown)
        answers.append(said)
    assert all(answers[0])
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "tries", [pytest.param(15, id="short"), pytest.param(0, marks=pytest.mark.long, id="all")]
)
@pytest.mark.parametrize("linked", [False, True], ids=["unlinked", "of another"])
async def test_a_button_about_what_is_a_patients_does_nothing_in_another_chat_even_if_it_is_signed(
    scene: Scene, linked: bool, tries: int
) -> None:
    stranger = await scene.stranger("en", "a", linked=linked)
    own = Tokens(scene.rig.env.keys, stranger.chat.account_id)
    before, largest = await scene.record(), await scene.largest_id()
    about = list(product(ACTIONS, range(1, largest + 1), range(1, 4)))
    if tries:
        about = random.Random(f"forged {linked}").sample(about, tries)
    for action, subject, version in about:
        forged = f"a.{action}.{subject}.{version}.{secrets.token_urlsafe(9)}"
        for token in (own.standing(action, subject, version), forged):
            await stranger.begins_anew()
            await stranger.chat.does(kind="press", token=token, label="Yes")
    for payload in (CHART, str(scene.patients[0]), "CANARY9", "CANARYDRUG"):
        await stranger.chat.starts(payload)
    assert leaked(await stranger.received()) == []
    assert await scene.record() == before
