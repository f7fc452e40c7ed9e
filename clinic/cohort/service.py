"""Cohorts in the database: members, their rounds, and what is known of how they are."""

from dataclasses import dataclass
from datetime import date

from clinic.audit.service import record
from clinic.cohort import rules
from clinic.cohort.types import Draft, Fault, Member, Refusal, Status
from clinic.db import Tx
from clinic.ids import new_key

AT_ONCE = 100
PSEUDONYM = 12  # signs of a member's key
# A chat of the patient's own said yes to research last.
_CONSENTS = """exists (
    select 1 from link l join consent c on c.account_id = l.account_id
    where l.patient_id = {patient} and l.ended_at is null
      and (l.proof <> 'none' or l.relation = 'self') and c.purpose = 'research' and c.given
      and not exists (select 1 from consent d where d.account_id = c.account_id
        and d.purpose = c.purpose and d.id > c.id and not d.given))"""
# The last day on which the clinic knew of somebody: seen, answered, measured, or written to by.
_CONTACT = """greatest(m.enrolled_on, m.contact_on,
    (select s.last_visit_on from patient_summary s where s.patient_id = m.patient_id),
    (select max(v.starts_at at time zone $2)::date from appointment v
     where v.patient_id = m.patient_id and v.status in ('arrived', 'fulfilled')),
    (select max(q.authored_at at time zone $2)::date from questionnaire_response q
     where q.patient_id = m.patient_id),
    (select max(o.measured_at at time zone $2)::date from observation o
     where o.patient_id = m.patient_id and o.status = 'final'),
    (select max(i.received_at at time zone $2)::date from link l
     join inbound i on i.account_id = l.account_id
     where l.patient_id = m.patient_id and l.ended_at is null))"""


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort as stored, with how many take part."""

    id: int
    draft: Draft
    created_on: date
    closed: bool
    members: int


async def create(tx: Tx, draft: Draft, staff_id: int) -> int | tuple[Fault, ...]:
    """A new cohort; its id, or what is wrong with the draft."""
    found = rules.faults(draft)
    if draft.form is not None and await _form(tx, draft.form) is None:
        found = (*found, Fault("form", "no_form"))
    if found:
        return found
    made: int = await tx.fetchval(
        """insert into cohort (key, name, arms, rounds, form, lost_after_days, created_by_id)
           values ($1, $2, $3, $4, $5, $6, $7) returning id""",
        new_key(),
        draft.name,
        list(draft.arms),
        sorted(draft.rounds),
        draft.form,
        draft.lost_after_days,
        staff_id,
    )
    await record(tx, "staff", staff_id, "staff:cohort:create", made)
    return made


async def cohorts(tx: Tx, cohort_id: int | None = None) -> tuple[Cohort, ...]:
    """All cohorts, the newest first, or one of them."""
    rows = await tx.fetch(
        """select c.*, (select count(*) from cohort_member m where m.cohort_id = c.id) as members
           from cohort c where $1::bigint is null or c.id = $1
           order by c.closed_at is not null, c.id desc""",
        cohort_id,
    )
    return tuple(
        Cohort(
            row["id"],
            Draft(
                row["name"],
                tuple(row["arms"]),
                tuple(row["rounds"]),
                row["form"],
                row["lost_after_days"],
            ),
            row["created_at"].date(),
            row["closed_at"] is not None,
            row["members"],
        )
        for row in rows
    )


async def close(tx: Tx, cohort_id: int, staff_id: int) -> bool:
    """End a cohort: nobody is asked any more. False if it has ended."""
    closed = await tx.fetchval(
        "update cohort set closed_at = now() where id = $1 and closed_at is null returning id",
        cohort_id,
    )
    if closed is None:
        return False
    await _skip(tx, "closed", cohort_id=cohort_id)
    await record(tx, "staff", staff_id, "staff:cohort:close", cohort_id)
    return True


async def enrol(
    tx: Tx,
    cohort_id: int,
    patient_id: int,
    arm: str,
    enrolled_on: date,
    today: date,
    staff_id: int,
) -> int | Refusal:
    """Let a patient take part from a day on; the member's id. Only who agreed to research.

    Rounds that are past asking already are skipped, and say so.
    """
    row = await tx.fetchrow(
        f"""select c.arms, c.rounds, c.closed_at, p.deceased_on, p.merged_into_id,
              {_CONSENTS.format(patient="p.id")} as agreed,
              exists (select 1 from cohort_member m
                      where m.cohort_id = c.id and m.patient_id = p.id) as enrolled
            from cohort c, patient p where c.id = $1 and p.id = $2""",  # noqa: S608  # constants
        cohort_id,
        patient_id,
    )
    if row is None or row["merged_into_id"] is not None:
        return "gone"
    checks: tuple[tuple[Refusal, bool], ...] = (
        ("closed", row["closed_at"] is not None),
        ("enrolled", row["enrolled"]),
        ("deceased", row["deceased_on"] is not None),
        ("no_such_arm", arm not in row["arms"]),
        ("future", enrolled_on > today),
        ("no_consent", not row["agreed"]),
    )
    refused = next((reason for reason, wrong in checks if wrong), None)
    if refused is not None:
        return refused
    member: int = await tx.fetchval(
        """insert into cohort_member (key, cohort_id, patient_id, arm, enrolled_on, enrolled_by_id)
           values ($1, $2, $3, $4, $5, $6) returning id""",
        new_key(),
        cohort_id,
        patient_id,
        arm,
        enrolled_on,
        staff_id,
    )
    for months in row["rounds"]:
        due_on = rules.round_on(enrolled_on, months)
        late = rules.too_late(due_on, today)
        await tx.execute(
            """insert into cohort_round (member_id, months, due_on, state, reason)
               values ($1, $2, $3, $4, $5)""",
            member,
            months,
            due_on,
            "skipped" if late else "waiting",
            "too_late" if late else None,
        )
    detail = {"cohort": cohort_id, "arm": arm}
    await record(tx, "staff", staff_id, "staff:cohort:enrol", patient_id, detail)
    return member


async def set_status(
    tx: Tx,
    cohort_id: int,
    member_id: int,
    status: Status,
    on: date | None,
    today: date,
    staff_id: int,
) -> bool:
    """Note how a member is: died on a day, seen on one, lost, or out of the study.

    False if there is no such member, or the day cannot be.
    """
    if (status == "died" and on is None) or (on is not None and on > today):
        return False
    changed = await tx.fetchval(
        """update cohort_member set status = $3::varchar,
             event_on = case when $3::varchar = 'died' then $4::date end,
             contact_on = case when $3::varchar = 'died' then contact_on
               else greatest(contact_on, $4::date) end
           where id = $2 and cohort_id = $1 and ($4::date is null or $4::date >= enrolled_on)
           returning patient_id""",
        cohort_id,
        member_id,
        status,
        on,
    )
    if changed is None:
        return False
    if status != "alive":
        await _skip(tx, status, member_id=member_id)
    detail = {"cohort": cohort_id, "status": status}
    await record(tx, "staff", staff_id, "staff:cohort:status", changed, detail)
    return True


async def _skip(
    tx: Tx, reason: str, *, cohort_id: int | None = None, member_id: int | None = None
) -> None:
    await tx.execute(
        """update cohort_round set state = 'skipped', reason = $1 where state = 'waiting'
             and member_id in (select id from cohort_member where cohort_id = $2 or id = $3)""",
        reason,
        cohort_id,
        member_id,
    )


async def members(tx: Tx, cohort_id: int, zone: str) -> tuple[tuple[Member, int, str], ...]:
    """Who takes part: the member, and for the clinic's eyes the patient's id and name.

    A patient who is noted as deceased has died, whatever the study says.
    """
    rows = await tx.fetch(
        f"""select m.id, m.key, m.arm, m.enrolled_on, p.id as patient_id, p.name,
              case when p.deceased_on is not null then 'died' else m.status end as status,
              coalesce(m.event_on, p.deceased_on) as event_on, {_CONTACT} as contact_on
            from cohort_member m join patient p on p.id = m.patient_id
            where m.cohort_id = $1 order by m.enrolled_on, m.id""",  # noqa: S608  # constants
        cohort_id,
        zone,
    )
    return tuple(
        (
            Member(
                row["id"],
                row["key"].hex[:PSEUDONYM],
                row["arm"],
                row["enrolled_on"],
                row["status"],
                row["event_on"],
                row["contact_on"],
            ),
            row["patient_id"],
            row["name"],
        )
        for row in rows
    )


async def rounds_of(tx: Tx, cohort_id: int) -> dict[int, dict[str, int]]:
    """How the rounds stand: by month, how many are waiting, asked, completed and skipped."""
    rows = await tx.fetch(
        """select r.months,
             case when q.state = 'completed' then 'completed' else r.state end as how,
             count(*) as number
           from cohort_round r join cohort_member m on m.id = r.member_id
           left join questionnaire_request q on q.id = r.request_id
           where m.cohort_id = $1 group by 1, 2 order by 1""",
        cohort_id,
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["months"], {})[row["how"]] = row["number"]
    return found


async def due_rounds(tx: Tx, today: date) -> list[tuple[int, int, str | None, str | None]]:
    """Rounds whose day has come, locked: id, patient, questionnaire url, and why not to ask."""
    rows = await tx.fetch(
        f"""select r.id, r.due_on, m.patient_id, c.form, p.deceased_on, m.status,
              {_CONSENTS.format(patient="m.patient_id")} as agreed
            from cohort_round r join cohort_member m on m.id = r.member_id
            join cohort c on c.id = m.cohort_id join patient p on p.id = m.patient_id
            where r.state = 'waiting' and r.due_on <= $1
            order by r.due_on, r.id limit $2 for update of r skip locked""",  # noqa: S608  # constants
        today,
        AT_ONCE,
    )
    found = []
    for row in rows:
        checks = (
            ("deceased", row["deceased_on"] is not None),
            ("no_form", row["form"] is None),
            ("no_consent", not row["agreed"]),
            ("too_late", rules.too_late(row["due_on"], today)),
        )
        why = next((reason for reason, wrong in checks if wrong), None)
        found.append((row["id"], row["patient_id"], row["form"], why))
    return found


async def settle_round(tx: Tx, round_id: int, request_id: int | None, reason: str | None) -> None:
    """A round was asked, by a request, or skipped for a reason."""
    await tx.execute(
        "update cohort_round set state = $2, request_id = $3, reason = $4 where id = $1",
        round_id,
        "skipped" if reason else "asked",
        request_id,
        reason,
    )


async def _form(tx: Tx, url: str) -> int | None:
    """The active version of a questionnaire."""
    found: int | None = await tx.fetchval(
        "select id from questionnaire where url = $1 and status = 'active'", url
    )
    return found


async def forms(tx: Tx) -> list[tuple[str, dict[str, str]]]:
    """The questionnaires that a cohort can ask: url and titles."""
    rows = await tx.fetch(
        "select url, title from questionnaire where status = 'active' order by name"
    )
    return [(row["url"], row["title"]) for row in rows]
