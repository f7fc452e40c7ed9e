"""Responses as files: CSV for spreadsheets, a FHIR R4 Bundle for other systems. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

import orjson

from admin.i18n import Speech
from admin.questionnaires import shown
from clinic.config import Clinic
from clinic.importer.export import safe_cell
from clinic.questionnaire import rules
from clinic.questionnaire.response import to_fhir
from clinic.questionnaire.types import Questionnaire
from clinic.staff.access.questionnaire_results import Answered

Kind = Literal["csv", "fhir"]
_FIRST = ("response", "authored", "chart", "patient", "birth_date", "version", "language")


def csv_of(
    answered: Iterable[Answered],
    forms: Mapping[int, Questionnaire],
    speech: Speech,
    clinic: Clinic,
) -> bytes:
    """A line a response, a column a question: UTF-8 with a byte order mark, so that Excel reads it.

    Answers are in the staff's language, times in the clinic's zone.
    """
    zone = ZoneInfo(clinic.time_zone)
    columns: dict[str, str] = {}  # what stands in the first line, by its name
    lines: list[dict[str, str]] = []
    for one in answered:
        response, form = one.response, forms[one.response.questionnaire_id]
        scores = shown.scores(form, response, speech, clinic.country)
        cells = {
            "response": str(response.id),
            "authored": f"{response.authored_at.astimezone(zone):%Y-%m-%d %H:%M}",
            "chart": response.patient.chart or "",
            "patient": response.patient.name,
            "birth_date": response.patient.birth_on.isoformat()
            if response.patient.birth_on
            else "",
            "version": str(response.version),
            "language": response.language,
            "meaning": "; ".join(score.band for score in scores if score.band),
            "alerts": "; ".join(
                f"{flag.level}: {flag.words}"
                for flag in shown.flags(response.url, response.flags, speech.language)
            ),
        }
        for (link_id, value), score in zip(response.scores.items(), scores, strict=True):
            columns.setdefault(f"score:{link_id}", score.name)
            cells[f"score:{link_id}"] = format(value, "f")
        for given in rules.asked(form, one.answers):
            if given.item.link_id in response.scores:
                continue
            name = "answer:" + "/".join(f"{link}.{number}" for link, number in given.path)
            columns.setdefault(name, shown.question(given, speech.language))
            cells[name] = shown.answered(given, speech.language)
        lines.append(cells)
    scored = [name for name in columns if name.startswith("score:")]
    asked = [name for name in columns if name.startswith("answer:")]
    order = [*_FIRST, *scored, "meaning", "alerts", *asked]
    titles = {name: columns.get(name) or speech(f"questionnaires.column.{name}") for name in order}
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([cell(titles[name]) for name in order])
    writer.writerows([cell(cells.get(name, "")) for name in order] for cells in lines)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def bundle_of(answered: Sequence[Answered], forms: Mapping[int, Questionnaire]) -> bytes:
    """A Bundle of type collection. The patient is named by id and chart number."""
    entries = []
    for one in answered:
        response = one.response
        resource = to_fhir(
            forms[response.questionnaire_id],
            one.answers,
            status="completed",
            authored_at=response.authored_at,
            subject=f"Patient/{response.patient.id}",
        )
        resource["id"] = str(response.key)
        if response.patient.chart:
            resource["subject"]["identifier"] = {"value": response.patient.chart}
        entries.append({"fullUrl": f"urn:uuid:{response.key}", "resource": resource})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    if entries:
        bundle["entry"] = entries
    return orjson.dumps(bundle, option=orjson.OPT_INDENT_2)


def cell(words: str) -> str:
    """A cell that no spreadsheet takes for a formula; a plain number stays one."""
    return words if _is_number(words) else safe_cell(words)


def _is_number(words: str) -> bool:
    return words.isascii() and words.removeprefix("-").replace(".", "", 1).isdecimal()
