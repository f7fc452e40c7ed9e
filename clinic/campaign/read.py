"""Reads audience and content of a campaign as data: what JSON means, or what is wrong. Pure.

{"segment": "6f1c...", "version": 2}           {"filter": {...}}  as clinic.segment.read has it
{"lapse": "cpap", "states": ["lapsed"]}        {"patients": [17, 23]}
{"patients": [17, 23], "group": "cpap"}        ticked on the lapse list of a group

{"texts": {"ja": "..."}, "buttons": [{"does": "book"}]}
{"variants": [{"name": "a", "share": 50, "texts": {"ja": {"text": "...", "title": "...",
  "rows": [["label", "value"]]}}, "channels": {"sms": {"ja": "..."}}}, ...], "buttons": [],
  "picture": {"name": "0a1b...", "width": 1280, "height": 720, "alt": {"ja": "..."}}}
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args
from uuid import UUID

from clinic.campaign.types import (
    DOES,
    MOST_BUTTONS,
    Audience,
    ButtonSpec,
    Content,
    Fault,
    OfFilter,
    OfLapse,
    OfPatients,
    OfSegment,
    Text,
    Variant,
)
from clinic.config import Language
from clinic.picture.types import Described, Stored
from clinic.segment import read as segment_read
from clinic.segment import types as segment_types

T = TypeVar("T")
MOST_PATIENTS = 10_000  # of a list
MOST_ROWS = 8
LONGEST_TEXT = 2000  # characters; what a channel cannot say at once it cuts in pieces
LONGEST_LINE = 80
LONGEST_ALT = 200
VARIANTS = ("a", "b", "c", "d")
_LANGUAGES = get_args(Language)
_NO_SIGN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # a line break is one


class _Wrong(Exception):
    """Ends the reading; never leaves this module."""

    def __init__(self, where: str, reason: str) -> None:
        self.fault = Fault(where, reason)


def read_audience(said: object) -> Audience | Fault:
    """Whom parsed JSON means. `no_audience`, `no_filter`, `no_states`, `no_patients`."""
    try:
        return _audience(said)
    except _Wrong as wrong:
        return wrong.fault


def read_content(said: object) -> Content | Fault:
    """What is to be said, as parsed JSON has it; `where` tells the place of a fault."""
    try:
        return _content(said)
    except _Wrong as wrong:
        return wrong.fault


def _audience(said: object) -> Audience:
    match said:
        case {"segment": str(key), "version": int(version), **rest} if not rest:
            return OfSegment(_uuid(key), version)
        case {"filter": dict(tree), **rest} if not rest:
            if isinstance(segment_read.read(tree), tuple):
                raise _Wrong("audience.filter", "no_filter")
            return OfFilter(tree)
        case {"lapse": str(group), "states": list(states), **rest} if not rest:
            named = tuple(one for one in states if one in segment_types.STATES)
            if not named or len(named) < len(states):
                raise _Wrong("audience.states", "no_states")
            return OfLapse(group, named)
        case {"patients": list(ids), **rest} if set(rest) <= {"group"}:
            wrong = not ids or len(ids) > MOST_PATIENTS or any(type(one) is not int for one in ids)
            if wrong:
                raise _Wrong("audience.patients", "no_patients")
            return OfPatients(tuple(sorted(set(ids))), _group(rest))
    raise _Wrong("audience", "no_audience")


def _group(said: Mapping[Any, Any]) -> str | None:
    match said.get("group", None):
        case None if not said:
            return None
        case str(group) if group:
            return group
    raise _Wrong("audience.group", "unknown_group")


def _uuid(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise _Wrong("audience.segment", "unknown_segment") from None


def _content(said: object) -> Content:
    said = _object(said, "content", ("texts", "channels", "variants", "buttons", "picture"))
    if "variants" in said and ("texts" in said or "channels" in said):
        raise _Wrong("content.variants", "unknown_key")
    alone = {name: said[name] for name in ("texts", "channels") if name in said}
    told = said.get("variants", [{"name": "a", "share": 100, **alone}])
    if not isinstance(told, list) or not 0 < len(told) <= len(VARIANTS):
        raise _Wrong("content.variants", "no_variants")
    variants = tuple(_variant(one, f"content.variants.{n}") for n, one in enumerate(told))
    if [one.name for one in variants] != list(VARIANTS[: len(variants)]):
        raise _Wrong("content.variants", "no_variants")
    if sum(one.share for one in variants) != 100:
        raise _Wrong("content.variants", "no_shares")
    pressed = said.get("buttons", [])
    if not isinstance(pressed, list) or len(pressed) > MOST_BUTTONS:
        raise _Wrong("content.buttons", "too_many_buttons")
    buttons = tuple(_button(one, f"content.buttons.{n}") for n, one in enumerate(pressed))
    if len(set(buttons)) < len(buttons):
        raise _Wrong("content.buttons", "button_twice")
    return Content(variants, buttons, _picture(said["picture"]) if "picture" in said else None)


def _picture(said: object) -> Described:
    where = "content.picture"
    said = _object(said, where, ("name", "width", "height", "alt"))
    name, width, height = said.get("name"), said.get("width"), said.get("height")
    if not isinstance(name, str) or not re.fullmatch(r"[0-9a-f]{64}", name):
        raise _Wrong(where, "no_picture")
    if type(width) is not int or type(height) is not int or min(width, height) < 1:
        raise _Wrong(where, "no_picture")
    alt = said.get("alt")
    if not isinstance(alt, dict) or not set(alt) <= set(_LANGUAGES):
        raise _Wrong(f"{where}.alt", "no_alt")
    words = {one: _words(text, f"{where}.alt.{one}", LONGEST_ALT) for one, text in alt.items()}
    return Described(Stored(name, width, height), words)


def _variant(said: object, where: str) -> Variant:
    said = _object(said, where, ("name", "share", "texts", "channels"))
    share = said.get("share")
    if type(share) is not int or not 0 < share <= 100:
        raise _Wrong(f"{where}.share", "no_shares")
    channels = said.get("channels", {})
    if not isinstance(channels, dict) or not all(map(_is_channel, channels)):
        raise _Wrong(f"{where}.channels", "no_channel")
    return Variant(
        str(said.get("name")),
        share,
        _texts(said.get("texts"), f"{where}.texts"),
        {one: _texts(texts, f"{where}.channels.{one}") for one, texts in channels.items()},
    )


def _is_channel(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"[a-z]{1,16}", name) is not None


def _texts(said: object, where: str) -> dict[str, Text]:
    if not isinstance(said, dict) or not said:
        raise _Wrong(where, "no_texts")
    if unknown := [one for one in said if one not in _LANGUAGES]:
        raise _Wrong(f"{where}.{unknown[0]!s:.8}", "unknown_language")
    return {language: _text(text, f"{where}.{language}") for language, text in said.items()}


def _text(said: object, where: str) -> Text:
    if isinstance(said, str):
        return Text(_words(said, where, LONGEST_TEXT))
    said = _object(said, where, ("text", "title", "rows"))
    rows = said.get("rows", [])
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise _Wrong(f"{where}.rows", "no_rows")
    title = said.get("title", "")
    if rows and not title:
        raise _Wrong(f"{where}.title", "no_words")
    return Text(
        _words(said.get("text"), where, LONGEST_TEXT),
        _words(title, f"{where}.title", LONGEST_LINE) if title else "",
        tuple(_row(row, f"{where}.rows") for row in rows),
    )


def _row(said: object, where: str) -> tuple[str, str]:
    if not isinstance(said, list) or len(said) != 2:
        raise _Wrong(where, "no_rows")
    label, value = (_words(one, where, LONGEST_LINE) for one in said)
    return label, value


def _words(said: object, where: str, most: int) -> str:
    if not isinstance(said, str) or not said.strip() or _NO_SIGN.search(said):
        raise _Wrong(where, "no_words")
    if len(said) > most:
        raise _Wrong(where, "too_long")
    return said.strip()


def _button(said: object, where: str) -> ButtonSpec:
    said = _object(said, where, ("does", "form"))
    does = next((one for one in DOES if one == said.get("does")), None)
    if does is None:
        raise _Wrong(where, "unknown_button")
    form = said.get("form", "")
    if not isinstance(form, str) or (does == "questionnaire") != bool(form):
        raise _Wrong(where, "no_form")
    return ButtonSpec(does, form)


def _object(said: object, where: str, known: Iterable[str]) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise _Wrong(where, "no_object")
    if unknown := set(said) - set(known):
        raise _Wrong(f"{where}.{min(map(str, unknown)):.24}", "unknown_key")
    return said
