"""Red flags in Russian: the lexicon's own phrases, their variants, doubts, idioms, daily words."""

import pytest

from nlu.red_flags import flags, screen
from nlu.red_flags.lexicon import lexicon, rules
from tests.nlu.test_red_flags import calls

PHRASES = [
    (rule, entry.source)
    for rule, entries in lexicon("ru").entries.items()
    for entry in entries
    if entry.plain
]


def stated(text, rule):
    """Whether the rule is found in the text and meant."""
    return any(flag.rule == rule and not flag.negated for flag in flags(text))


def test_the_lexicon_waits_for_a_signature_and_has_phrases_for_every_rule():
    known = lexicon("ru")
    assert len(PHRASES) >= 150
    assert [rule for rule in rules() if not known.entries[rule]] == []
    assert {rule.signed_by for rule in rules().values()} == {None}


def test_every_phrase_of_the_lexicon_is_found():
    missed = [(rule, text) for rule, text in PHRASES if not stated(text, rule)]
    assert missed == []


def test_every_phrase_is_found_at_no_lower_a_level_than_its_rule():
    low = [
        (rule, text)
        for rule, text in PHRASES
        if (flag := screen(text)) is None or flag.level < rules()[rule].level
    ]
    assert low == []


def test_every_pattern_is_a_red_flag_in_its_first_choices():
    missed = [
        (rule, entry.source)
        for rule, entries in lexicon("ru").entries.items()
        for entry in entries
        if not flags(entry.example())
    ]
    assert missed == []


VARIANTS = {
    "upper case": str.upper,
    "title": str.title,
    "spaces": lambda text: "  " + text.replace(" ", "   ") + " ",
    "marks": lambda text: text + "!!!",
    "ё for е": lambda text: text.replace("е", "ё"),
    "in a sentence": lambda text: f"здравствуйте, {text}, что делать",
    "after a greeting": lambda text: f"Добрый день. {text}. Спасибо",
    "a relative": lambda text: f"у мужа: {text}",
    "zero width": lambda text: "\u200b".join(text),
    "stress": lambda text: text.replace("о", "о\u0301"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_of_the_phrases_are_found(name):
    missed = [(rule, text) for rule, text in PHRASES if not stated(VARIANTS[name](text), rule)]
    assert missed == []


SAID = [
    ("chest_pain", "За грудиной печёт и отдаёт в левую руку, весь мокрый"),
    ("chest_pain", "сердце сильно жмёт, нитроглицерин не помог"),
    ("breathing", "не магу дышать"),
    ("breathing", "задыхаемся обе"),
    ("stroke", "у бабули рот поехал набок и речь как каша"),
    ("stroke", "отнялась вся левая сторона"),
    ("unconscious", "дедушка лежит, трясу его, никак не реагирует"),
    ("seizure", "ребёнка трясёт, глаза закатил, пена изо рта"),
    ("headache_grave", "голова заболела за секунду, такой боли в жизни не было"),
    ("sepsis", "лихорадка, сыпь не бледнеет под стаканом"),
    ("fever_infant", "малышу полтора месяца, температура 38,4"),
    ("child_grave", "доченька вялая и не просыпается"),
    ("abdomen_grave", "живот твёрдый как доска, боль адская"),
    ("vomiting_grave", "отца вырвало чем-то вроде кофейной гущи"),
    ("urine_blocked", "с ночи никак не может помочиться"),
    ("testicle", "сильно болит яичко"),
    ("pregnancy", "беременна, кровь хлещет"),
    ("back_grave", "немеет промежность и не держу мочу"),
    ("limb_grave", "кость торчит"),
    ("head_injury_grave", "стукнулась головой, теперь сонная и рвота"),
    ("bleeding", "кровь фонтаном, не могу остановить"),
    ("burn_grave", "сын вылил на себя чайник кипятка"),
    ("anaphylaxis", "после орехов опухли губы и язык"),
    ("eye_grave", "в глаз брызнула кислота"),
    ("vision_loss", "внезапно ослепла на правый глаз"),
    ("nosebleed_grave", "кровь из носа полчаса не останавливается"),
    ("overdose", "дочка наелась таблеток"),
    ("poison", "сын глотнул уксусной эссенции"),
    ("poison", "малыш проглотил батарейку"),
    ("choking", "муж подавился мясом и синеет"),
    ("sugar_grave", "диабетик, без сознания"),
    ("self_harm_now", "не хочу жить"),
    ("self_harm_now", "она стоит на крыше и хочет прыгнуть"),
    ("self_harm_now", "умереть хочу"),
    ("self_harm_thoughts", "без меня всем будет легче"),
    ("mental_crisis", "слышу голоса, они приказывают"),
]


@pytest.mark.parametrize(("rule", "text"), SAID)
def test_what_patients_and_relatives_say_is_seen(rule, text):
    assert stated(text, rule)
    assert screen(text).level >= rules()[rule].level


DOUBTED = [
    "боли в груди нет",
    "нет боли в груди",
    "не болит грудь",
    "в груди не болит и одышки нет",
    "без потери сознания",
    "судорог не было",
    "нет ни одышки, ни боли в груди",
    "никаких мыслей о самоубийстве нет",
    "год назад была боль в груди",
    "в детстве были судороги",
    "в 2019 падал в обморок",
    "раньше случались приступы удушья",
    "а что если начнётся кровотечение?",
    "что делать при приступе астмы?",
    "в случае обморока куда звонить?",
    "какие признаки отёка Квинке?",
]


@pytest.mark.parametrize("text", DOUBTED)
def test_what_is_denied_past_or_supposed_is_asked_about(text):
    flag = screen(text)
    assert flag is not None
    assert flag.negated
    assert flag.level == 3


STILL_STATED = [
    ("breathing", "боли в груди нет, но не могу дышать"),
    ("chest_pain", "раньше такого не было, сильная боль в груди"),
    ("chest_pain", "нет, опять болит сердце"),
    ("chest_pain", "год назад был инфаркт, сейчас снова боль в груди"),
    ("breathing", "не знаю что делать, ребёнок задыхается"),
    ("unconscious", "отец без сознания"),
    ("overdose", "что делать если ребёнок выпил таблетки?"),
    ("chest_pain", "если честно, сильно давит в груди"),
    ("chest_pain", "не то чтобы не болит, давит в груди"),
]


@pytest.mark.parametrize(("rule", "text"), STILL_STATED)
def test_a_doubt_about_one_thing_does_not_silence_another(rule, text):
    assert stated(text, rule)


QUIET = [
    "",
    "...",
    "умираю как хочу кофе",
    "умираю от скуки",
    "смешно до смерти",
    "убиться можно, какие цены",
    "со смеху помер",
    "сердце кровью обливается",
    "голова пухнет от бумаг",
    "чуть не умерла со стыда",
    "убил бы за кофе",
    "хоть вешайся с вашей очередью",
    "задыхаюсь от восторга",
    "запись к кардиологу на четверг",
    "рентген грудной клетки",
    "реабилитация после инсульта",
    "лекция о профилактике самоубийств",
    "семейный анамнез: рак",
    "страховка от несчастного случая",
    "судороги в ногах по ночам",
    "Инсульт был в 2019 году",
    "голова сегодня болит меньше, спасибо",
    "Можно записаться на завтра?",
    "телефон умер, пишу с компьютера",
    "кормлю грудью, можно ли прививку",
    "больно ли сдавать кровь из вены",
    "давление 120 на 80",
    "не могу прийти завтра, перенесите",
    "больше не могу ждать ответа",
    "не хочу жить далеко от клиники",
]


@pytest.mark.parametrize("text", QUIET)
def test_idioms_and_daily_words_are_silent(text):
    assert screen(text) is None


def test_usual_texts_are_read_in_a_millisecond():
    """A device of today does some five calls a microsecond; a clock would tell of the machine."""
    texts = [*QUIET, *DOUBTED, *(text for _, text in SAID)]
    assert sum(map(calls, texts)) / len(texts) < 5_000


@pytest.mark.parametrize("piece", ["боль в груди не ", "не ", "болит живот и спина ", "умираю "])
def test_a_long_text_does_not_hold_up_the_others(piece):
    assert calls(piece * (5000 // len(piece))) < 250_000
