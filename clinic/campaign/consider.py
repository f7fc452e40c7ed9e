"""What becomes of each recipient at an instant. Sending and preview both ask here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from clinic.campaign import content as wording
from clinic.campaign import rules
from clinic.campaign.audience import still_in
from clinic.campaign.content import Facts, NoText, Show
from clinic.campaign.trigger import Trigger
from clinic.campaign.types import (
    KINDS,
    RECALLING,
    Audience,
    Campaign,
    Composed,
    Content,
)
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.outreach.rules import held_out
from clinic.policy.service import judge
from clinic.policy.types import Go, Later, LeftOut, Wanted

_FACTS = """
    select p.id, p.name, p.birth_on, s.last_visit_on, n.starts_at, n.time_zone, n.service
    from patient p left join patient_summary s on s.patient_id = p.id
    left join lateral (
      select v.starts_at, i.time_zone, e.name as service from appointment v
      join site i on i.id = v.site_id join service e on e.id = v.service_id
      where v.patient_id = p.id and v.status = 'booked' and v.starts_at > $2
      order by v.starts_at limit 1) n on true
    where p.id = any($1::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """What judging and wording take from the installation. `show`: flows.texts.shown."""

    settings: Settings
    keys: KeyRing
    show: Show

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's."""
        return ZoneInfo(self.settings.clinic.time_zone)


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign with its parts as they are understood."""

    campaign: Campaign
    audience: Audience
    trigger: Trigger
    content: Content

    @property
    def outbox_purpose(self) -> str:
        """What orders its messages in the outbox."""
        return KINDS[self.campaign.draft.kind]


@dataclass(frozen=True, slots=True)
class Point:
    """Somebody's turn: a recipient, or what would become one (`id` None)."""

    id: int | None
    patient_id: int
    occurrence: str
    due_at: datetime
    useful_until: datetime
    tried: tuple[int, ...] = ()
    attempt: int = 0  # how often staff had it tried again

    @property
    def is_drawn(self) -> bool:
        """Whether a draw of who is held out has been made for them already."""
        return bool(self.tried or self.attempt)


@dataclass(frozen=True, slots=True)
class Ready:
    """It goes out, as this text, through this account."""

    account_id: int
    channel: str
    link_version: int
    variant: str
    composed: Composed


@dataclass(frozen=True, slots=True)
class Lacking(LeftOut):
    """No text for them: `lacks` is the placeholder that has no value of theirs, or "language"."""

    lacks: str = "language"


Outcome = Ready | Later | LeftOut


async def consider(
    tx: Tx, setting: Setting, plan: Plan, points: Sequence[Point], at: datetime
) -> list[tuple[Point, Outcome]]:
    """What becomes of each of these, were it sent `at`; of one patient, one point at most.

    In this order: whom the audience does not find any more, the policy, a text that lacks a value,
    the draw of the hold-out. Nothing is written.
    """
    campaign, zone = plan.campaign, setting.zone
    patients = [point.patient_id for point in points]
    within = await still_in(tx, setting.keys, zone.key, plan.audience, patients)
    wanted = Wanted(
        purpose=campaign.purpose,
        kind=plan.outbox_purpose,
        tried={point.patient_id: point.tried for point in points if point.tried},
        useful_until={point.patient_id: point.useful_until for point in points},
        unless_visit=campaign.draft.kind in RECALLING,
    )
    decided = await judge(tx, setting.settings, zone, sorted(within), wanted, at)
    going = [one for one, decision in decided.items() if isinstance(decision, Go)]
    facts = await facts_of(tx, setting, going, at)
    key = rules.sending_key(campaign.key, at.astimezone(zone).date())
    found: list[tuple[Point, Outcome]] = []
    for point in points:
        decision = decided.get(point.patient_id, LeftOut("not_relevant"))
        if not isinstance(decision, Go):
            found.append((point, decision))
            continue
        ready = _word(setting, plan, decision, point.patient_id, facts, at)
        # Who was drawn once stays where they were drawn: a second try is no second draw.
        if (
            isinstance(ready, Ready)
            and not point.is_drawn
            and held_out(key, point.patient_id, campaign.draft.hold_out)
        ):
            found.append((point, LeftOut("held_out")))
        else:
            found.append((point, ready))
    return found


def _word(
    setting: Setting,
    plan: Plan,
    go: Go,
    patient: int,
    facts: dict[int, Facts],
    at: datetime,
) -> Ready | LeftOut:
    variant = rules.variant_of(plan.content.variants, plan.campaign.key, patient)
    composed = wording.compose(
        plan.content,
        variant,
        go.channel,
        (go.language, setting.settings.clinic.languages[0]),
        facts[patient],
        at.astimezone(setting.zone).year,
        setting.show,
    )
    if isinstance(composed, NoText):
        return Lacking("no_text", composed.lacks)
    return Ready(go.account_id, go.channel, go.link_version, variant, composed)


async def facts_of(
    tx: Tx, setting: Setting, patients: Sequence[int], at: datetime
) -> dict[int, Facts]:
    """What placeholders stand for, of each of these patients at an instant."""
    if not patients:
        return {}
    clinic = setting.settings.clinic
    return {
        row["id"]: Facts(
            name=row["name"],
            clinic=clinic.name,
            phone=clinic.phone,
            last_visit=row["last_visit_on"],
            next_visit=row["starts_at"] and row["starts_at"].astimezone(ZoneInfo(row["time_zone"])),
            service=row["service"],
            birth_on=row["birth_on"],
        )
        for row in await tx.fetch(_FACTS, list(patients), at)
    }
