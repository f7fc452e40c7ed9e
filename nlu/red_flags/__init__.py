"""Red flags: every text is screened for emergencies before anything else is done with it. Pure.

Rules can only raise a level: nothing after them lowers it. They run in process, on data files that
are read once. What they look for is clinical content and NEEDS A CLINICIAN'S SIGNATURE.
"""

import re
from dataclasses import dataclass

from nlu.folding import has_kana, simplified
from nlu.red_flags.ages import old
from nlu.red_flags.doubt import Reader
from nlu.red_flags.homophones import as_said
from nlu.red_flags.lexicon import NAMES, Lexicon, lexicon, rules
from nlu.red_flags.measured import measured
from nlu.red_flags.units import Units, folded, signs, words

ASKED = 3  # the level of what is asked about
EMERGENCY = 4
_LATIN = re.compile("[a-z]")
_CYRILLIC = re.compile("[а-я]")
_HAN = re.compile("[㐀-鿿]")
_KANA = re.compile("[ぁ-ゖァ-ヺー]+")
_KEPT = str.maketrans("痺睪妳", "痹睾你")  # that a simplification leaves as they are
_INFANT = re.compile("born|week|month|day|недел|месяц|новорожд|ребен|дн|生|月|宝|婴")


@dataclass(frozen=True, slots=True)
class RedFlag:
    """What a text points to. `level` is 1 to 4 (4: emergency).

    `negated`: the patient did not say that it is so now (denied, past, supposed), which is asked
    about rather than believed.
    """

    rule: str
    level: int
    negated: bool = False

    @property
    def self_harm(self) -> bool:
        """Whether rule S applies: other words, and crisis lines."""
        return self.rule.startswith("self_harm")


def load() -> None:
    """Read all lexicons: for a process to call at its start, or the first patient waits for them.

    Raises what `lexicon` raises: without its red flags no process may start.
    """
    for name in NAMES:
        lexicon(name)


def screen(text: str) -> RedFlag | None:
    """The gravest red flag of a text in any language, one that is stated before a doubtful one."""
    found = flags(text)
    return found[0] if found else None


def flags(text: str) -> tuple[RedFlag, ...]:
    """All red flags of a text: what is stated first, the gravest first; each rule once."""
    text = folded(text)
    simple = simplified(text).translate(_KEPT)
    found: dict[str, RedFlag] = {}
    aged = old(simple)
    for name, units in _languages(text, simple):
        for flag in read(lexicon(name), units, raised=aged):
            _add(found, flag)
    if any(sign.isdigit() for sign in text) or _INFANT.search(simple):
        more = any(not flag.negated for flag in found.values())
        for number in measured(simple, more=more):
            _add(found, RedFlag(number.rule, number.level, number.negated))
    return tuple(sorted(found.values(), key=_gravity))


def read(known: Lexicon, text: Units, *, raised: bool = False) -> list[RedFlag]:
    """What one lexicon finds in a text that is cut as it wants. `raised`: the patient is old."""
    scene = known.scene(text)
    near = scene.joined() if known.over_ends else scene
    reader = Reader(known, scene)
    stated: dict[str, bool] = {}
    for rule, entry, anchor, start in known.candidates(scene):
        if stated.get(rule):
            continue
        if not reader.said(rule, entry):
            continue
        for spans in near.ways(entry, anchor, start):
            context = reader.context(rule, entry, spans)
            if context is not None and not reader.silent(rule, spans):
                stated[rule] = context and not reader.doubtful(spans)
                if stated[rule]:
                    break
    raised = raised or any(
        not reader.doubtful((span,)) for span in scene.occurrences(known.modifiers)
    )
    return [_flag(rule, sure, raised) for rule, sure in stated.items()]


def _add(found: dict[str, RedFlag], flag: RedFlag) -> None:
    if flag.rule not in found or _gravity(flag) < _gravity(found[flag.rule]):
        found[flag.rule] = flag


def _gravity(flag: RedFlag) -> tuple[bool, int, int]:
    return flag.negated, -flag.level, rules()[flag.rule].order


def _languages(text: str, simple: str) -> list[tuple[str, Units]]:
    """The lexicons that can read something of the folded text, with the text as they read it.

    `simple`: the text in simplified characters.
    """
    found: list[tuple[str, Units]] = []
    if _LATIN.search(text):
        found.append(("en", words(text)))
    if _CYRILLIC.search(text):
        found.append(("ru", words(text)))
    if has_kana(text):
        found.append(("ja", signs(text)))
        # Someone may write Chinese and a word of Japanese.
        chinese = _KANA.sub("", text)
        if len(text) - len(chinese) < len(chinese) // 6 and _HAN.search(chinese):
            found.append(("zh", signs(as_said(simplified(_KANA.sub(",", text))))))
    elif _HAN.search(text):
        found.append(("zh", signs(as_said(simple))))
    return found


def _flag(rule: str, sure: bool, raised: bool) -> RedFlag:
    if not sure:
        return RedFlag(rule, ASKED, negated=True)
    level = rules()[rule].level
    return RedFlag(rule, EMERGENCY if raised and rules()[rule].raised else level)
