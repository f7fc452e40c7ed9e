"""Words of patients, files and staff arrive in calendars and programs as those words (R26)."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from icalendar import Calendar

from bot.api import calendar
from clinic.booking.calendar_file import calendar_file, calendar_of, event_of
from clinic.booking.visits import calendar_mark
from clinic.config import Clinic, Settings
from clinic.ids import new_key
from clinic.questionnaire import codec
from clinic.questionnaire.service import install_shipped
from clinic.questionnaire.types import Answers
from tests.integration.api.house import House
from tests.integration.api.test_calendar import feed
from tests.integration.api.test_fhir import asked, checked
from tests.integration.security.payloads import PAYLOADS

pytestmark = pytest.mark.server
# What no table takes is left out: NUL.
LINES = (
    *(f"Visit{end}ATTENDEE:mailto:evil@example.jp" for end in ("\n", "\r", "\r\n", "\x0b", "\x0c")),
    *(f"Visit{end}ATTENDEE:x" for end in ("\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")),
    "\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:EMAIL",
    *("a;b,c:d\\n\\;", "\\", "\\\\n", '"quoted";X=1', "^n^'", "\x1b[31m", "長" * 60),
)
WORDS = tuple(one.replace("\0", "")[:200] for one in (*PAYLOADS, *LINES))
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
# The lines that a file of ours is made of.
PROPERTIES = frozenset(
    {
        *("BEGIN", "END", "PRODID", "VERSION", "METHOD", "NAME", "X-WR-CALNAME", "UID", "DTSTAMP"),
        *("DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "LOCATION", "STATUS", "TZID", "TZNAME"),
        *("TZOFFSETFROM", "TZOFFSETTO", "COMMENT"),  # of the zone
    }
)


def seen(text: str) -> str:
    """What is left to see of a text: without control marks, and blanks as one."""
    kept = (
        sign if unicodedata.category(sign) not in ("Cc", "Zl", "Zp") else " "
        for sign in text
        if unicodedata.category(sign) != "Cf"
    )
    return " ".join("".join(kept).split())


def faults(file: bytes, events: int) -> list[str]:
    """What a calendar program could take wrongly in a file of ours."""
    found = []
    if re.search(rb"(?<!\r)\n|\r(?!\n)", file) or re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", file):
        found.append("line ends or control marks")
    text = file.decode()
    if any(sign in text for sign in "\x85\u2028\u2029") or max(map(len, file.split(b"\r\n"))) > 75:
        found.append("lines")
    whole = re.sub(r"\r\n[ \t]", "", text).split("\r\n")
    names = [re.split("[:;]", line)[0] for line in whole if line]
    found += sorted(set(names) - PROPERTIES)
    for name, most in (
        ("SUMMARY", events),
        ("LOCATION", events),
        ("UID", events),
        ("NAME", 1),
        ("COMMENT", 1),
    ):
        if names.count(name) > most:
            found.append(f"{names.count(name)} times {name}")
    if whole.count("BEGIN:VEVENT") != events or "BEGIN:VALARM" in whole:
        found.append("components")
    return found


def test_a_calendar_of_the_whole_corpus_holds_an_entry_each_and_no_line_of_theirs() -> None:
    row = {"version": 1, "status": "booked", "updated_at": AT, "starts_at": AT, "ends_at": AT}
    zone = ZoneInfo("Asia/Tokyo")
    events = [event_of({**row, "key": new_key()}, zone, one, one) for one in WORDS]
    file = calendar_of(events, LINES[0])
    assert faults(file, len(WORDS)) == []
    read = Calendar.from_ical(file).walk("VEVENT")
    for words, event in zip(WORDS, read, strict=True):
        for name in ("SUMMARY", "LOCATION"):
            assert seen(str(event[name])) == seen(words)


async def rename(house: House, words: str) -> None:
    """Everything that has a name gets this one."""
    await house.rows(
        """with a as (update service set name = jsonb_build_object('en', $1::text)),
             b as (update site set name = jsonb_build_object('en', $1::text),
                     address = jsonb_build_object('en', $1::text)),
             c as (update resource set name = jsonb_build_object('en', $1::text))
           update patient set name = $1, kana = $1""",
        words,
    )


async def test_a_feed_and_a_visits_file_hold_the_words_and_no_line_of_theirs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "BURST", 10_000.0)
    visit = await house.booked()
    key = await house.value("select key from appointment where status = 'booked'")
    _, path = await feed(house, initials=True)
    wrong: list[tuple[str, object]] = []
    for words in (*WORDS[::12], *LINES):
        await rename(house, words)
        answer = await house.client.get(path)
        assert (answer.status, answer.content_type) == (200, "text/calendar")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        own = Settings(clinic=Clinic(name=words))
        async with house.env.database.transaction() as tx:
            mark = calendar_mark(house.env.keys, key)
            alone = await calendar_file(tx, house.env.keys, own, key, mark)
        assert alone is not None
        for file in (await answer.read(), alone):
            found = faults(file, 1)
            (event,) = Calendar.from_ical(file).walk("VEVENT")
            if event["UID"] != visit["id"]:
                found.append("uid")
            shown = f"{seen(str(event['SUMMARY']))} {seen(str(event['LOCATION']))}"
            if shown.count(seen(words)) < 2:
                found.append(shown)
            if any(
                unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF")
                for sign in file.decode()
            ):
                found.append("turns the words around it")
            wrong += [(words, one) for one in found]
    assert wrong == []


async def test_programs_get_the_very_words_as_json_and_as_fhir(house: House) -> None:
    visit, patient = await house.booked(), await house.patient()
    for words in WORDS:
        await rename(house, words)
        answer = await house.call("GET", f"/patients/{patient}")
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        told = await answer.json()
        assert (told["name"], told["kana"]) == (words, words)
        services = await house.good("GET", "/services")
        assert strings(services).count(words) >= 2, services
        one = await asked(house, f"/Patient/{patient}")
        assert [name["text"] for name in one["name"]] == [words] * (2 if words else 1)
        one = await asked(house, f"/Appointment/{visit['id']}")
        assert strings(one).count(words) == 3, one


def strings(value: Any) -> list[str]:
    """Every text in a piece of JSON."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


async def test_answers_and_messages_are_the_very_words_in_fhir(house: House) -> None:
    written, keys = await house.reachable(), house.env.keys
    async with house.env.database.transaction() as tx:
        await install_shipped(tx)
        form = await tx.fetchval("select id from questionnaire where name = 'pre_visit_intake'")
    said = {}
    for words in WORDS:
        key = new_key()
        answers = Answers(date(2026, 11, 1), (((("reason", 0),), (words,)),))
        await house.rows(
            """insert into questionnaire_response (key, questionnaire_id, patient_id, language,
                 answers) values ($1, $2, $3, 'ja', $4)""",
            key,
            form,
            house.clinic.patients[0],
            keys.seal(orjson.dumps(codec.dump(answers)), "questionnaire_response.answers", key),
        )
        said[f"/QuestionnaireResponse/{key}"] = words
        if seen(words) and words.isprintable():
            sent = await house.good("POST", "/messages", {"patient": written, "text": words})
            said[f"/Communication/{sent['id']}"] = words.strip()
    assert len(said) > 450
    for path, words in said.items():
        assert words in strings(await asked(house, path)), path


async def test_what_is_refused_is_told_without_the_words_of_who_asked(house: House) -> None:
    for words in WORDS:
        for body in ({words or "x": words}, {"name": f"{words}\n"}, words):
            answer = await house.call("POST", "/patients", body)
            assert answer.status in (400, 422), (words, answer.status)
            assert answer.content_type == "application/problem+json"
            problem = await answer.json()
            assert set(problem) <= {"type", "title", "status", "code", "detail", "errors"}
        answer = await house.call("GET", "/fhir/Patient", None, identifier=words)
        told = checked(await answer.json())
        assert answer.status in (200, 422), (words, told)
        assert [one for one in answer.headers.values() if words and words in one] == []
    assert await house.value("select count(*) from patient") == 2
