"""What the record says, in the words and the language of a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from admin.i18n import speech
from clinic.booking.search import in_language
from clinic.config import Settings
from clinic.document.types import Facts

NO_NUMBER = "––––"  # until it is issued


@dataclass(frozen=True, slots=True)
class Chosen:
    """What staff chose and wrote in the form."""

    practitioner: int | None = None
    diagnoses: Sequence[str] = ()
    written: Mapping[str, str] | None = None  # by place


def values_of(
    facts: Facts, settings: Settings, language: str, chosen: Chosen, number: str = NO_NUMBER
) -> dict[str, str]:
    """The value of each place; "" where there is none. What is written stands where the record says
    nothing, and in the template's own fields."""
    t = speech(language)
    listing = "、" if language in ("ja", "zh-Hant", "zh-Hans") else ", "
    doctor = next((name for id, name in facts.practitioners if id == chosen.practitioner), None)
    coming = facts.next_visit
    known = {
        "name": facts.name,
        "kana": facts.kana,
        "birth_on": t.birth(facts.birth_on) if facts.birth_on else "",
        "chart": facts.chart or "",
        "today": t.day(facts.now.date()),
        "number": number,
        "clinic": settings.clinic.name,
        "phone": settings.clinic.phone,
        "practitioner": in_language(doctor, language) if doctor else "",
        "diagnoses": listing.join(one for one in facts.diagnoses if one in chosen.diagnoses),
        "next_visit": f"{t.day(coming.date())} {t.clock(coming)}" if coming else "",
        "readings": "\n".join(
            f"{t(f'readings.kind.{one.kind}')}: {one.shown} ({t.day(one.on)})"
            for one in facts.readings
        ),
    }
    return {**(chosen.written or {}), **{name: value for name, value in known.items() if value}}
