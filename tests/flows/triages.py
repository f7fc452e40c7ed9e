"""Who is triaged in the tests, and how they answer."""

from dataclasses import replace
from datetime import date

from clinic.patient.types import PatientOption
from clinic.triage.types import Facts
from flows import triage
from flows.engine import Context
from flows.events import Said
from flows.triage_case import Case
from tests.flows.talk import Talk
from tests.flows.world import CTX

MAN = PatientOption(31, "Jun", "self", True, date(1990, 1, 1), "male")
BABY = PatientOption(32, "Mio", "child", False, date(2026, 10, 1), "female")
PEOPLE = replace(CTX, patients=(MAN, BABY))


def asking(presentation: str, ctx: Context = PEOPLE, **how) -> Talk:
    """A man of 36 who was asked the first check and said what it is."""
    case = Case(Facts(36, "male"), MAN.id, MAN.name, presentation, answers=(("first_check", "no"),))
    return Talk(triage.flow, ctx=ctx, step=triage.Asking(case=case, start=1), **how)


def denies(talk: Talk, *but: tuple[str, str]) -> Talk:
    """Deny everything, but what is answered otherwise, to the end of the questions."""
    otherwise = dict(but)
    while talk.at == "Asking" and not talk.over:
        asked = talk.session.step.case.next()
        usual = {"number": "number:0", "many": "none", "one": "option:male"}.get(asked.kind, "no")
        if asked.kind == "number" and asked.id != "severity":
            talk.do(Said("36.6"))
        else:
            talk.do(otherwise.get(asked.id, usual))
    return talk


def deeds(talk: Talk, kind):
    return [it for it in talk.deeds if isinstance(it, kind)]
