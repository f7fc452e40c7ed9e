"""Answers as a FHIR R4 QuestionnaireResponse, and back."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from clinic.questionnaire import rules
from clinic.questionnaire.checks import check
from clinic.questionnaire.reasons import Reason
from clinic.questionnaire.source import Misread, Source
from clinic.questionnaire.tree import Tree
from clinic.questionnaire.types import (
    Answers,
    Item,
    Path,
    Problem,
    Questionnaire,
    Refusal,
    Repetitions,
    Value,
)
from clinic.questionnaire.walk import walk

Status = Literal["in-progress", "completed", "amended", "stopped"]


def to_fhir(
    questionnaire: Questionnaire,
    answers: Answers,
    *,
    status: Status,
    authored_at: datetime | None = None,
    subject: str = "",
) -> dict[str, Any]:
    """The resource, of what JSON has; calculated and hidden values are in it.

    `subject` is a reference such as `Patient/12`. Texts are in the questionnaire's own language.
    """
    canonical = questionnaire.url
    if canonical and questionnaire.version:
        canonical += f"|{questionnaire.version}"
    found: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "status": status}
    if canonical:
        found["questionnaire"] = canonical
    if subject:
        found["subject"] = {"reference": subject}
    if authored_at is not None:
        found["authored"] = authored_at.isoformat(timespec="seconds")
    values = walk(questionnaire, answers, calculate=True).values
    if items := Tree(questionnaire, values).items:
        found["item"] = _json(items)
    return found


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_json(held) for held in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def from_fhir(
    questionnaire: Questionnaire, resource: Mapping[str, Any], on: date
) -> Answers | tuple[Problem, ...]:
    """The answers of a response, or what in it is no answer to this questionnaire.

    What it leaves open, and may, counts as skipped if the response is completed.
    """
    problems: list[Problem] = []
    if resource.get("resourceType") != "QuestionnaireResponse":
        return (Problem("", Reason("no_response")),)
    root = Source(resource, "", problems, {})
    reader = _Reader(questionnaire)
    reader.read(root, questionnaire.items, ())
    given = reader.answers(on)
    kept = rules.settled(questionnaire, given)
    for path, _ in set(given.values) - set(kept.values):
        problems.append(Problem(path[-1][0], Reason("not_asked")))
    if problems:
        return tuple(problems)
    if resource.get("status") in ("completed", "amended"):
        kept = _closed(questionnaire, kept)
    return kept


def _closed(questionnaire: Questionnaire, answers: Answers) -> Answers:
    while (question := rules.next_question(questionnaire, answers)) is not None:
        skipped = rules.skip(questionnaire, answers, question)
        if isinstance(skipped, Refusal):
            break
        answers = skipped
    return answers


class _Reader:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._values: dict[Path, tuple[Value, ...]] = {}
        self._groups: dict[Path, Repetitions] = {}

    def answers(self, on: date) -> Answers:
        """What was read; repeating groups are through."""
        return Answers(on, tuple(self._values.items()), groups=tuple(self._groups.items()))

    def read(self, parent: Source, items: tuple[Item, ...], above: Path) -> None:
        """The items under one of the response; linkIds that are not there are problems."""
        known = {item.link_id: item for item in items}
        counts: dict[str, int] = {}
        for each in parent.many("item"):
            link_id = each.string("linkId")
            source = Source(each.data, link_id, each.problems, {})
            item = known.get(link_id)
            index = counts.setdefault(link_id, 0)
            counts[link_id] += 1
            if item is None:
                if link_id not in self._questionnaire.every:
                    source.problem("no_item")
                elif self._questionnaire.every[link_id].asks:
                    source.problem("misplaced")
            elif index and (item.asks or not item.repeats):
                source.problem("item_twice")
            elif item.asks:
                self._question(source, item, above)
            else:
                self.read(source, item.items, (*above, (link_id, index)))
        for link_id, count in counts.items():
            if link_id in known and known[link_id].repeats and not known[link_id].asks:
                self._groups[(*above, (link_id, 0))] = Repetitions(count, closed=True)

    def _question(self, source: Source, item: Item, above: Path) -> None:
        answers = source.many("answer")
        for index, each in enumerate(answers):
            self.read(each, item.items, (*above, (item.link_id, index)))
        if item.automatic or not answers:
            return  # it is worked out again
        try:
            values = tuple(each.value()[1] for each in answers)
        except Misread as error:
            source.because(error.reason)
            return
        checked = check(item, values)
        if isinstance(checked, Refusal):
            source.problem("no_answer", refusal=checked.code)
        else:
            self._values[(*above, (item.link_id, 0))] = checked
