"""Somebody who answers questionnaires at random, always in the same way for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from clinic.questionnaire import codec, rules
from clinic.questionnaire.types import (
    Answers,
    Attachment,
    Item,
    ItemType,
    Path,
    Quantity,
    Question,
    Questionnaire,
    Reference,
    Refusal,
    Value,
)
from clinic.questionnaire.units import converted

ON = date(2026, 11, 22)
WORDS = ("yes", "no", "a poster", "いつも　痛い", "Здравствуйте", "2045", "123-4567", "aaa", "ok")
SITES = ("https://clinic.example/a", "https://clinic.example/b?c=1")
MOST_TURNS = 400


@dataclass(frozen=True)
class Played:
    """How it went: every question in the order asked, and the answers at the end."""

    asked: tuple[Path, ...]
    answers: Answers


def play(questionnaire: Questionnaire, seed: int, *, wander: bool = False) -> Played:
    """Answer until nothing is asked; with `wander` also go back and change answers on the way.

    Answers lie in JSON between any two turns, as they do in a conversation.
    """
    random = Random(seed)
    answers = rules.begin(ON)
    asked: list[Path] = []
    promised: int | None = None
    while (question := rules.next_question(questionnaire, answers)) is not None:
        assert len(asked) < MOST_TURNS, "it does not end"
        asked.append(question.path)
        answers = _turn(questionnaire, answers, question, random)
        if wander and len(asked) < MOST_TURNS // 4 and random.random() < 0.3:
            answers = _moved(questionnaire, answers, random)
        loaded = codec.load(codec.dump(answers))
        assert loaded == answers
        answers = loaded
        number, total = rules.progress(questionnaire, answers)
        assert 0 <= number <= total
        assert promised in (None, total), "a total that was told must stay true"
        if rules.count_is_sure(questionnaire, answers) and not wander:
            promised = total
    return Played(tuple(asked), answers)


def _moved(questionnaire: Questionnaire, answers: Answers, random: Random) -> Answers:
    if random.random() < 0.5:
        return rules.back(questionnaire, answers) or answers
    given = [one for one in rules.asked(questionnaire, answers) if one.editable]
    if not given:
        return answers
    changed = rules.change(questionnaire, answers, random.choice(given).path)
    assert isinstance(changed, Answers)
    return changed


def _turn(
    questionnaire: Questionnaire, answers: Answers, question: Question, random: Random
) -> Answers:
    item = question.item
    assert not item.automatic
    if not question.another and item.asks and random.random() < 0.25:
        skipped = rules.skip(questionnaire, answers, question)
        if not isinstance(skipped, Refusal):
            assert not item.required
            return skipped
        assert skipped.code == "required"
    values: tuple[Value, ...] = (random.random() < 0.4,)
    if not question.another:
        values = tuple(values_for(item, random))
    taken = rules.answer(questionnaire, answers, question, values)
    assert isinstance(taken, Answers), f"{item.link_id}: {values} refused: {taken}"
    return taken


def values_for(item: Item, random: Random) -> Iterator[Value]:
    """As many as it takes, each once."""
    least = max(1, item.least)
    count = random.randint(least, min(item.most or 3, 3) if item.repeats else 1)
    if item.options and (item.type is ItemType.CHOICE or count > 1):
        chosen = random.sample(item.options, min(count, len(item.options)))
        alone = next((option for option in chosen if option.exclusive), None)
        yield from [alone.value] if alone else [option.value for option in chosen]
        return
    for _ in range(count):
        yield value_for(item, random)


def value_for(item: Item, random: Random) -> Value:
    """One that keeps to the item's limits."""
    kind, limits = item.type, item.limits
    if kind is ItemType.BOOLEAN:
        return random.random() < 0.5
    if kind in (ItemType.INTEGER, ItemType.DECIMAL):
        least, most = _bounds(limits.min_value, limits.max_value)
        number = _number(least, most, limits.decimal_places, random)
        return number if kind is ItemType.DECIMAL else int(number)
    if kind is ItemType.QUANTITY:
        return _quantity(item, random)
    if kind is ItemType.DATE:
        return _day(limits.min_value, limits.max_value, random)
    if kind is ItemType.DATE_TIME:
        day = _day(limits.min_value, limits.max_value, random)
        return f"{day}T{random.randint(0, 23):02}:30:00+09:00"
    if kind is ItemType.TIME:
        first, last = str(limits.min_value or "00")[:2], str(limits.max_value or "23")[:2]
        return f"{random.randint(int(first), int(last) - 1):02}:15:00"
    if kind is ItemType.ATTACHMENT:
        types = limits.mime_types or ("image/png",)
        content = random.choice(types).replace("*", "jpeg")
        return Attachment(content, random.randint(1, 1_000_000), "urn:uuid:0a1b")
    if kind is ItemType.REFERENCE:
        return Reference(f"Practitioner/{random.randint(1, 9)}", "Dr Sato")
    if kind is ItemType.URL:
        return random.choice(SITES)
    if kind is ItemType.OPEN_CHOICE and random.random() < 0.6:
        return random.choice(item.options).value
    return _words(item, random)


def _words(item: Item, random: Random) -> str:
    limits = item.limits
    fitting = [
        word
        for word in WORDS
        if (limits.min_length or 0) <= len(word) <= (limits.max_length or 99)
        and (limits.pattern is None or limits.pattern.matches(word))
    ]
    return random.choice(fitting or [str(item.link_id)])


def _bounds(least: Value | None, most: Value | None) -> tuple[Decimal, Decimal]:
    low = Decimal(str(least)) if least is not None else Decimal(0)
    return low, Decimal(str(most)) if most is not None else low + 400


def _number(least: Decimal, most: Decimal, places: int | None, random: Random) -> Decimal:
    step = Decimal(1).scaleb(-min(places or 0, 2))
    return least + step * random.randint(0, int((most - least) / step))


def _quantity(item: Item, random: Random) -> Quantity:
    limits = item.limits
    least = limits.min_value if isinstance(limits.min_value, Quantity) else None
    most = limits.max_value if isinstance(limits.max_value, Quantity) else None
    unit = random.choice(item.units) if item.units else None
    low, high = (
        None
        if bound is None
        else converted(bound.value, bound.code, unit.code if unit else bound.code)
        for bound in (least, most)
    )
    # Whole numbers within the bounds, in the unit chosen.
    first = int(low) + 1 if low is not None else 0
    number = Decimal(random.randint(first, int(high) if high is not None else first + 2))
    return replace(Quantity(number), code=unit.code if unit else "")


def _day(least: Value | None, most: Value | None, random: Random) -> str:
    first = date.fromisoformat(str(least)[:10]) if least else date(2026, 1, 2)
    last = date.fromisoformat(str(most)[:10]) if most else first + timedelta(days=360)
    return (first + timedelta(days=random.randint(1, max(1, (last - first).days - 1)))).isoformat()
