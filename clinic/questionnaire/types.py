"""Values of questionnaires: what was uploaded, what a patient answered, what is asked next.

All are immutable. The words are those of FHIR R4 Questionnaire and QuestionnaireResponse.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from clinic.questionnaire.fhirpath import Expression
from clinic.questionnaire.patterns import Pattern
from clinic.questionnaire.reasons import Reason

# Where a question stands: the linkIds from the root down. The number counts the repetition of a
# group; of a question that has items under it, which of its answers they belong to; else it is 0.
Path = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Words in one language, and as they were translated; plain, without Markdown or XHTML."""

    default: str = ""
    translations: tuple[tuple[str, str], ...] = ()

    def get(self, language: str | None) -> str:
        """In this language, in one near to it (`zh-TW` for `zh-Hant`), or else as written."""
        if language is not None:
            wanted = _alike(language)
            for known, words in self.translations:
                if known == language or _alike(known) == wanted:
                    return words
        return self.default

    def __bool__(self) -> bool:
        return bool(self.default)


_CHINESE = {"hant": "zh-hant", "tw": "zh-hant", "hk": "zh-hant", "mo": "zh-hant"}


def _alike(language: str) -> str:
    first, *rest = language.lower().replace("_", "-").split("-")
    if first != "zh":
        return first
    return next((_CHINESE[part] for part in rest if part in _CHINESE), "zh-hans")


# What an answer may be -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coding:
    """One of a list. Equal if system and code are; what it is called does not count."""

    system: str
    code: str
    display: Text = field(default=Text(), compare=False)
    score: Decimal | None = field(default=None, compare=False)  # ordinalValue or itemWeight


@dataclass(frozen=True, slots=True)
class Quantity:
    """`code` is the unit's in `system` (mostly UCUM), `unit` as people write it."""

    value: Decimal
    unit: str = ""
    system: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another resource (`Practitioner/12`), or only its name where nobody knows more."""

    reference: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo or file that lies elsewhere; `url` is where, `size` in bytes."""

    content_type: str
    size: int
    url: str
    title: str = ""

    @property
    def kind(self) -> str:
        """`image`, `audio`, `video`, or another main type."""
        return self.content_type.partition("/")[0]


# Text, url, date (2026, 2026-11, 2026-11-25), dateTime (with zone, or as a date) and
# time (09:30:00) are str.
Value = bool | int | Decimal | str | Coding | Quantity | Reference | Attachment


# What was uploaded -----------------------------------------------------------------------------


class ItemType(StrEnum):
    """The sixteen of FHIR R4."""

    GROUP = "group"
    DISPLAY = "display"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE = "date"
    DATE_TIME = "dateTime"
    TIME = "time"
    STRING = "string"
    TEXT = "text"
    URL = "url"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"
    ATTACHMENT = "attachment"
    REFERENCE = "reference"
    QUANTITY = "quantity"


Operator = Literal["exists", "=", "!=", ">", "<", ">=", "<="]
OptionKind = Literal["Coding", "Integer", "Date", "Time", "String", "Reference"]


@dataclass(frozen=True, slots=True)
class Option:
    value: Value
    label: Text
    prefix: Text = Text()
    exclusive: bool = False  # cannot stand beside another ("none of these")


@dataclass(frozen=True, slots=True)
class Condition:
    """One enableWhen: the answer to `question` compared with `answer`."""

    question: str
    operator: Operator
    answer: Value


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer has to keep to; None and empty: no limit."""

    min_length: int | None = None
    max_length: int | None = None
    pattern: Pattern | None = None
    format: str = ""  # the pattern in people's words (entryFormat), such as "####"
    min_value: Value | None = None
    max_value: Value | None = None
    decimal_places: int | None = None
    min_occurs: int | None = None
    max_occurs: int | None = None
    mime_types: tuple[str, ...] = ()  # `image/*` or whole
    max_size: int | None = None  # bytes


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    expression: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A question, a group of them, or words to show.

    `options` are in the questionnaire's order. Of an integer or decimal, `units` holds at most the
    one to show beside it; of a quantity, those to choose from. `hints` are shown with the question.
    `source` is the item as it was uploaded.
    """

    link_id: str
    type: ItemType
    text: Text
    prefix: Text = Text()
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    options: tuple[Option, ...] = ()
    option_kind: OptionKind = "Coding"
    units: tuple[Coding, ...] = ()
    initial: tuple[Value, ...] = ()
    limits: Limits = Limits()
    conditions: tuple[Condition, ...] = ()
    any_condition: bool = False  # one of the conditions is enough
    enable_expression: Expression | None = None
    calculated: Expression | None = None
    variables: tuple[Variable, ...] = ()
    hints: tuple[Text, ...] = ()
    items: tuple["Item", ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)
    known: Mapping[Value, Value] = field(default_factory=dict, repr=False)  # options, with words

    @property
    def asks(self) -> bool:
        """Whether it is a question, and not a group or words to show."""
        return self.type not in (ItemType.GROUP, ItemType.DISPLAY)

    @property
    def automatic(self) -> bool:
        """Whether its value is not the patient's to give: calculated, fixed, or not seen."""
        return self.calculated is not None or self.read_only or self.hidden

    @property
    def least(self) -> int:
        """How many answers, or repetitions of a group, there have to be."""
        return max(self.limits.min_occurs or 0, int(self.required))

    @property
    def most(self) -> int | None:
        """How many answers or repetitions there may be; None: any number."""
        return self.limits.max_occurs if self.repeats else 1


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an item (its linkId; "" the questionnaire itself) is not understood."""

    item: str
    why: Reason

    @property
    def reason(self) -> str:
        """In English."""
        return str(self.why)


@dataclass(frozen=True, slots=True, eq=False)
class Questionnaire:
    """A questionnaire that can be played whole.

    `languages` are those in which all of its words stand. `notes` name what was left aside without
    changing what is asked. `every` is all items by linkId, `source` the resource as uploaded.
    """

    url: str
    version: str
    title: Text
    items: tuple[Item, ...]
    language: str
    languages: tuple[str, ...]
    needs_signature: bool
    variables: tuple[Variable, ...]
    notes: tuple[Problem, ...]
    every: Mapping[str, Item] = field(repr=False)
    source: Mapping[str, Any] = field(repr=False)
    # Conditions that look at a calculated value, or are expressions: they cost more.
    calculates_conditions: bool = False


# What was answered -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repetitions:
    """How often a repeating group was entered, and whether the patient is through with it."""

    count: int
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What a patient answered so far. Changed only by `rules`, which give back another one.

    `on` is the day of the questionnaire, `today()` of its expressions. `at` is the question that
    the patient went back to.
    """

    on: date
    values: tuple[tuple[Path, tuple[Value, ...]], ...] = ()
    skipped: frozenset[Path] = frozenset()
    groups: tuple[tuple[Path, Repetitions], ...] = ()
    at: Path | None = None

    def __iter__(self) -> Iterator[tuple[Path, tuple[Value, ...]]]:
        return iter(self.values)


@dataclass(frozen=True, slots=True)
class Lead:
    """Words before a question: the title of a group, or a display item.

    `number` counts the repetition of a repeating group, from 1.
    """

    item: Item
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask next.

    `another` asks whether there is one (more) of a repeating group, `item`: answered True or
    False. `given` is what was answered before, or else the initial values, to be proposed.
    `about` is the answer that this question hangs under, where that question takes several.
    """

    path: Path
    item: Item
    another: bool = False
    given: tuple[Value, ...] = ()
    before: tuple[Lead, ...] = ()
    about: Value | None = None
    number: int | None = None  # of the repetition it belongs to, from 1


@dataclass(frozen=True, slots=True)
class Given:
    """One line of the summary; `editable` is false of what was calculated or fixed."""

    path: Path
    item: Item
    values: tuple[Value, ...]
    editable: bool
    about: Value | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer was not taken: a code for the words, and what they name.

    code (params): type, empty, required, not_asked, not_an_option, duplicate,
    exclusive (option), too_few (least), too_many (most), too_short (least), too_long (most),
    pattern (format), too_small (least), too_large (most), decimals (most), number, date, time,
    zone, url, reference, unit (units), mime_type (types), too_big (most, bytes).
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
