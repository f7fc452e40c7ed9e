"""Things that a text names: parts of the day, persons and symptoms, by lexicon."""

from typing import cast

from nlu import lexicon
from nlu.lexicon import Found
from nlu.reading import Entity, EntityKind
from nlu.script import Group

KINDS: tuple[EntityKind, ...] = ("part_of_day", "person", "symptom")


def read(text: str, group: Group) -> tuple[Entity, ...]:
    """Parts of the day, persons and symptoms in a folded text, in the order of the text.

    Where phrases of a kind overlap the longest is meant. A value is told once. What stands under
    `none` takes the place of phrases that only look like another value's.
    """
    taken: list[Found] = []
    for one in sorted(
        lexicon.find(text, group, KINDS), key=lambda one: (one.start - one.end, one.start)
    ):
        if all(
            one.end <= other.start or other.end <= one.start
            for other in taken
            if other.kind == one.kind
        ):
            taken.append(one)
    entities: dict[tuple[str, str], Entity] = {}
    for one in sorted(taken, key=lambda one: one.start):
        if one.value != "none":
            kind = cast(EntityKind, one.kind)
            entity = Entity(kind, one.value, text[one.start : one.end])
            entities.setdefault((kind, one.value), entity)
    return tuple(entities.values())
