"""Reads plan definitions as data: what JSON or presets.yml means, or all that is wrong. Pure.

code: after_discharge           title: {en, ja, zh-Hant, zh-Hans, ru}
anchor: visit | discharge | procedure | birth | hand
past: skip | send | ask         of due points that are past at the start
stop: [visit]                   optional: a visit ends the plan
offers: [call, stop]            what the patient may ask for; [] nothing, without it both
applies:                        optional: enrolled by rule
  filter: {...}                 clinic.segment; an empty one is {and: []}
  codes: [...]  days: 14
steps:
  - id: day_1                   what: message | form | readings | call | document
    after: {days: 1}            or weeks, months; `from: previous` counts from the step before
    at: "10:00"
    text: {...}                 in all five languages, with {name}, {clinic} and {phone}
    form: url   readings: [blood_pressure]   asks: true   script: {...}
    repeat: {times: 14, every: 1}
    useful_days: 3   past: send
    climb: [{after_days: 2, do: again}, {after_days: 4, do: channel}, {after_days: 6, do: call}]
    thresholds: [{score: total, at_least: 10, do: doctor, level: 3}]
"""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from decimal import Decimal
from typing import Any, TypeGuard

from clinic.observation.types import KINDS as READINGS
from clinic.plan.types import (
    ANCHORS,
    CLIMBS,
    DEEDS,
    FURTHEST,
    KINDS,
    LANGUAGES,
    LARGEST,
    LONGEST_TEXT,
    MOST_POINTS,
    MOST_RUNGS,
    MOST_STEPS,
    MOST_THRESHOLDS,
    OFFERS,
    PASTS,
    PLACEHOLDERS,
    SINCES,
    STOPS,
    UNITS,
    After,
    Applies,
    Definition,
    Fault,
    Rung,
    Step,
    Threshold,
)
from clinic.segment import read as segment
from clinic.segment import rules as segments
from clinic.segment.types import Fault as SegmentFault

CODE = r"[a-z][a-z0-9_]{0,31}"
_KEYS = {"code", "title", "anchor", "past", "stop", "offers", "applies", "steps", "needs_signature"}
_STEP = {
    *("id", "what", "after", "at", "text", "script", "form", "readings", "asks", "repeat"),
    *("useful_days", "past", "climb", "thresholds"),
}
_THRESHOLD = {"score", "answer", "alert", "at_least", "below", "any", "do", "level"}
_TESTS = ("at_least", "below", "any")
_ACT = r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}"
_WORD = r"\S.{0,79}"
_FORM = r"https?://\S{1,190}"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_FIELD = re.compile(r"\{([^{}]*)\}")
_NO_SIGN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # a text may have lines


def read(said: object) -> Definition | tuple[Fault, ...]:
    """The definition that parsed JSON tells, or all that is wrong with it."""
    faults = tuple(_faults(said))
    if faults or not isinstance(said, Mapping):
        return faults
    return Definition(
        code=said["code"],
        title=dict(said["title"]),
        anchor=said["anchor"],
        steps=tuple(_step(one) for one in said["steps"]),
        past=said.get("past", "skip"),
        stop=tuple(said.get("stop", ())),
        offers=tuple(said.get("offers", OFFERS)),
        applies=_applies(said["applies"]) if "applies" in said else None,
        needs_signature=said.get("needs_signature", True),
    )


def read_step(said: object) -> Step | tuple[Fault, ...]:
    """One step, such as is added for one patient, or all that is wrong with it."""
    faults = tuple(_step_faults(said, ""))
    return faults if faults or not isinstance(said, Mapping) else _step(said)


# What is meant ----------------------------------------------------------------------------------


def _applies(said: Mapping[str, Any]) -> Applies:
    return Applies(said["filter"], tuple(said.get("codes", ())), said.get("days", 14))


def _step(said: Mapping[str, Any]) -> Step:
    repeat = said.get("repeat", {})
    return Step(
        id=said["id"],
        kind=said["what"],
        after=_after(said["after"]),
        at=time.fromisoformat(said["at"]),
        text=dict(said.get("text", {})),
        script=dict(said.get("script", {})),
        form=said.get("form", ""),
        readings=tuple(said.get("readings", ())),
        asks=said.get("asks", False),
        times=repeat.get("times", 1),
        every=repeat.get("every", 1),
        useful_days=said.get("useful_days", 3),
        past=said.get("past"),
        climb=tuple(Rung(one["after_days"], one["do"]) for one in said.get("climb", ())),
        thresholds=tuple(_threshold(one) for one in said.get("thresholds", ())),
    )


def _after(said: Mapping[str, Any]) -> After:
    unit = next(one for one in UNITS if one in said)
    return After(said[unit], unit, said.get("from", "anchor"))


def _threshold(said: Mapping[str, Any]) -> Threshold:
    low, high = (
        Decimal(str(said[name])) if name in said else None for name in ("at_least", "below")
    )
    return Threshold(
        do=said["do"],
        score=said.get("score", ""),
        answer=said.get("answer", ""),
        alert=said.get("alert", 0),
        at_least=low,
        below=high,
        any_of=tuple(str(one) for one in said.get("any", ())),
        level=said.get("level", 3),
    )


# What is wrong ----------------------------------------------------------------------------------


def _faults(said: object) -> Iterator[Fault]:
    if not isinstance(said, Mapping):
        yield Fault("", "no_object")
        return
    yield from _unknown(said, _KEYS, "")
    if not _like(CODE, said.get("code")):
        yield Fault("code", "no_code")
    yield from _words(said.get("title"), "title", fields=False)
    yield from _one_of(said, "anchor", ANCHORS, "", needed=True)
    yield from _one_of(said, "past", PASTS, "")
    for name, known in (("stop", STOPS), ("offers", OFFERS)):
        chosen = said.get(name, [])
        if not isinstance(chosen, list) or not all(one in known for one in chosen):
            yield Fault(name, "unknown_choice")
    if not isinstance(said.get("needs_signature", True), bool):
        yield Fault("needs_signature", "no_bool")
    if "applies" in said:
        yield from _applies_faults(said["applies"], said.get("anchor"))
    yield from _steps_faults(said.get("steps"))


# What a patient is worth to the clinic never decides on care.
_WORTH = frozenset({"tier", "points_year"})


def _applies_faults(said: object, anchor: object) -> Iterator[Fault]:
    if not isinstance(said, Mapping):
        yield Fault("applies", "no_object")
        return
    if anchor == "hand":
        yield Fault("applies", "by_hand")
    yield from _unknown(said, {"filter", "codes", "days"}, "applies.")
    codes = said.get("codes", [])
    if not isinstance(codes, list) or not all(_like(_ACT, one) for one in codes):
        yield Fault("applies.codes", "no_code")
    if not _whole(said.get("days", 14), 1, FURTHEST):
        yield Fault("applies.days", "no_days")
    tree = segment.read(said.get("filter"))
    if isinstance(tree, tuple):
        yield from (_of_segment(one) for one in tree)
        return
    asked = {one.field for one in segments.criteria(tree)}
    if "answer" in asked:
        yield Fault("applies.filter", "answer_not_here")
    if asked & _WORTH:
        yield Fault("applies.filter", "worth_not_here")


def _of_segment(fault: SegmentFault) -> Fault:
    where = f".{fault.where}" if fault.where else ""
    return Fault(f"applies.filter{where}", "segment")


def _steps_faults(said: object) -> Iterator[Fault]:
    if not isinstance(said, list) or not said:
        yield Fault("steps", "no_steps")
        return
    if len(said) > MOST_STEPS:
        yield Fault("steps", "too_many")
        return
    seen: set[object] = set()
    points = 0
    for n, one in enumerate(said):
        found = list(_step_faults(one, f"steps.{n}."))
        yield from found
        if found:
            continue
        if one["id"] in seen:
            yield Fault(f"steps.{n}.id", "twice")
        seen.add(one["id"])
        points += one.get("repeat", {}).get("times", 1)
    if points > MOST_POINTS:
        yield Fault("steps", "too_many")


def _step_faults(said: object, at: str) -> Iterator[Fault]:
    if not isinstance(said, Mapping):
        yield Fault(at.rstrip("."), "no_object")
        return
    yield from _unknown(said, _STEP, at)
    if not _like(CODE, said.get("id")):
        yield Fault(f"{at}id", "no_code")
    yield from _one_of(said, "what", KINDS, at, needed=True)
    yield from _after_faults(said.get("after"), f"{at}after")
    if not _like(_CLOCK, said.get("at")):
        yield Fault(f"{at}at", "no_time")
    yield from _words(said.get("text"), f"{at}text")
    if "script" in said:
        yield from _words(said["script"], f"{at}script")
    yield from _kind_faults(said, at)
    yield from _one_of(said, "past", PASTS, at)
    if not _whole(said.get("useful_days", 3), 0, 366):
        yield Fault(f"{at}useful_days", "no_days")
    if "repeat" in said:
        yield from _repeat_faults(said["repeat"], f"{at}repeat")
    yield from _climb_faults(said, at)
    yield from _threshold_faults(said, at)


def _kind_faults(said: Mapping[str, Any], at: str) -> Iterator[Fault]:
    """What only one kind of step has, and has to have."""
    what = said.get("what")
    if (what == "form") != ("form" in said):
        yield Fault(f"{at}form", "needed" if what == "form" else "unknown_key")
    elif what == "form" and not _like(_FORM, said["form"]):
        yield Fault(f"{at}form", "no_url")
    if (what == "readings") != ("readings" in said):
        yield Fault(f"{at}readings", "needed" if what == "readings" else "unknown_key")
    elif what == "readings":
        kinds = said["readings"]
        if not isinstance(kinds, list) or not kinds or not all(k in READINGS for k in kinds):
            yield Fault(f"{at}readings", "no_code")
    if "asks" in said and (what != "message" or not isinstance(said["asks"], bool)):
        yield Fault(f"{at}asks", "no_bool" if what == "message" else "unknown_key")


def _after_faults(said: object, where: str) -> Iterator[Fault]:
    units = [one for one in UNITS if one in said] if isinstance(said, Mapping) else []
    if not isinstance(said, Mapping) or len(units) != 1:
        yield Fault(where, "one_unit")
        return
    yield from _unknown(said, {units[0], "from"}, f"{where}.")
    yield from _one_of(said, "from", SINCES, f"{where}.")
    most = {"days": FURTHEST, "weeks": FURTHEST // 7, "months": FURTHEST // 30}[units[0]]
    if not _whole(said[units[0]], 0, most):
        yield Fault(f"{where}.{units[0]}", "no_days")


def _repeat_faults(said: object, where: str) -> Iterator[Fault]:
    if not isinstance(said, Mapping) or set(said) != {"times", "every"}:
        yield Fault(where, "no_object")
        return
    if not _whole(said["times"], 1, MOST_POINTS):
        yield Fault(f"{where}.times", "no_number")
    if not _whole(said["every"], 1, 366):
        yield Fault(f"{where}.every", "no_days")


def _climb_faults(said: Mapping[str, Any], at: str) -> Iterator[Fault]:
    climb = said.get("climb", [])
    if not isinstance(climb, list) or len(climb) > MOST_RUNGS:
        yield Fault(f"{at}climb", "too_many")
        return
    answerable = said.get("what") in ("form", "readings") or said.get("asks") is True
    if climb and not answerable:
        yield Fault(f"{at}climb", "nothing_to_answer")
    before = 0
    for n, one in enumerate(climb):
        where = f"{at}climb.{n}"
        if not isinstance(one, Mapping) or set(one) != {"after_days", "do"}:
            yield Fault(where, "no_object")
            continue
        yield from _one_of(one, "do", CLIMBS, f"{where}.")
        if not _whole(one["after_days"], before + 1, 366):
            yield Fault(f"{where}.after_days", "not_later")
        else:
            before = one["after_days"]


def _threshold_faults(said: Mapping[str, Any], at: str) -> Iterator[Fault]:
    listed = said.get("thresholds", [])
    if not isinstance(listed, list) or len(listed) > MOST_THRESHOLDS:
        yield Fault(f"{at}thresholds", "too_many")
        return
    if listed and said.get("what") != "form":
        yield Fault(f"{at}thresholds", "nothing_to_answer")
    for n, one in enumerate(listed):
        yield from _one_threshold(one, f"{at}thresholds.{n}")


def _one_threshold(said: object, where: str) -> Iterator[Fault]:
    of = [key for key in ("score", "answer", "alert") if isinstance(said, Mapping) and key in said]
    if not isinstance(said, Mapping) or len(of) != 1:
        yield Fault(where, "one_of_score_answer_alert")
        return
    yield from _unknown(said, _THRESHOLD, f"{where}.")
    yield from _one_of(said, "do", DEEDS, f"{where}.", needed=True)
    if not _whole(said.get("level", 3), 2, 4):
        yield Fault(f"{where}.level", "no_level")
    tests = [key for key in _TESTS if key in said]
    if of == ["alert"]:
        if not _whole(said["alert"], 2, 4):
            yield Fault(f"{where}.alert", "no_level")
        if tests:
            yield Fault(where, "unknown_key")
        return
    if not _like(_WORD, said[of[0]]):
        yield Fault(f"{where}.{of[0]}", "no_code")
    if len(tests) != 1 or (tests == ["any"] and of == ["score"]):
        yield Fault(where, "one_test")
    elif tests == ["any"]:
        values = said["any"]
        known = (isinstance(values, list), bool(values))
        if known != (True, True) or not all(isinstance(one, str | int) for one in values):
            yield Fault(f"{where}.any", "no_code")
    elif not _number(said[tests[0]]):
        yield Fault(f"{where}.{tests[0]}", "no_number")


def _words(said: object, where: str, *, fields: bool = True) -> Iterator[Fault]:
    """A text in all languages, with the placeholders that there are."""
    if not isinstance(said, Mapping):
        yield Fault(where, "no_words")
        return
    yield from _unknown(said, set(LANGUAGES), f"{where}.")
    for language in LANGUAGES:
        text = said.get(language)
        if not isinstance(text, str) or not text.strip() or _NO_SIGN.search(text):
            yield Fault(f"{where}.{language}", "no_words")
        elif len(text) > LONGEST_TEXT:
            yield Fault(f"{where}.{language}", "too_long")
        elif not _fits(text, fields=fields):
            yield Fault(f"{where}.{language}", "unknown_placeholder")


def _fits(text: str, *, fields: bool) -> bool:
    if set("{}") & set(_FIELD.sub("", text)):
        return False
    return all(fields and name in PLACEHOLDERS for name in _FIELD.findall(text))


def _one_of(
    said: Mapping[str, Any], key: str, known: tuple[str, ...], at: str, *, needed: bool = False
) -> Iterator[Fault]:
    if (needed or key in said) and said.get(key) not in known:
        yield Fault(f"{at}{key}", "unknown_choice")


def _unknown(said: Mapping[str, Any], known: set[str], at: str) -> Iterator[Fault]:
    for key in said:
        if key not in known:
            yield Fault(f"{at}{str(key)[:48]}", "unknown_key")


def _whole(said: object, low: int, high: int) -> TypeGuard[int]:
    return isinstance(said, int) and not isinstance(said, bool) and low <= said <= high


def _number(said: object) -> bool:
    if isinstance(said, bool) or not isinstance(said, int | float | Decimal):
        return False
    return -LARGEST <= said <= LARGEST


def _like(pattern: str, said: object) -> bool:
    return isinstance(said, str) and re.fullmatch(pattern, said) is not None
