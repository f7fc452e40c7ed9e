"""The first red-flag list: what must trip it, and what must not."""

from time import perf_counter

import pytest

from flows.safety import RedFlag, screen

GRAVE = [
    # English
    ("chest_pain", "I have chest pain"),
    ("chest_pain", "CHEST   PAIN!!"),
    ("chest_pain", "crushing pain in my chest since noon"),
    ("chest_pain", "I think I'm having a heart attack"),
    ("breathing", "I can’t breathe"),
    ("breathing", "cant breathe"),
    ("breathing", "he is not breathing"),
    ("stroke", "her face is drooping"),
    ("stroke", "my arm suddenly went numb"),
    ("stroke", "slurred speech since this morning"),
    ("unconscious", "My father is unconscious"),
    ("unconscious", "she won't wake up"),
    ("seizure", "my son is having a seizure"),
    ("bleeding", "the bleeding won't stop"),
    ("bleeding", "He is vomiting blood"),
    ("anaphylaxis", "my throat is swelling after the nuts"),
    ("overdose", "I took too many pills"),
    ("overdose", "overdose"),
    ("self_harm", "I want to die"),
    ("self_harm", "I don't want to live any more"),
    ("self_harm", "I will kill myself tonight"),
    # Japanese
    ("chest_pain", "胸が痛いです"),
    ("chest_pain", "ムネガ イタイ"),
    ("chest_pain", "ﾑﾈｶﾞｲﾀｲ"),
    ("chest_pain", "胸がすごく苦しい"),
    ("breathing", "息ができない"),
    ("breathing", "呼吸が出来ません"),
    ("stroke", "ろれつが回らない"),
    ("stroke", "右の、顔の半分がしびれて"),
    ("unconscious", "意識がありません"),
    ("unconscious", "呼びかけに反応しない"),
    ("unconscious", "父が倒れて動かない"),
    ("seizure", "子供がけいれんしています"),
    ("bleeding", "血が止まらない"),
    ("bleeding", "血を吐きました"),
    ("anaphylaxis", "アナフィラキシー"),
    ("overdose", "薬をたくさん飲んでしまった"),
    ("self_harm", "死にたい"),
    ("self_harm", "シニタイ"),
    ("self_harm", "リストカットした"),
    # Chinese, both scripts
    ("chest_pain", "胸口很痛"),
    ("chest_pain", "胸痛"),
    ("breathing", "喘不過氣"),
    ("breathing", "我喘不过气来了"),
    ("breathing", "呼吸困難"),
    ("stroke", "嘴歪了,口齒不清"),
    ("stroke", "好像中风了"),
    ("stroke", "半边身子没力"),
    ("unconscious", "媽媽昏迷了"),
    ("unconscious", "他失去意识"),
    ("seizure", "孩子在抽搐"),
    ("bleeding", "血止不住"),
    ("anaphylaxis", "喉咙肿了"),
    ("overdose", "吞了很多安眠药"),
    ("self_harm", "我想死"),
    ("self_harm", "不想活了"),
    ("self_harm", "想自殺"),
    # Russian
    ("chest_pain", "У меня сильная боль в груди"),
    ("chest_pain", "давит в груди"),
    ("breathing", "Не могу дышать"),
    ("breathing", "задыхаюсь"),
    ("stroke", "у мужа перекосило лицо"),
    ("unconscious", "Она без сознания"),
    ("unconscious", "потерял сознание"),
    ("seizure", "у ребёнка судороги"),
    ("bleeding", "кровь не останавливается"),
    ("anaphylaxis", "отёк Квинке"),
    ("overdose", "выпила всю пачку снотворного"),
    ("overdose", "передозировка"),
    ("self_harm", "не хочу жить"),
    ("self_harm", "Хочу умереть"),
    # the language mixed, and inside other words
    ("chest_pain", "予約したい。chest pain"),
    ("chest_pain", "Please move my visit, I have had chest pain since Monday"),
    ("chest_pain", "No, chest pain started again"),
]


@pytest.mark.parametrize(("rule", "text"), GRAVE)
def test_an_emergency_is_seen_in_every_language(rule, text):
    assert screen(text) == RedFlag(rule, 4)


QUIET = [
    "死ぬほど忙しい",
    "死にそうに眠い",
    "死にたくない人はいません",
    "dying to see you",
    "I'm dying for a coffee",
    "I nearly want to die laughing",
    "累死了",
    "想死你了",
    "忙死了",
    "умираю от скуки",
    "смешно до смерти",
    "sober since 2020",
    "I can't speak English well",
    "I cannot stop by tomorrow",
    "please stop the messages",
    "судороги в ногах по ночам",
    "まぶたのけいれんが続く",
    "中風險",
    "胸部レントゲンの予約",
    "chest x-ray",
    "my back is killing me",
    "参加生活動",
    "予約をキャンセルしたい",
    "母は2020年に脳梗塞をしました",
    "After a stroke in 2020 I take aspirin",
    "Инсульт был в 2019 году",
    "Можно записаться на завтра?",
    "預約明天",
    "",
    "👍",
    "...",
]


@pytest.mark.parametrize("text", QUIET)
def test_idioms_and_daily_words_do_not_trip_it(text):
    assert screen(text) is None


DENIED = [
    "no chest pain",
    "I don't have any chest pain",
    "胸の痛みはありません",
    "胸は痛くないです",
    "没有胸痛",
    "有沒有胸痛",
    "боли в груди нет",
    "нет боли в груди",
    "死にたいわけではない",
    "我不想死",
]


@pytest.mark.parametrize("text", DENIED)
def test_what_is_denied_is_asked_about_rather_than_dropped(text):
    flag = screen(text)
    assert flag
    assert flag.negated
    assert flag.level == 3


def test_a_stated_sign_counts_though_another_is_denied():
    assert screen("no chest pain but I can't breathe") == RedFlag("breathing", 4)
    assert screen("胸の痛みはありませんが、息ができない") == RedFlag("breathing", 4)


def test_thoughts_of_suicide_are_of_their_own_kind():
    assert screen("自殺").self_harm
    assert not screen("胸痛").self_harm


def test_a_long_text_is_read_in_no_time():
    """A patient's device must not be able to hold up the others by what it sends."""
    began = perf_counter()
    for long in (
        "no chest pain " * 1500,
        "胸がががが" * 4000,
        "не " * 7000,
        "a" * 20000,
        "死" * 9000,
    ):
        screen(long)
    assert perf_counter() - began < 3
