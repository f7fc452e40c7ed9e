"""Red flags in numbers: fever and age, blood pressure, sugar, oxygen. Pure, of any language.

NEEDS A CLINICIAN'S SIGNATURE. Limits: under three months 38 °C or unwell, three to six months
39 °C, others 39 °C; blood pressure 180/120 mmHg, in pregnancy 160/110; glucose 54 mg/dL (3.0
mmol/L) and 300 mg/dL, the latter with vomiting or drowsiness an emergency; SpO2 92 and 94 %.
Sources: rules.yml, of the rules that are named here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.red_flags.ages import youngest

_INFANT, _SUCKLING = 90, 180  # days of age below which a fever is graver
_NOT_A_VALUE = (
    r"(?! ?(?:mg|kg|ml|days?|weeks?|months?|years?|yrs?|hours?|hrs?|min\w*|times|am|pm|o'?clock"
    r"|дн\w+|недел\w+|мес\w*|год\w*|лет|раз\w*|час\w*|мин\w*"
    r"|日|天|週|周|か?月|ヶ月|个月|年|時|时|分|回|次|点|歳|才|岁|人|円|元))"
)
_TEMPERATURE = re.compile(
    r"(?<![\d./:])(?<!\d,)(3[4-9]|4[0-3])(?:[.,](\d)|\s?度\s?(\d)(?:分)?|\s?c?\s?)?"
    rf"(?![\d/:]|[.,]\d| ?%){_NOT_A_VALUE}"
)
_SPELT = re.compile("(三十[四五六七八九]|四十[一二三]?)度([一二三四五六七八九半])?")  # 三十八度八
_DIGITS = {sign: str(number) for number, sign in enumerate("一二三四五六七八九", 1)} | {"半": "5"}
_FAHRENHEIT = re.compile(r"(?<![\d.,/:])(9[5-9]|10[0-9])(?:\.(\d))?(?![\d/:]|\.\d)")
_IN_FAHRENHEIT = re.compile(r"\d ?°? ?f(?![a-z])|fahrenheit|華氏|华氏|fever|temp")
_FEVER = re.compile(
    r"(?<!\w)(?:fevers?|feverish|febrile|temp(?:erature)?s?|t|burning up|degrees?)(?!\w)"
    r"|°|\d ?c(?!\w)|температур\w*|темп|жар(?:а|ом)?(?!\w)|градус\w*|лихорад\w*|горяч\w+"
    r"|熱|热|体温|烧|度|ねつ|発熱"
)
_HOT = re.compile(
    r"(?<!\w)(?:fever|feverish|febrile|burning up|(?:very |really |so |feels? )hot|hot to)(?!\w)"
    r"|(?<!без )(?<!нет )(?:температурит\w*|высок\w+ температур\w*|жар(?:а|ом)?(?!\w)"
    r"|горяч\w+|лихорад\w*)|температура(?! в норме| нормальная)"
    r"|発熱|熱(?:が|を)(?:ある|あり|出|で)|高熱|熱っぽい|体が(?:熱|あつ)い"
    r"|发烧|发热|発热|高烧|身体很烫|很烫|发烫"
)
_UNWELL = re.compile(
    r"(?<!\w)(?:not right|not feeding"
    r"|(?:won'?t|not|stopped|refus\w+|barely|hardly) (?:to )?(?:feed|eat|drink|suck|wake|nurs)\w*"
    r"|floppy|limp|lethargic|very sleepy|too sleepy|listless|grunting|unresponsive|very pale"
    r"|strange colou?r|high[- ]pitched)(?!\w)"
    r"|не (?:ест|сосет|берет грудь|просыпается|реагирует)|вял\w+|стонет"
    r"|отказыва\w+ (?:от )?(?:еды|груди|есть|сосать)"
    r"|ぐったり|飲まない|のまない|飲みません|元気がない|様子がおかしい|様子が変|起きない"
    r"|泣き(?:声)?が弱|不吃奶|不喝奶|拒奶|没精神|精神不好|不对劲|嗜睡|叫不醒|软绵绵"
    r"|蔫|不睁眼|软趴趴|哭声(?:很|特别|越来越)?(?:弱|小|像)|哭不出"
)
_NO_FEVER = re.compile(
    r"(?<!\w)(?:no|without|not (?:a|have a|have)|doesn'?t have (?:a )?|hasn'?t (?:a )?)"
    r" ?(?:fever|temperature)|(?:нет|без) (?:\w+ )?(?:температуры|жара)|температуры нет"
    r"|熱は(?:ない|ありません|な)|没(?:有)?(?:发)?烧|没(?:有)?发热|不发烧"
)
_PRESSURE = re.compile(
    r"(?<![\d/.,])(\d{2,3}) ?(?:[/\\-]|на|over|と|の) ?(\d{2,3})(?![\d/]|[.,]\d)"
)
_UPPER = re.compile(
    r"(?:(?<!\w)(?:blood pressure|bp|systolic|(?:top|upper) (?:number|one|reading|pressure|figure)"
    r"|давлени\w+|верхнее|верхняя цифра)|血圧|血压|上の血圧|高压|收缩压|上压|最高血圧)"
    r"[^\d.!?;]{0,25}?(\d{3})(?![\d/])|(?:上が|上は|上の方が|上面(?:是|的)?) ?(\d{3})(?![\d/])"
    rf"{_NOT_A_VALUE}"
)
_PRESSURE_WORD = re.compile(
    r"(?<!\w)(?:blood pressure|pressure|bp|systolic|(?:top|upper) number|давлени\w+|ад"
    r"|верхнее|верхняя цифра)(?!\w)|血圧|血压|上(?:[がは]|の方が|面(?:是|的)?) ?\d|高压|收缩压|上压"
    r"|mmhg|мм рт"
)
_WITH_PRESSURE = re.compile(
    r"chest|breath|head(?!ing)|vision|blurr|sight|can'?t see|confus|weak(?!ly)|numb(?!er)|dizz"
    r"|vomit|nausea|faint|груд|сердц|дыш|дыха|одышк|голов|зрени|виж|мушки|слабост|онеме|тошн"
    r"|рво|рвет|胸|息|頭|头|見え|视|看不|めまい|しびれ|吐|晕|麻|混乱|意識|意识|ふらつ|恶心|喘"
    r"|まひ"
)
_PREGNANT = re.compile(
    r"pregnan|expecting|(?:weeks|months) along|беремен|妊娠|妊婦|妊妇|孕"
    r"|(?<!\d)(?:[23]\d|4[0-2]) ?(?:weeks|wks|週|周|недел)"
)
_SUGAR = re.compile(
    r"(?:(?<!\w)(?:blood sugars?|sugars?|glucose|bgl?|bm|сахар\w*|глюкоз\w*)(?!\w)"
    r"|血糖(?:値|值)?)[^\d.!?;]{0,25}(?<![a-zа-я])(\d{1,3}(?:[.,]\d)?)(?![\d/]|[.,]\d)"
    rf"{_NOT_A_VALUE}( ?mmol| ?ммоль)?"
)
_NOT_SUGAR = re.compile(r"грамм|ложк|spoon|gram|g of sugar|без сахара")
_DROWSY = re.compile(r"vomit|throwing up|drows|рвот|рвет|тошн|сонлив|吐|昏|ぼんやり|眠")
_OXYGEN = re.compile(
    r"(?:(?<!\w)(?:sp[o0]2|sats|sat(?= ?:? ?\d\d ?%)|o2|oxygen(?: (?:level|saturation|sats?))?"
    r"|saturation|сатурац\w+|кислород\w*(?: в крови)?)(?!\w)"
    r"|酸素(?:飽和度|濃度)?|[サさ]チュレーション|さちゅれーしょん|サチ|血氧(?:饱和度)?|パルスオキシメーター)"
    rf"[^\d.!?;]{{0,22}}(\d{{2}})(?:[.,]\d)?(?![\d/]|[.,]\d){_NOT_A_VALUE}"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A finding: a rule, the level that the number reaches, and whether it is denied."""

    rule: str
    level: int
    negated: bool = False


def measured(text: str, *, more: bool) -> Iterator[Measured]:
    """What the numbers of a folded text in simplified characters point to.

    `more`: whether other red flags are stated, which are symptoms to a high blood pressure.
    """
    yield from _fever(text)
    pressures = [*_pressures(text)]
    pregnant = _PREGNANT.search(text) is not None
    if any(upper >= 180 or lower >= 120 for upper, lower in pressures):
        if more or pregnant or _WITH_PRESSURE.search(text.replace("見て", "")):
            yield Measured("pressure_grave", 4)
        else:
            yield Measured("pressure_high", 3)
    elif pregnant and any(upper >= 160 or lower >= 110 for upper, lower in pressures):
        yield Measured("pregnancy", 4)
    for sugar in _sugars(text):
        if sugar < 54:
            yield Measured("sugar", 3)
        elif sugar >= 300:
            grave = _DROWSY.search(text)
            yield Measured("sugar_grave", 4) if grave else Measured("sugar", 3)
    for found in _OXYGEN.finditer(text):
        if 50 <= int(found[1]) <= 94:
            yield Measured("oxygen_low", 4 if int(found[1]) <= 92 else 3)


def _fever(text: str) -> Iterator[Measured]:
    age = youngest(text)
    infant = age is not None and age < _INFANT
    highest = max(_temperatures(text, infant=infant), default=None)
    if infant:
        hot = highest >= 38 if highest is not None else _HOT.search(text) is not None
        unwell = _UNWELL.search(text) is not None
        if hot or unwell:
            denied = highest is None and not unwell and _NO_FEVER.search(text) is not None
            yield Measured("fever_infant", 3 if denied else 4, denied)
    elif highest is not None and highest >= 39:
        child = age is not None and age < _SUCKLING
        yield Measured("fever_child" if child else "fever_high", 3)


def _temperatures(text: str, *, infant: bool) -> Iterator[float]:
    """What can be one of a body, in °C. An infant's is told without a word: "she is 38.4"."""
    named = _FEVER.search(text) is not None
    for spelt in _SPELT.finditer(text):
        tens, ones = ("3", spelt[1][2:]) if spelt[1][0] == "三" else ("4", spelt[1][2:])
        yield float(f"{tens}{_DIGITS.get(ones, '0')}.{_DIGITS.get(spelt[2] or '', '0')}")
    for found in _TEMPERATURE.finditer(text):
        if named or (infant and (found[2] or found[3])):
            yield float(f"{found[1]}.{found[2] or found[3] or 0}")
    if named and _IN_FAHRENHEIT.search(text):
        for found in _FAHRENHEIT.finditer(text):
            yield round((float(f"{found[1]}.{found[2] or 0}") - 32) / 1.8, 1)


def _pressures(text: str) -> Iterator[tuple[int, int]]:
    """Upper and lower in mmHg; the lower is 0 where only the upper is told."""
    if not _PRESSURE_WORD.search(text):
        return
    for found in _PRESSURE.finditer(text):
        upper, lower = int(found[1]), int(found[2])
        if 80 <= upper <= 300 and 40 <= lower < upper:
            yield upper, lower
    for found in _UPPER.finditer(text):
        upper = int(found[1] or found[2])
        if 140 <= upper <= 300:
            yield upper, 0


def _sugars(text: str) -> Iterator[float]:
    """Glucose in mg/dL. Without a unit, what is below 20 or has a decimal can only be mmol/L."""
    if _NOT_SUGAR.search(text):
        return
    for found in _SUGAR.finditer(text):
        value = float(found[1].replace(",", "."))
        molar = bool(found[2]) or value < 20 or not found[1].isdecimal()
        # Russia measures in mmol/L.
        molar = molar or (value < 40 and re.search("[а-я]", text) is not None)
        if value >= 1:
            yield value * 18 if molar else value
