"""Questionnaires as staff see them: their versions, the rules that send them, who is asked.

Doctors may look; the desk and admins decide. What patients answered is `questionnaire_results`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.booking.search import in_language
from clinic.config import Language, Settings
from clinic.db import Tx
from clinic.ids import new_key
from clinic.policy.service import choose
from clinic.policy.types import Go, Wanted
from clinic.questionnaire.scoring import forms
from clinic.questionnaire.service import request
from clinic.questionnaire.types import Questionnaire
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

LISTED_AT_MOST = 200  # requests
MOST_DAYS = 365  # before or after a visit, or from now
NAME_LENGTH = 80
Relation = Literal["before", "after"]
Tab = Literal["open", "completed", "cancelled", "expired"]
TABS: Mapping[Tab, tuple[str, ...]] = {
    "open": ("waiting", "sent", "in_progress"),
    "completed": ("completed",),
    "cancelled": ("cancelled",),
    "expired": ("expired",),
}


@dataclass(frozen=True, slots=True)
class Form:
    """One version of a questionnaire. `open` and `completed` count the requests and the responses
    that this staff member may see, `drafts` the versions after it that nobody has activated."""

    id: int
    url: str
    name: str
    title: str
    version: int
    status: str  # draft, active, retired
    needs_signature: bool  # of a clinician, which it does not have yet
    created_at: datetime
    created_by: str | None
    open: int
    completed: int
    drafts: int = 0


@dataclass(frozen=True, slots=True)
class FormRule:
    """A questionnaire is sent by itself, `days` before or after a visit of a service."""

    id: int
    service_name: str
    relation: Relation
    days: int
    active: bool


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A patient is asked to answer a questionnaire."""

    id: int
    state: str
    reason: str | None  # why it was cancelled, a code
    questionnaire_id: int
    title: str
    patient_name: str
    chart: str | None
    send_at: datetime
    sent_at: datetime | None
    useful_until: datetime | None
    starts_at: datetime | None  # of the visit it belongs to
    by_rule: bool
    response_id: int | None


def _counted(of: str) -> str:
    """How many requests are open, and responses there are, for the versions that `of` names as
    `v`."""
    counted = f"""join questionnaire v on v.id = r.questionnaire_id
        where {of} and ($2 or r.patient_id in ({OWN_PATIENTS}))"""
    return f"""(select count(*) from questionnaire_request r {counted}
                and r.state in ('waiting', 'sent', 'in_progress')) as open,
               (select count(*) from questionnaire_response r {counted}) as completed"""  # noqa: S608  # constants


_FORM = """q.id, q.url, q.name, q.title, q.version, q.status, q.created_at, s.name as created_by,
    coalesce(q.resource -> 'extension' @> '[{"url":
      "https://kayoi.example/fhir/needs-signature", "valueBoolean": true}]', false) as clinical"""


async def access_forms(tx: Tx, staff: Staff, language: str) -> list[Form]:
    """One line a questionnaire: the active version, else the newest."""
    rows = await tx.fetch(
        f"""with q as (select distinct on (url) * from questionnaire
                       order by url, status = 'active' desc, version desc)
            select {_FORM}, {_counted("v.url = q.url")},
              (select count(*) from questionnaire d where d.url = q.url and d.status = 'draft'
               and d.version > q.version) as drafts
            from q left join staff s on s.id = q.created_by_id""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
    )
    found = [_form(row, language, row["drafts"]) for row in rows]
    return sorted(found, key=lambda form: (form.status != "active", form.title, form.id))


async def access_versions(
    tx: Tx, staff: Staff, questionnaire_id: int, language: str
) -> list[Form] | None:
    """All versions of the questionnaire that this one belongs to, newest first; None if there is
    no such one."""
    rows = await tx.fetch(
        f"""select {_FORM}, {_counted("v.id = q.id")}
            from questionnaire q left join staff s on s.id = q.created_by_id
            where q.url = (select url from questionnaire where id = $3)
            order by q.version desc""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        questionnaire_id,
    )
    return [_form(row, language) for row in rows] or None


async def access_upload(
    tx: Tx, staff: Staff, questionnaire: Questionnaire, resource: Mapping[str, Any]
) -> int | None:
    """Keep a questionnaire as a draft, as the next version of its url; its id.

    `resource` is what `questionnaire` was read from. None for who may not.
    """
    if not sees_all_patients(staff.role):
        return None
    url = questionnaire.url
    # Two who upload at once get two versions.
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", url)
    made: int = await tx.fetchval(
        """insert into questionnaire (url, version, name, title, resource, created_by_id)
           values ($1::text,
                   (select coalesce(max(version), 0) + 1 from questionnaire where url = $1),
                   $2, $3, $4, $5) returning id""",
        url,
        str(resource.get("name") or url.rsplit("/", 1)[-1])[:NAME_LENGTH],
        {tag: questionnaire.title.get(tag) for tag in get_args(Language)},
        resource,
        staff.id,
    )
    await record(tx, "staff", staff.id, "staff:questionnaire:upload", made)
    return made


async def access_activate(tx: Tx, staff: Staff, questionnaire_id: int) -> bool:
    """Let a version be asked from now on. The former one is retired; who was asked stays on it."""
    if not sees_all_patients(staff.role):
        return False
    url = await _locked(tx, questionnaire_id)
    if url is None:
        return False
    retired = await tx.fetch(
        """update questionnaire set status = 'retired'
           where url = $1 and status = 'active' and id <> $2 returning id""",
        url,
        questionnaire_id,
    )
    await tx.execute("update questionnaire set status = 'active' where id = $1", questionnaire_id)
    detail = {"retired": [row["id"] for row in retired]}
    await record(tx, "staff", staff.id, "staff:questionnaire:activate", questionnaire_id, detail)
    return True


async def access_retire(tx: Tx, staff: Staff, questionnaire_id: int) -> bool:
    """Let a version not be asked any more. Who was asked can still answer."""
    if not sees_all_patients(staff.role) or await _locked(tx, questionnaire_id) is None:
        return False
    await tx.execute("update questionnaire set status = 'retired' where id = $1", questionnaire_id)
    await record(tx, "staff", staff.id, "staff:questionnaire:retire", questionnaire_id)
    return True


async def access_form_rules(tx: Tx, url: str, language: str) -> list[FormRule]:
    """By which rules a questionnaire is sent, those switched off last. Nobody's data."""
    rows = await tx.fetch(
        """select l.id, v.name, l.relation, l.days, l.active from questionnaire_rule l
           join service v on v.id = l.service_id where l.url = $1
           order by not l.active, v.position, l.relation desc, l.id""",
        url,
    )
    return [
        FormRule(row["id"], in_language(row["name"], language), *tuple(row)[2:]) for row in rows
    ]


async def access_add_rule(
    tx: Tx, staff: Staff, questionnaire_id: int, service_id: int, relation: Relation, days: int
) -> bool:
    """Have a questionnaire sent by itself; a rule for the same side of the same service's visits
    gets these days. False if there is no such questionnaire or service, or the days make no sense.
    """
    least = 1 if relation == "before" else 0
    if not sees_all_patients(staff.role) or not least <= days <= MOST_DAYS:
        return False
    made = await tx.fetchval(
        """insert into questionnaire_rule (url, service_id, relation, days)
           select q.url, v.id, $3, $4 from questionnaire q, service v where q.id = $1 and v.id = $2
           on conflict (url, service_id, relation) do update
             set days = excluded.days, active = true returning id""",
        questionnaire_id,
        service_id,
        relation,
        days,
    )
    if made is None:
        return False
    detail = {"questionnaire": questionnaire_id, "relation": relation, "days": days}
    await record(tx, "staff", staff.id, "staff:questionnaire_rule:set", made, detail)
    return True


async def access_switch_rule(tx: Tx, staff: Staff, rule_id: int, active: bool) -> bool:
    """Switch a rule off, or on again. What it asked for already stays. False if there is none."""
    if not sees_all_patients(staff.role):
        return False
    known = await tx.fetchval(
        "update questionnaire_rule set active = $2 where id = $1 returning id", rule_id, active
    )
    if known is None:
        return False
    deed = "on" if active else "off"
    await record(tx, "staff", staff.id, f"staff:questionnaire_rule:{deed}", rule_id)
    return True


async def access_ask(
    tx: Tx, staff: Staff, questionnaire_id: int, patient_id: int, days: int = 0
) -> Literal["asked", "already"] | None:
    """Ask a patient to answer a questionnaire, so many days from now.

    "already": the patient has not answered an earlier request for it. None if the version is not
    the active one, or there is no such patient, or this staff member may not.
    """
    if not sees_all_patients(staff.role) or not 0 <= days <= MOST_DAYS:
        return None
    # Locked, so that two who ask at once do not both ask.
    row = await tx.fetchrow(
        """select q.url, now() + make_interval(days => $3) as send_at
           from patient p, questionnaire q where p.id = $1 and p.deceased_on is null
             and q.id = $2 and q.status = 'active' for no key update of p""",
        patient_id,
        questionnaire_id,
        days,
    )
    if row is None:
        return None
    if await tx.fetchval(
        """select exists (select from questionnaire_request r
             join questionnaire v on v.id = r.questionnaire_id
             where r.patient_id = $1 and v.url = $2 and r.state = any ($3))""",
        patient_id,
        row["url"],
        TABS["open"],
    ):
        return "already"
    made = await request(
        tx,
        f"staff:{new_key()}",
        questionnaire_id,
        patient_id,
        send_at=row["send_at"],
        staff_id=staff.id,
    )
    detail = {"patient": patient_id, "questionnaire": questionnaire_id, "days": days}
    await record(tx, "staff", staff.id, "staff:questionnaire_request:make", made, detail)
    return "asked"


async def access_reachable(tx: Tx, settings: Settings, patient_ids: list[int]) -> set[int]:
    """Those of these patients to whom a questionnaire could go by the clinic's policy. For patients
    whom the caller was shown."""
    zone = ZoneInfo(settings.clinic.time_zone)
    now = (await tx.fetchval("select now()")).astimezone(zone)
    found = await choose(tx, settings, patient_ids, Wanted("care", "form"), now)
    return {patient for patient, one in found.items() if isinstance(one, Go)}


async def access_requests(tx: Tx, staff: Staff, tab: Tab, language: str) -> list[RequestRow]:
    """Who is asked, as far as this staff member may see: what is open in the order it is sent,
    the rest newest first; `LISTED_AT_MOST` at most."""
    order = "r.send_at, r.id" if tab == "open" else "r.id desc"
    rows = await tx.fetch(
        f"""select r.id, r.key, r.state, r.reason, r.questionnaire_id, q.title, p.name, p.chart,
                   r.send_at, r.sent_at, r.useful_until, v.starts_at,
                   (select max(a.id) from questionnaire_response a where a.request_id = r.id)
                     as response
            from questionnaire_request r join questionnaire q on q.id = r.questionnaire_id
            join patient p on p.id = r.patient_id left join appointment v on v.id = r.appointment_id
            where r.state = any ($3) and ($2 or r.patient_id in ({OWN_PATIENTS}))
            order by {order} limit {LISTED_AT_MOST}""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        TABS[tab],
    )
    if rows:
        ids = [row["id"] for row in rows]
        await record(
            tx, "staff", staff.id, "staff:questionnaire_request:list", None, {"requests": ids}
        )
    return [
        RequestRow(
            id=row["id"],
            state=row["state"],
            reason=row["reason"],
            questionnaire_id=row["questionnaire_id"],
            title=in_language(row["title"], language),
            patient_name=row["name"],
            chart=row["chart"],
            send_at=row["send_at"],
            sent_at=row["sent_at"],
            useful_until=row["useful_until"],
            starts_at=row["starts_at"],
            by_rule=row["key"].startswith("rule:"),
            response_id=row["response"],
        )
        for row in rows
    ]


async def access_cancel_request(tx: Tx, staff: Staff, request_id: int) -> bool:
    """Take a request back, with what was answered of it so far. False if it is over, or there is
    none that this staff member may see to."""
    if not sees_all_patients(staff.role):
        return False
    known = await tx.fetchval(
        """update questionnaire_request set state = 'cancelled', reason = 'staff', draft = null
           where id = $1 and state = any ($2) returning id""",
        request_id,
        TABS["open"],
    )
    if known is None:
        return False
    await record(tx, "staff", staff.id, "staff:questionnaire_request:cancel", request_id)
    return True


async def _locked(tx: Tx, questionnaire_id: int) -> str | None:
    """The url of a version, while nobody else changes which one is active."""
    url: str | None = await tx.fetchval(
        "select url from questionnaire where id = $1", questionnaire_id
    )
    if url is not None:
        await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", url)
    return url


def _form(row: Mapping[str, Any], language: str, drafts: int = 0) -> Form:
    known = forms().get(row["url"].rsplit("/", 1)[-1])
    return Form(
        id=row["id"],
        url=row["url"],
        name=row["name"],
        title=in_language(row["title"], language) or row["name"],
        version=row["version"],
        status=row["status"],
        needs_signature=row["clinical"] and not (known and known.signed_by),
        created_at=row["created_at"],
        created_by=row["created_by"],
        open=row["open"],
        completed=row["completed"],
        drafts=drafts,
    )
