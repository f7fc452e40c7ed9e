"""Makes ranges, exclusions and corrections of the pieces of a text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from nlu.dates.days import are_alike
from nlu.dates.tokens import BETWEEN_BEHIND, Bound, Clock, Day, Mark, Not, Part, Seen, Token

Thing = Day | Clock | Part


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said of days or hours: `first` and `last` are the same unless it is a stretch.

    `near`: no other words stand between it and the one before. `ruled_out`: the patient does not
    want it. `linked`: an alternative to the one before. `replaces`: said instead of it.
    """

    first: Thing | None
    last: Thing | None
    inclusive: bool = True
    near: bool = False
    ruled_out: bool = False
    linked: bool = False
    replaces: bool = False
    unsure: bool = False

    @property
    def kind(self) -> type[Thing]:
        """Whether days, hours or parts of the day are told."""
        return type(self.last if self.first is None else self.first)  # type: ignore[return-value] # never both None


Element = Said | Not | Mark


def phrases(tokens: Sequence[Seen]) -> list[Said]:
    """What is said, in order, without what is past."""
    elements = _ranges(_commas(list(tokens)))
    return _linked(_ruled_out(_without_past(elements)))


def _commas(tokens: list[Seen]) -> list[Seen]:
    """Commas that join no two things part clauses."""
    for at, item in enumerate(tokens):
        if item.token is Mark.COMMA:
            before = at > 0 and (
                _is_thing(tokens[at - 1].token) or _is_behind(tokens[at - 1].token)
            )
            after = tokens[at + 1] if at + 1 < len(tokens) else None
            begins = after and (_is_thing(after.token) or isinstance(after.token, Bound | Not))
            links = after and after.token in (Mark.OR, Mark.AND, Mark.BETWEEN, Mark.REPLACE)
            if not (before and item.glued and after and after.glued and (begins or links)):
                tokens[at] = replace(item, token=Mark.BREAK)
    return tokens


def _ranges(tokens: list[Seen]) -> list[Element]:
    out: list[Element] = []
    at = 0
    while at < len(tokens):
        token = tokens[at].token
        if isinstance(token, Mark | Not) and token is not Mark.BETWEEN:
            out.append(Mark.VAGUE if token is Mark.TO and _is_between(tokens, at) else token)
        elif _is_thing(token):
            said, at = _range(tokens, at, None)
            out.append(said)
            continue
        elif _bounds(token) and at + 1 < len(tokens) and tokens[at + 1].glued:
            at += 1
            if isinstance(tokens[at].token, Day) and _is_at(tokens, at + 1, Clock):
                # In "from Monday 10:00" the hour is bounded, not the day.
                out.append(Said(tokens[at].token, tokens[at].token, near=True))  # type: ignore[arg-type] # a Day
                at += 1
            if _is_thing(tokens[at].token):
                said, at = _range(tokens, at, token)
                out.append(said)
            elif _is_apart(token):
                out.append(Mark.VAGUE)
            continue
        elif _is_apart(token):
            out.append(Mark.VAGUE)  # "after my exams"
        at += 1
    return out


def _range(tokens: list[Seen], at: int, before: Token | None) -> tuple[Said, int]:
    """The stretch or single thing that begins there, and where the next begins."""
    first = tokens[at].token
    near = tokens[at].glued
    assert isinstance(first, Day | Clock | Part)
    bound = before if isinstance(before, Bound) else None
    at += 1
    if (
        _is_at(tokens, at, Bound)
        and isinstance(behind := tokens[at].token, Bound)
        and behind.behind
    ):
        at += 1
        if not (bound and not bound.end):  # "from 3 or later" is said twice
            bound = behind
    end = _end(tokens, at, first, bound, before)
    if end is not None and not (bound and bound.end):
        last = tokens[end].token
        assert isinstance(last, Day | Clock | Part)
        closed = _is_at(tokens, end + 1, Bound) and _is_closing(tokens[end + 1].token)
        return Said(first, last, near=near), end + 2 if closed else end + 1
    if bound is None:
        return Said(first, first, near=near), at
    if bound.end:
        return Said(None, first, bound.inclusive, near), at
    return Said(first, None, bound.inclusive, near), at


def _end(
    tokens: list[Seen], at: int, first: Thing, bound: Bound | None, before: Token | None
) -> int | None:
    """Where the end of the range stands, if one follows."""
    if at >= len(tokens) or not tokens[at].glued:
        return None
    link = tokens[at].token
    if bound and bound.behind and type(link) is type(first) and not _filters(link):
        return at  # 3日から5日
    if not _is_at(tokens, at + 1, type(first)):
        return None
    last = tokens[at + 1].token
    if _filters(first) or _filters(last):
        return None
    dash = link is Mark.TO
    until = isinstance(link, Bound) and link.end and not link.behind
    within = link is Mark.AND and (before is Mark.BETWEEN or _encloses(tokens, at + 2))
    return at + 1 if dash or until or within else None


def _filters(token: Token) -> bool:
    return isinstance(token, Day) and bool(token.every)


def _encloses(tokens: list[Seen], at: int) -> bool:
    return _is_at(tokens, at, Bound) and tokens[at].token == BETWEEN_BEHIND


def _is_between(tokens: list[Seen], at: int) -> bool:
    """A dash between unlike things, "Monday 10 - Tuesday"."""
    near = tokens[at].glued and at > 0 and _is_thing(tokens[at - 1].token)
    return near and _is_at(tokens, at + 1, Day | Clock | Part)


def _is_at(tokens: list[Seen], at: int, kind: object) -> bool:
    if at >= len(tokens) or not tokens[at].glued:
        return False
    return isinstance(tokens[at].token, kind)  # type: ignore[arg-type] # a class or several


def _is_thing(token: Token) -> bool:
    return isinstance(token, Day | Clock | Part)


def _is_apart(token: Token) -> bool:
    return isinstance(token, Bound) and not token.behind and not token.inclusive


def _is_closing(token: Token) -> bool:
    return isinstance(token, Bound) and token.behind and token.end


def _is_behind(token: Token) -> bool:
    return isinstance(token, Bound | Not) and token.behind


def _bounds(token: Token) -> bool:
    return token is Mark.BETWEEN or (isinstance(token, Bound) and not token.behind)


def _without_past(elements: list[Element]) -> list[Element]:
    """Drops how long an illness lasts, and the days of clauses that tell of what was."""
    out: list[Element] = []
    clause: list[Element] = []
    for element in [*elements, Mark.BREAK]:
        clause.append(element)
        if element in (Mark.BREAK, Mark.ASK):
            out += _without_past_of(clause)
            clause = []
    return out


def _without_past_of(clause: list[Element]) -> list[Element]:
    past, sick = Mark.PAST in clause, Mark.SICK in clause
    kept: list[Element] = []
    for run, since in _runs(clause):
        lasting = sick and any(
            isinstance(one, Said) and one.last is None and one.inclusive for one in run
        )
        if since or lasting:
            kept += [one for one in run if not isinstance(one, Said)]
        elif past:
            kept += [one for one in run if not isinstance(one, Said)]
            kept += [replace(one, unsure=True) for one in run if _is_to_come(one)]
        else:
            kept += run
    return kept


def _runs(clause: list[Element]) -> list[tuple[list[Element], bool]]:
    """Things said with no other words between them, and whether "since" stands before."""
    runs: list[tuple[list[Element], bool]] = [([], False)]
    for element in clause:
        if element is Mark.SINCE:
            runs.append(([], True))
            continue
        began = any(isinstance(one, Said) for one in runs[-1][0])
        if isinstance(element, Said) and not element.near and (began or runs[-1][1]):
            runs.append(([], False))
        runs[-1][0].append(element)
    return runs


def _is_to_come(element: Element) -> TypeGuard[Said]:
    day = element.first if isinstance(element, Said) else None
    if not isinstance(day, Day):
        return False
    return any(ahead for ahead in (day.ahead, day.week, day.months, day.years))


def _ruled_out(elements: list[Element]) -> list[Element]:
    out: list[Element] = []
    ruling: Not | None = None
    kind: type[Thing] | None = None
    goes_on = False
    for at, element in enumerate(elements):
        if isinstance(element, Not) and element.behind and elements[at + 1 : at + 2] == [Mark.ASK]:
            out.append(Mark.VAGUE)  # "Is Friday not possible?"
            continue
        if isinstance(element, Not):
            ruling, kind = (None if element.behind else element), None
            if element.verb and out and isinstance(out[-1], Said):
                out.append(Mark.VAGUE)
            if element.behind:
                _rule_out_last(out, element)
            continue
        if isinstance(element, Said) and ruling is not None:
            if kind is Day and element.near and not goes_on and element.kind is not Day:
                # "Not Monday mornings": no reading can rule out hours of some days only.
                days = [one for one in elements if isinstance(one, Said) and one.kind is Day]
                out[-1:] = [] if len(days) > 1 else [Mark.VAGUE]
                ruling = None
                continue
            if element.near and (kind is None or (goes_on and kind is element.kind)):
                kind, goes_on = element.kind, False
                out.append(replace(element, ruled_out=True))
                continue
            ruling = ruling if kind is not None and kind is not element.kind else None
        elif element is Mark.COMMA and ruling is not None and not ruling.lists:
            ruling = None
        elif element in (Mark.OR, Mark.AND, Mark.COMMA):
            goes_on = True
        elif element in (Mark.BREAK, Mark.ASK, Mark.REPLACE):
            ruling = None
        out.append(element)
    return out


def _rule_out_last(out: list[Element], ruling: Not) -> None:
    """ "Monday or Tuesday is no good": back over what is joined to the last thing said."""
    links = {Mark.OR, Mark.AND} | ({Mark.COMMA} if ruling.lists else set())
    kind: type[Thing] | None = None
    for at in range(len(out) - 1, -1, -1):
        element = out[at]
        if isinstance(element, Said) and kind in (None, element.kind):
            kind = element.kind
            out[at] = replace(element, ruled_out=True)
            day = element.first
            if ruling.rest and isinstance(day, Day) and day.week and day.weekday is not None:
                out.insert(at, Said(week := Day(week=day.week), week, near=element.near))
            if not element.near:
                return
        elif element not in links:
            return


def _linked(elements: list[Element]) -> list[Said]:
    out: list[Said] = []
    linked = replaces = False
    before: Element | None = None
    for element in elements:
        if isinstance(element, Said):
            # 周六周日 needs no word between.
            linked |= isinstance(before, Said) and are_alike(before.first, element.first)
            near = linked and element.near
            out.append(replace(element, linked=near, replaces=replaces))
            linked = replaces = False
        elif element in (Mark.OR, Mark.AND, Mark.COMMA):
            linked = True
        elif element is Mark.REPLACE:
            replaces = True
        before = element
    if Mark.VAGUE in elements:
        return [replace(said, unsure=True) for said in out]
    return out
