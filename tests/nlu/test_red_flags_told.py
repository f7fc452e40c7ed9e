"""What patients write, in every language: what must be heard, and what must not trip it."""

import pytest

from nlu.red_flags import RedFlag, flags, screen

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
    ("vomiting_grave", "He is vomiting blood"),
    ("anaphylaxis", "my throat is swelling after the nuts"),
    ("overdose", "I took too many pills"),
    ("overdose", "overdose"),
    ("self_harm_now", "I will kill myself tonight"),
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
    ("vomiting_grave", "血を吐きました"),
    ("anaphylaxis", "アナフィラキシー"),
    ("overdose", "薬をたくさん飲んでしまった"),
    ("self_harm_now", "リストカットした"),
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
    ("self_harm_now", "想自殺"),
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
    # Languages mixed, and in the middle of something else
    ("chest_pain", "予約したい。chest pain"),
    ("chest_pain", "你好，胸が痛い"),
    ("chest_pain", "Please move my visit, I have had chest pain since Monday"),
    ("chest_pain", "No, chest pain started again"),
    # Another person's
    ("chest_pain", "my father has chest pain"),
    ("chest_pain", "父の胸が痛いと言っています"),
    ("chest_pain", "我爸爸胸痛"),
    ("chest_pain", "у отца боль в груди"),
    # After a denial of something else
    ("breathing", "no chest pain but I can't breathe"),
    ("breathing", "胸の痛みはありませんが、息ができない"),
    ("breathing", "没有胸痛，但是喘不过气"),
    ("breathing", "боли в груди нет, но не могу дышать"),
]


@pytest.mark.parametrize(("rule", "text"), GRAVE)
def test_an_emergency_is_heard_in_every_language(rule: str, text: str) -> None:
    assert RedFlag(rule, 4) in flags(text)
    gravest = screen(text)
    assert gravest is not None
    assert gravest.level == 4
    assert not gravest.negated


@pytest.mark.parametrize(
    "text",
    [
        *("I want to die", "I don't want to live any more", "死にたい", "シニタイ", "我想死"),
        *("不想活了", "自殺", "не хочу жить", "Хочу умереть"),
    ],
)
def test_thoughts_of_suicide_are_of_their_own_kind(text: str) -> None:
    flag = screen(text)
    assert flag is not None
    assert flag.self_harm
    assert flag.level >= 3
    assert not flag.negated


def test_other_red_flags_are_not_of_that_kind() -> None:
    assert not RedFlag("chest_pain", 4).self_harm


@pytest.mark.parametrize(
    "text",
    [
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
        "умираю как хочу",
        "смешно до смерти",
        "sober since 2020",
        "I can't speak English well",
        "I cannot stop by tomorrow",
        "please stop the messages",
        "my head hurts less today, thank you",
        "I'd like to book cardiology",
        "循環器内科を予約したいです",
        "想预约心内科",
        "записаться к кардиологу",
        "судороги в ногах по ночам",
        "まぶたのけいれんが続く",
        "中風險",
        "胸部レントゲンの予約",
        "chest x-ray",
        "my back is killing me",
        "参加生活動",
        "予約をキャンセルしたい",
        "After a stroke in 2020 I take aspirin",
        "Можно записаться на завтра?",
        "預約明天",
        "",
        "👍",
        "...",
    ],
)
def test_idioms_and_daily_words_do_not_trip_it(text: str) -> None:
    assert screen(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("no chest pain", "I don't have any chest pain", "if I get chest pain what do I do"),
        *("I had chest pain three years ago", "胸の痛みはありません", "胸は痛くないです"),
        *("胸が痛くなったらどうすれば", "5年前に胸が痛かった", "没有胸痛", "有沒有胸痛"),
        *("如果胸痛怎么办", "боли в груди нет", "нет боли в груди"),
        *("что делать, если заболит в груди", "死にたいわけではない", "我不想死"),
    ],
)
def test_what_is_denied_past_or_supposed_is_asked_about_rather_than_dropped(text: str) -> None:
    flag = screen(text)
    assert flag is not None
    assert flag.negated
    assert flag.level == 3


def test_what_is_stated_comes_before_what_is_denied_and_the_gravest_first() -> None:
    found = flags("no seizure, but a fever of 39.5 and chest pain")
    assert [(flag.level, flag.negated) for flag in found] == sorted(
        ((flag.level, flag.negated) for flag in found), key=lambda one: (one[1], -one[0])
    )
    assert found[0] == RedFlag("chest_pain", 4)


@pytest.mark.parametrize("text", ["今朝から頭が痛い", "我今天早上開始頭痛", "今早肚子痛"])
def test_a_headache_since_this_morning_called_an_ambulance(text):
    flag = screen(text)
    assert flag is None or flag.level < 4


@pytest.mark.parametrize(
    "text",
    [
        "I take warfarin and my gums bleed",
        "ワーファリンを飲んでいて歯ぐきから血が出ます",
        "我吃華法林，牙齦流血",
        "принимаю варфарин, кровят дёсны",
    ],
)
def test_bleeding_under_a_blood_thinner_was_not_heard(text):
    flag = screen(text)
    assert flag is not None
    assert flag.level == 3


@pytest.mark.parametrize(
    "text",
    [
        "I have crushing chest pain and cold sweat",
        "Cold sweat, and a crushing chest pain",
        "Call an ambulance, I have chest pain",
        "胸が締め付けられるように痛くて冷や汗が出ます",
        "救急車を呼んでください、胸が痛いです",
        "胸口壓榨樣疼痛，還冒冷汗",
        "胸口压榨样疼痛，还出冷汗",
        "Сильная давящая боль в груди и холодный пот",
    ],
)
def test_a_doctor_was_told_of_a_cold_sweat_and_not_of_the_chest_pain_beside_it(text):
    found = [flag.rule for flag in flags(text) if flag.level == 4]
    assert len(found) == 2
    assert found[0] == "chest_pain"
