"""What the answers of a shipped questionnaire mean for how soon somebody must look at them. Pure.

The figures stand in `scores.yml`, with their shape, and NEED A CLINICIAN'S SIGNATURE.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path as File
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from clinic.questionnaire.types import Attachment, Coding, Path, Quantity, Reference, Value

_FILE = File(__file__).with_name("scores.yml")

# An answer without its words: the score of an option that has one, else its code; a number; yes or
# no. What a patient wrote is a str like a code.
Plain = Decimal | str | bool


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A short text in every language of the product."""

    en: str
    ja: str
    zh_hant: str = Field(alias="zh-Hant")
    zh_hans: str = Field(alias="zh-Hans")
    ru: str

    def get(self, language: str) -> str:
        """The text in a language of the product; in English for any other."""
        text: str = dict(self).get(language.replace("-", "_").lower(), self.en)
        return text


class Condition(_Part):
    """What one answer of an item must be like: one of the comparisons, the others are not given."""

    item: str
    at_least: Decimal | None = None
    below: Decimal | None = None
    equals: bool | str | None = None
    any_of: frozenset[str] | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> "Condition":
        if len(self.model_fields_set) != 2:
            raise ValueError(f"item {self.item}: there must be one comparison")
        return self

    def holds(self, answers: Mapping[str, tuple[Plain, ...]]) -> bool:
        """Whether one of the item's answers is so; never if it has none."""
        return any(self._met(value) for value in answers.get(self.item, ()))

    def _met(self, value: Plain) -> bool:
        if isinstance(value, bool):
            return self.equals is value
        if isinstance(value, str):
            return value == self.equals or value in (self.any_of or ())
        if self.at_least is not None:
            return value >= self.at_least
        return self.below is not None and value < self.below


class BySex(_Part):
    """Where a band begins. `unknown` is also for who is neither."""

    female: Decimal
    male: Decimal
    unknown: Decimal


class Band(_Part):
    """What a total means. `level`: 1 self-care, 2 within days."""

    start: Decimal | dict[str, BySex] = Field(alias="from")
    level: Literal[1, 2]
    text: Words

    def begins(self, sex: str | None, country: str) -> Decimal:
        """The lowest total of the band for a sex (as FHIR has it) in a country (`JP`)."""
        if isinstance(self.start, Decimal):
            return self.start
        by_sex = self.start.get(country) or self.start["default"]
        return {"female": by_sex.female, "male": by_sex.male}.get(sex or "", by_sex.unknown)


class Alert(_Part):
    """What somebody must be told of. `level`: 4 emergency now, 3 same day, 2 within days.

    Holds if all of `when` do, and not all of `unless`.
    """

    rule: str
    level: Literal[2, 3, 4]
    when: tuple[Condition, ...] = Field(min_length=1)
    unless: tuple[Condition, ...] = ()
    reason: Words

    @property
    def may_settle(self) -> bool:
        """Whether the form asks for more that can take it back, such as a second reading.

        Such an alert is raised when the form is finished, or when the patient falls silent; any
        other one as soon as it holds.
        """
        return bool(self.unless)

    def holds(self, answers: Mapping[str, tuple[Plain, ...]]) -> bool:
        """Whether these answers, which may be half of a form, raise it."""
        if not all(condition.holds(answers) for condition in self.when):
            return False
        return not self.unless or not all(condition.holds(answers) for condition in self.unless)


class Form(_Part):
    """The bands and alerts of one questionnaire. `total` is the linkId of what `bands` divide."""

    source: str
    signed_by: str | None
    total: str | None = None
    bands: tuple[Band, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @model_validator(mode="after")
    def _every_total_has_a_band(self) -> "Form":
        if bool(self.bands) != (self.total is not None):
            raise ValueError("bands and a total go together")
        if self.bands and self.bands[0].start != 0:
            raise ValueError("the first band must begin at 0")
        return self


@dataclass(frozen=True, slots=True)
class Assessment:
    """The total and its band, if the form has them, and the alerts, the gravest first."""

    total: Decimal | None = None
    band: Band | None = None
    alerts: tuple[Alert, ...] = ()


@cache
def forms() -> Mapping[str, Form]:
    """What stands in `scores.yml`, by the form's name; raises `ValidationError` if it is wrong."""
    text = _FILE.read_text(encoding="utf-8")
    return TypeAdapter(dict[str, Form]).validate_python(yaml.load(text, yaml.CSafeLoader))


def plain(answers: Iterable[tuple[Path, tuple[Value, ...]]]) -> dict[str, tuple[Plain, ...]]:
    """The answers by linkId, those of all repetitions together.

    Without photos, references and quantities: a form calculates a number from a quantity.
    """
    found: dict[str, tuple[Plain, ...]] = {}
    for path, values in answers:
        link_id = path[-1][0]
        kept = tuple(
            _plain(value)
            for value in values
            if not isinstance(value, Attachment | Reference | Quantity)
        )
        found[link_id] = found.get(link_id, ()) + kept
    return found


def assess(
    form: str,
    answers: Mapping[str, tuple[Plain, ...]],
    totals: Mapping[str, Decimal],
    *,
    sex: str | None = None,
    country: str = "JP",
) -> Assessment:
    """What a form's answers (see `plain`) and calculated numbers mean; nothing for an unknown form.

    The alerts are right at any time, the band only when the form is finished.
    """
    known = forms().get(form)
    if known is None:
        return Assessment()
    given = {**answers, **{link_id: (total,) for link_id, total in totals.items()}}
    alerts = sorted(
        (alert for alert in known.alerts if alert.holds(given)), key=lambda alert: -alert.level
    )
    total = totals.get(known.total or "")
    if total is None:
        return Assessment(alerts=tuple(alerts))
    *_, band = (band for band in known.bands if total >= band.begins(sex, country))
    return Assessment(total, band, tuple(alerts))


def _plain(value: bool | int | Decimal | str | Coding) -> Plain:
    if isinstance(value, Coding):
        return value.code if value.score is None else value.score
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value
