"""Puts together the pieces of one day or hour: a month and its day, an hour and its part."""

from collections.abc import Sequence
from dataclasses import fields, replace

from nlu.dates.hours import in_part
from nlu.dates.tokens import Bound, Clock, Day, Mark, Number, Operand, Part, Seen, Token

_LINKS = (Mark.OR, Mark.AND, Mark.COMMA, Mark.TO)
_HOURS = 24
_DAYS = 31
_PLAIN = Day()
# What says how the rest is meant, not which day.
_MANNERS = {"unsure", "trailing", "loose", "swapped", "whole_week"}
_FIELDS = [field.name for field in fields(Day) if field.name not in _MANNERS]


def joined(seen: Sequence[Seen]) -> list[Seen]:
    """The tokens with numbers told apart and neighbours made one where they tell of one thing."""
    numbered = _numbers_after(_numbers_before(_moved(seen)))
    out: list[Seen] = []
    for seen_item in numbered:
        item = seen_item
        if out and item.glued and isinstance(item.token, Clock) and item.token.bare:
            day = out[-1].token  # with its day known, the number in "на завтра на 10" is an hour
            known = isinstance(day, Day) and (day.day is not None or day.ahead is not None)
            item = Seen(replace(item.token, bare=not known), True)
        if item.glued and out and (one := _one(out[-1].token, item.token)):
            out[-1] = Seen(one, out[-1].glued)
        elif one := _across_comma(out, item):
            out[-2:] = [Seen(one, out[-2].glued)]
        else:
            out.append(item)
    return out


def _moved(tokens: Sequence[Seen]) -> list[Seen]:
    """Tells "from 3 to 5" and "move it from Friday to Monday" apart."""
    out: list[Seen] = []
    moving = False
    near = True  # what was left out before this one was near
    for seen in tokens:
        token = seen.token
        item = replace(seen, glued=seen.glued and near)
        near = True
        if token is Mark.MOVE:
            moving, near = True, False
        elif token is Mark.TO_WORD:
            out.append(replace(item, token=Mark.REPLACE if moving else Mark.TO))
        elif token is not Mark.ONTO:
            out.append(item)
        elif moving or _starts_range(out):
            out.append(replace(item, token=Mark.REPLACE))
        else:
            near = item.glued
    return out


def _starts_range(out: list[Seen]) -> bool:
    """Whether "from" and a day stand last: "с пятницы" in "с пятницы на понедельник"."""
    if len(out) < 2 or not isinstance(out[-1].token, Day | Clock | Part):
        return False
    bound = out[-2].token
    return isinstance(bound, Bound) and not bound.end and not bound.behind


def _numbers_before(seen: list[Seen]) -> list[Seen]:
    """Numbers that get their meaning from what follows: "3 or 4 December", "2-4 pm"."""
    for at in range(len(seen) - 2, -1, -1):
        bounded = at > 0 and isinstance(seen[at - 1].token, Bound) and seen[at].glued
        if not bounded and _is_hour_of(seen[at], seen[at + 1]):
            number = seen[at].token
            assert isinstance(number, Number)
            day = seen[at + 1].token
            sure = isinstance(day, Day) and day.ahead is not None
            seen[at] = Seen(Clock(number.value, unsure=not sure), seen[at].glued)
    for at in range(len(seen) - 3, -1, -1):
        number, link, right = (item.token for item in seen[at : at + 3])
        linked = link in _LINKS or (isinstance(link, Bound) and link.end and not link.behind)
        near = seen[at + 1].glued and seen[at + 2].glued
        if isinstance(number, Number) and linked and near:
            meant = _like(number, right)
            if isinstance(right, Number):
                meant = _range_start(number, link, seen[:at])
            if meant is not None:
                seen[at] = Seen(meant, seen[at].glued)
    return seen


def _is_hour_of(item: Seen, after: Seen) -> bool:
    """The number in "10 tomorrow"."""
    day = after.token
    if not (isinstance(item.token, Number) and after.glued and isinstance(day, Day)):
        return False
    single = day.day is None and not day.every
    return (
        single and item.token.value <= _HOURS and (day.ahead is not None or day.weekday is not None)
    )


def _range_start(number: Number, link: Token, before: list[Seen]) -> Operand | None:
    """The first of two bare numbers: "с 3 по 5", "tomorrow 2-4", or only "2-4"."""
    if isinstance(link, Bound) and link.of_days:
        return Day(day=number.value)
    if link is not Mark.TO or number.value > _HOURS:
        return None
    if not before:
        return Clock(number.value, unsure=True)
    return Clock(number.value) if isinstance(before[-1].token, Day | Part) else None


def _numbers_after(seen: list[Seen]) -> list[Seen]:
    """Numbers that get their meaning from what stands before: "after 5", "tomorrow 10"."""
    for at, item in enumerate(seen):
        if isinstance(item.token, Number) and item.glued and at:
            meant = _after(item.token, seen, at)
            if meant is not None:
                seen[at] = Seen(meant, True)
    return seen


def _after(number: Number, seen: list[Seen], at: int) -> Operand | None:
    before = seen[at - 1].token
    if isinstance(before, Bound) and not before.behind:
        if before.of_days or number.value > _HOURS:
            return Day(day=number.value) if number.value <= _DAYS else None
        if at >= 2 and seen[at - 1].glued and isinstance(seen[at - 2].token, Day | Clock):
            meant = _like(number, seen[at - 2].token)
            if meant is not None and before.end:
                return meant
        return Clock(number.value)
    if before is Mark.BETWEEN:
        return Clock(number.value) if number.value <= _HOURS else None
    if before is Mark.REPLACE:
        return Clock(number.value, bare=True) if number.value <= _HOURS else None
    if before in _LINKS:
        left = seen[at - 2].token if at >= 2 and seen[at - 1].glued else None
        if before is Mark.COMMA and isinstance(left, Day):
            listed = at + 1 < len(seen) and seen[at + 1].token in (Mark.OR, Mark.AND, Mark.COMMA)
            return _like(number, left) if listed else _beside_day(number, left)
        return _like(number, left)
    if isinstance(before, Part):
        return Clock(number.value) if number.value <= _HOURS else None
    return _beside_day(number, before) if isinstance(before, Day) else None


def _like(number: Number, other: Token | None) -> Operand | None:
    if isinstance(other, Day) and other.day is not None and number.value <= _DAYS:
        return Day(day=number.value)
    if isinstance(other, Clock) and number.value <= _HOURS:
        return Clock(number.value)
    return None


def _beside_day(number: Number, day: Day) -> Operand | None:
    """The number in "Friday 27" or "tomorrow 10"."""
    if day.weekday is not None and day.day is None and day.ahead is None:
        if 12 < number.value <= _DAYS:
            return Day(day=number.value)
        return Clock(number.value, bare=True)
    if day.months is not None and day == Day(months=day.months):
        return Day(day=number.value) if number.value <= _DAYS else None
    single = day.day is not None or day.ahead is not None
    return Clock(number.value) if single and number.value <= _HOURS else None


def _one(left: Token, right: Token) -> Operand | None:
    if isinstance(left, Day) and isinstance(right, Day):
        return _one_day(left, right)
    if isinstance(left, Part) and isinstance(right, Clock):
        return in_part(right, left.name)
    if isinstance(left, Number) and isinstance(right, Part):
        left = Clock(left.value)
    if isinstance(left, Clock) and isinstance(right, Part):
        return in_part(left, right.name)
    return None


def _across_comma(out: list[Seen], item: Seen) -> Day | None:
    """ "Friday, 27 November" is one day; "Monday, Friday" are two."""
    if len(out) < 2 or out[-1].token is not Mark.COMMA or not (item.glued and out[-1].glued):
        return None
    left, right = out[-2].token, item.token
    if not (isinstance(left, Day) and isinstance(right, Day)):
        return None
    return _one_day(left, right)


def _one_day(left: Day, right: Day) -> Day | None:
    said = {name for name in _FIELDS if getattr(left, name) != getattr(_PLAIN, name)}
    more = {name for name in _FIELDS if getattr(right, name) != getattr(_PLAIN, name)}
    if said & more or not _belong(said, more):
        return None
    values = {name: getattr(right, name) for name in more}
    last = bool({"week", "month", "months"} & more) and bool({"weekday", "day", "every"} & said)
    return replace(
        left,
        **values,
        unsure=left.unsure or right.unsure,
        swapped=left.swapped or right.swapped,
        whole_week=left.whole_week or right.whole_week,
        loose=(left.loose or right.loose) and not {"week"} & (said | more),
        trailing=last or right.trailing,
    )


def _belong(said: set[str], more: set[str]) -> bool:
    """Whether two pieces with these fields can be of one day."""
    both = said | more
    if both & {"within", "later", "same_day"}:
        return False
    if "ahead" in both:
        return both <= {"ahead", "weekday", "year", "month", "day"} and "week" not in both
    if "weekend" in both:
        return both <= {"weekend", "week"}
    if "stretch" in both:
        return both <= {"stretch", "month", "months", "year", "years"}
    if "every" in both and "weekday" in both:
        return False
    if "week" in both:
        return both <= {"week", "weekday", "every", "year", "month", "day"}
    if "months" in both and ("month" in both or "year" in both):
        return False
    return not {"year", "years"} <= both
