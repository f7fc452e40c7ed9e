"""The form of a campaign: what a draft shows in its fields, and the draft they say. Pure.

Nothing is judged here: what is wrong with a draft is told by whoever saves it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from admin.segments.builder import Sketch, filter_of, read_form, sketch_of
from clinic.campaign.read import VARIANTS
from clinic.campaign.season import concerned, season_of, window
from clinic.campaign.shelf import EVERYBODY, TIME
from clinic.campaign.types import MOST_BUTTONS, Draft
from clinic.picture.types import Stored
from clinic.segment.read import read
from clinic.segment.rules import dump

Values = Mapping[str, str]
OWN = "filter"  # conditions of its own, put together in the builder
KEPT = "kept"  # an audience that this form cannot show: it stays as it is
NUMBERS = ("days", "weeks", "months", "late_days")
AMOUNTS = ("at_least", "at_most")
WORDS = ("name", "on", "from", "to", "until", "leap", "base", "group", "state", "service")
CHANNELS = ("sms", "email")  # that may have texts of their own; those of others stay as they are
_FIELDS = {  # of each kind of trigger, beside its time and what becomes of late ones
    "once": (),
    "birthday": ("days", "leap"),
    "yearly": ("on",),
    "occasion": ("name", "days"),
    "season": ("name", "from", "to"),
    "relative": (
        *("base", "months", "weeks", "days", "late_days"),
        *("group", "state", "codes", "service", "score", "at_least", "at_most"),
    ),
    "weekly": ("weekdays", "from", "until"),
    "every": ("days", "from", "until"),
}
_OF_BASE = {  # how the bases begin that a field belongs to
    **dict.fromkeys(("group", "state"), "lapse"),
    **dict.fromkeys(("score", "at_least", "at_most"), "score"),
    "codes": "procedure",
    "service": "visit_",
}


def audience_of(draft: Draft) -> str:
    """The choice that stands for a draft's audience: all, segment:, lapse:, filter or kept."""
    match draft.audience:
        case {"segment": key, "version": version}:
            return f"segment:{key}:{version}"
        case {"lapse": group}:
            return f"lapse:{group}"
    if draft.audience == EVERYBODY:
        return "all"
    return KEPT if sketch_in(draft) is None else OWN


def sketch_in(draft: Draft) -> Sketch | None:
    """The draft's own conditions as the builder shows them; None if it has none, or deeper ones."""
    if "filter" not in draft.audience:
        return None
    tree = read(draft.audience["filter"])
    return None if isinstance(tree, tuple) else sketch_of(tree)


def start_of(kind: str, now: datetime) -> dict[str, Any]:
    """A trigger of another kind, to be filled in. `now`: in the clinic's zone."""
    said: dict[str, Any] = {"kind": kind, "at": f"{TIME:%H:%M}", "late": "skip"}
    tomorrow = now.date() + timedelta(1)
    more: dict[str, dict[str, Any]] = {
        "once": {"at": f"{tomorrow}T{TIME:%H:%M}", "late": "send"},
        "yearly": {"on": f"{now:%m-%d}"},
        "occasion": {"name": "new_year"},
        "season": {"from": f"{now:%m}-01", "to": f"{now:%m}-28"},
        "relative": {"base": "visit_completed", "days": 1, "late": "ask"},
        "weekly": {"weekdays": [0]},
        "every": {"days": 14, "from": tomorrow.isoformat()},
    }
    return said | more.get(kind, {})


def draft_of(
    said: Values, all_of: Callable[[str], Sequence[str]], before: Draft, languages: Sequence[str]
) -> Draft:
    """The draft that the fields say. `said`: one value of each, `all_of`: all values of one.

    What the form does not show stays as it was `before`.
    """
    return replace(
        before,
        name=" ".join(said.get("title", "").split()),
        audience=_audience(said, all_of, before),
        trigger=_trigger(said, all_of, before),
        content=_content(said, before, languages),
        hold_out=(_whole(said.get("hold_out", "")) or 0) * 10,  # the form has per cent
        useful_hours=_whole(said.get("useful_hours", "")) or 0,
    )


def in_season(draft: Draft, said: Values, country: str) -> tuple[Draft, bool]:
    """The draft with the days of a season that was just chosen, and whether one was.

    Where nobody chose for whom it is, it is for those whom the season concerns.
    """
    chosen = str(draft.trigger.get("name", ""))
    if draft.trigger.get("kind") != "season" or chosen == said.get("season-was", ""):
        return draft, False
    season = season_of(chosen, country)
    if season is None:
        return draft, False
    audience = concerned(chosen) if draft.audience == EVERYBODY else None
    trigger = {**draft.trigger, **window(season)}
    return replace(draft, trigger=trigger, audience=audience or draft.audience), True


def split(draft: Draft) -> Draft:
    """The same with two wordings for half of the people each, alike to begin with."""
    first, *others = _variants(draft)
    if others:
        return draft
    halves = [{**first, "name": name, "share": 50} for name in VARIANTS[:2]]
    kept = {name: one for name, one in draft.content.items() if name in ("buttons", "picture")}
    return replace(draft, content={**kept, "variants": halves})


def with_picture(draft: Draft, stored: Stored | None) -> Draft:
    """The same with another picture, described as the one before; None: with none."""
    content = {name: one for name, one in draft.content.items() if name != "picture"}
    if stored is not None:
        alt = draft.content.get("picture", {}).get("alt", {})
        content["picture"] = {**asdict(stored), "alt": alt}
    return replace(draft, content=content)


def texts_of(draft: Draft) -> list[dict[str, Any]]:
    """The wordings of a draft: name, share, and by language the plain text and the card; by channel
    and language the texts of single channels."""
    return [
        {
            "name": one["name"],
            "share": one["share"],
            "texts": _plain(one["texts"]),
            "channels": {channel: _plain(of) for channel, of in one.get("channels", {}).items()},
            "cards": {
                language: {"title": text.get("title", ""), "rows": _lines(text.get("rows", ()))}
                for language, text in one["texts"].items()
                if not isinstance(text, str)
            },
        }
        for one in _variants(draft)
    ]


def _plain(texts: Mapping[str, Any]) -> dict[str, str]:
    return {
        language: text if isinstance(text, str) else text.get("text", "")
        for language, text in texts.items()
    }


def _lines(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"{label}: {value}" for label, value in rows)


def _rows(lines: str) -> list[list[str]]:
    """Rows of a card as they are typed, "label: value" a line, in any script's colon."""
    found = []
    for line in lines.splitlines():
        if line.strip():
            label, _, value = line.replace("\uff1a", ":", 1).partition(":")
            found.append([label.strip(), value.strip()])
    return found


def _variants(draft: Draft) -> list[dict[str, Any]]:
    content = draft.content
    alone = {name: content[name] for name in ("texts", "channels") if name in content}
    told: list[dict[str, Any]] = list(
        content.get("variants", [{"name": "a", "share": 100, **alone}])
    )
    return told


def _audience(
    said: Values, all_of: Callable[[str], Sequence[str]], before: Draft
) -> Mapping[str, Any]:
    kind, _, rest = said.get("audience", KEPT).partition(":")
    match kind:
        case "all":
            return EVERYBODY
        case "season":
            return concerned(said.get("name", "")) or before.audience
        case "segment":
            key, _, version = rest.partition(":")
            return {"segment": key, "version": _whole(version) or 0}
        case "lapse":
            return {"lapse": rest, "states": list(all_of("states"))}
        case "filter":
            tree = filter_of(read_form(said, all_of))
            return before.audience if isinstance(tree, tuple) else {"filter": dump(tree)}
    return before.audience


def _trigger(
    said: Values, all_of: Callable[[str], Sequence[str]], before: Draft
) -> Mapping[str, Any]:
    kind = said.get("when", str(before.trigger.get("kind")))
    trigger: dict[str, Any] = {
        "kind": kind,
        "at": said.get("at", "")[:16],
        "late": said.get("late", ""),
    }
    for name in _FIELDS.get(kind, ()):
        if not said.get("base", "").startswith(_OF_BASE.get(name, "")):
            continue
        if name == "weekdays":
            trigger[name] = [n for one in all_of(name) if (n := _whole(one)) is not None]
        elif name == "codes":
            trigger[name] = said.get(name, "").replace(",", " ").split()
        elif name == "score":
            trigger["form"], _, trigger["item"] = said.get(name, "").partition("|")
        elif name in NUMBERS and said.get(name):
            trigger[name] = _signed(said[name])
        elif name in AMOUNTS and said.get(name):
            trigger[name] = _amount(said[name].strip())
        elif name in WORDS and said.get(name):
            trigger[name] = said[name].strip()
    return trigger


def _content(said: Values, before: Draft, languages: Sequence[str]) -> Mapping[str, Any]:
    variants = []
    for one in _variants(before):
        name = one["name"]
        texts: dict[str, Any] = {}
        for language in languages:
            words = said.get(f"text-{name}-{language}", "").replace("\r\n", "\n").strip()
            title = " ".join(said.get(f"card-{name}-{language}", "").split())
            rows = _rows(said.get(f"rows-{name}-{language}", ""))
            if title or rows:
                texts[language] = {"text": words, "title": title, "rows": rows}
            elif words:
                texts[language] = words
        share = _whole(said.get(f"share-{name}", str(one["share"]))) or 0
        others = {name: told for name, told in one.items() if name != "channels"}
        channels = _channels(one, said, languages)
        variants.append(
            {**others, "share": share, "texts": texts}
            | ({"channels": channels} if channels else {})
        )
    pressed = []
    for n in range(MOST_BUTTONS):
        does, _, form = said.get(f"button-{n}", "").partition(":")
        if does:
            pressed.append({"does": does, **({"form": form} if form else {})})
    return {"variants": variants, "buttons": pressed, **_picture(said, languages)}


def _channels(
    variant: Mapping[str, Any], said: Values, languages: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Texts for single channels; of a card only the text is shown, and changed."""
    had: Mapping[str, Mapping[str, Any]] = variant.get("channels", {})
    found = {channel: dict(texts) for channel, texts in had.items() if channel not in CHANNELS}
    for channel in CHANNELS:
        texts: dict[str, Any] = {}
        for language in languages:
            typed = said.get(f"{channel}-{variant['name']}-{language}", "")
            if words := typed.replace("\r\n", "\n").strip():
                card = had.get(channel, {}).get(language)
                texts[language] = {**card, "text": words} if isinstance(card, dict) else words
        if texts:
            found[channel] = texts
    return found


def _picture(said: Values, languages: Sequence[str]) -> dict[str, Any]:
    if not said.get("picture"):
        return {}
    alt = {one: words for one in languages if (words := said.get(f"alt-{one}", "").strip())}
    sizes = {name: _whole(said.get(f"picture-{name}", "")) or 0 for name in ("width", "height")}
    return {"picture": {"name": said["picture"], **sizes, "alt": alt}}


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _amount(text: str) -> int | float | str:
    """A number with or without decimals, or the words as they stand."""
    if not re.fullmatch(r"-?[0-9]{1,7}([.,][0-9]{1,4})?", text, re.ASCII):
        return text
    number = float(text.replace(",", "."))
    return int(number) if number.is_integer() else number


def _signed(text: str) -> int | str:
    """A number, or the words as they stand for whoever reads the trigger to refuse."""
    sign = -1 if text.startswith("-") else 1
    found = _whole(text.removeprefix("-"))
    return text if found is None else sign * found
