"""The last of the ways to somebody: staff telephone, where treatment needs what was to be said."""

from collections.abc import Iterable, Mapping, Sequence

from clinic.campaign import content as wording
from clinic.campaign import rules, store
from clinic.campaign.consider import Plan, Point, Setting, facts_of
from clinic.campaign.types import Composed
from clinic.db import Tx

WISHED = frozenset({"call_only"})  # reasons for which staff call whoever it is
# And these, if a way was tried that failed, or there is a number to call.
NO_WAY = frozenset({"no_chat", "unreachable"})


async def to_be_called(
    tx: Tx, plan: Plan, left: Iterable[tuple[Point, str]]
) -> list[tuple[Point, str]]:
    """Those of the left out, with their reasons, to whom staff say it by telephone.

    Who said stop or no is not called, and nobody for a greeting or an advertisement. A notice to
    everybody makes no thousand calls: of those that nobody tried to reach, none.
    """
    if plan.outbox_purpose != "plan":
        return []
    asked = [(point, reason) for point, reason in left if reason in WISHED | NO_WAY]
    known: set[int] = set()
    if plan.campaign.purpose == "care" and plan.campaign.draft.kind != "notice":
        untried = [p.patient_id for p, reason in asked if reason in NO_WAY and not p.tried]
        known = await _with_number(tx, untried)
    return [
        (point, reason)
        for point, reason in asked
        if reason in WISHED or point.tried or point.patient_id in known
    ]


async def _with_number(tx: Tx, patients: Sequence[int]) -> set[int]:
    """Those of these patients who have a number that is theirs, as far as is known."""
    if not patients:
        return set()
    rows = await tx.fetch(
        """select p.id from patient p left join contact_preference f on f.patient_id = p.id
           where p.id = any ($1::bigint[]) and p.phone is not null
             and (f.wrong_phone is null or f.wrong_phone is distinct from p.phone_index)""",
        list(patients),
    )
    return {row["id"] for row in rows}


async def said_by_phone(
    tx: Tx, setting: Setting, calls: Iterable[tuple[int, int]]
) -> Mapping[tuple[int, int], Composed]:
    """What a message would have said, by campaign and patient, in the patient's language or the
    clinic's; who lacks a value of the text, or whose campaign is gone, is missing."""
    patients: dict[int, list[int]] = {}
    for campaign, patient in calls:
        patients.setdefault(campaign, []).append(patient)
    now, first = await tx.fetchval("select now()"), setting.settings.clinic.languages[0]
    said: dict[tuple[int, int], Composed] = {}
    for campaign_id, of in patients.items():
        found = await store.find(tx, campaign_id)
        if found is None:
            continue
        plan, facts = store.understand(found), await facts_of(tx, setting, of, now)
        rows = await tx.fetch("select id, language from patient where id = any ($1::bigint[])", of)
        for row in rows:
            composed = wording.compose(
                plan.content,
                rules.variant_of(plan.content.variants, found.key, row["id"]),
                "",
                (row["language"] or first, first),
                facts[row["id"]],
                now.astimezone(setting.zone).year,
                setting.show,
            )
            if isinstance(composed, Composed):
                said[campaign_id, row["id"]] = composed
    return said
