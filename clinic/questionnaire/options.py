"""The options of an uploaded choice, and the values that a questionnaire itself holds."""

from clinic.questionnaire.extensions import Extensions
from clinic.questionnaire.source import Misread, Source
from clinic.questionnaire.types import (
    Coding,
    ItemType,
    Option,
    OptionKind,
    Problem,
    Reference,
    Text,
    Value,
)
from clinic.questionnaire.value_sets import MOST_OPTIONS, ValueSets

CHOICES = (ItemType.CHOICE, ItemType.OPEN_CHOICE)
_KINDS: dict[str, OptionKind] = {
    "Coding": "Coding",
    "Integer": "Integer",
    "Date": "Date",
    "Time": "Time",
    "String": "String",
    "Reference": "Reference",
}
# The types of value[x] that an item takes: as an initial value, and in conditions.
_VALUES: dict[ItemType, tuple[str, ...]] = {
    ItemType.GROUP: (),
    ItemType.DISPLAY: (),
    ItemType.BOOLEAN: ("Boolean",),
    ItemType.INTEGER: ("Integer", "Decimal"),
    ItemType.DECIMAL: ("Integer", "Decimal"),
    ItemType.DATE: ("Date",),
    ItemType.DATE_TIME: ("DateTime", "Date"),
    ItemType.TIME: ("Time",),
    ItemType.STRING: ("String",),
    ItemType.TEXT: ("String",),
    ItemType.URL: ("Uri", "String"),
    ItemType.ATTACHMENT: ("Attachment",),
    ItemType.REFERENCE: ("Reference",),
    ItemType.QUANTITY: ("Quantity",),
}


def read_options(
    source: Source, value_sets: ValueSets, kind: ItemType, notes: list[Problem]
) -> tuple[tuple[Option, ...], OptionKind]:
    """The options of an item, all of one type, in their order."""
    listed, reference = source.many("answerOption"), source.string("answerValueSet")
    if kind not in CHOICES:
        if listed or reference:
            source.problem("options_for_type", type=kind.value)
        return (), "Coding"
    if listed and reference:
        source.problem("both", part="answerOption", other="answerValueSet")
    try:
        if reference:
            return value_sets.options(reference, source), "Coding"
        read = [_option(each, notes) for each in listed]
    except Misread as error:
        source.because(error.reason)
        return (), "Coding"
    options = tuple(option for _, option in read)
    if not options:
        source.problem("no_options")
        return (), "Coding"
    if len(options) > MOST_OPTIONS:
        source.problem("many_options", most=MOST_OPTIONS)
    if len({option.value for option in options}) < len(options):
        source.problem("same_options")
    if len({found for found, _ in read}) > 1:
        source.problem("mixed_options")
    return options, read[0][0]


def _option(source: Source, notes: list[Problem]) -> tuple[OptionKind, Option]:
    kind, value = source.value()
    if kind not in _KINDS:
        raise Misread("option_of_type", type=kind)
    score = source.score()
    label = Text(str(value))
    if isinstance(value, Coding):
        label = value.display
        value = Coding(
            value.system, value.code, label, score if value.score is None else value.score
        )
    elif score is not None:
        source.problem("score_without_code")
    if isinstance(value, Reference):
        label = Text(value.display or value.reference)
    if kind == "String":
        label = source.text("valueString")
    extensions = Extensions(source, notes)
    prefix = extensions.one("questionnaire-optionPrefix")
    return _KINDS[kind], Option(
        value,
        label,
        Text() if prefix is None else prefix.text("valueString"),
        extensions.flag("questionnaire-optionExclusive"),
    )


def accepted(kind: ItemType, options: OptionKind) -> tuple[str, ...]:
    """The types of value[x] that may be an answer."""
    if kind is ItemType.CHOICE:
        return (options,)
    return (options, "String") if kind is ItemType.OPEN_CHOICE else _VALUES[kind]


def chosen(value: Value, options: tuple[Option, ...], kind: ItemType) -> Value:
    """The option that is meant, by its code if no system is given; raises Misread if none is."""
    if kind not in CHOICES or not options:  # that there are none is another problem
        return value
    for option in options:
        found = option.value
        if found == value:
            return found
        if not isinstance(found, Coding) or not isinstance(value, Coding):
            continue
        if found.code == value.code and not (found.system and value.system):
            return found
    if kind is ItemType.OPEN_CHOICE and isinstance(value, str):
        return value
    shown = value.code if isinstance(value, Coding) else value
    raise Misread("no_option", value=str(shown))


def read_initial(
    source: Source, kind: ItemType, options: tuple[Option, ...], option_kind: OptionKind
) -> tuple[Value, ...]:
    """The values that are proposed, or fixed for what is not asked."""
    found: list[Value] = []
    listed = source.many("initial")
    for each in listed:
        try:
            given, value = each.value()
            if given not in accepted(kind, option_kind):
                raise Misread("kind_for_type", kind=given, type=kind.value)
            found.append(chosen(value, options, kind))
        except Misread as error:
            source.problem("within", part="initial", why=error.reason)
    selected = [
        option.value
        for option, each in zip(options, source.many("answerOption"), strict=False)
        if each.flag("initialSelected")
    ]
    if listed and selected:
        source.problem("both", part="initial", other="initialSelected")
    if len(found) + len(selected) > 1 and source.data.get("repeats") is not True:
        source.problem("several_initial")
    return tuple(found or selected)
