"""What an operator is woken for, in figures (docs/operations.md, Alarms). Nobody's data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clinic.db import Tx
from clinic.installation.service import ALIVE, IS_MUTED
from clinic.message.types import PRIORITIES
from clinic.setting.health import KINDS

_PRIORITIES = sorted(set(PRIORITIES.values()))


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of one gauge; `labels` are codes."""

    name: str
    words: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


async def read_alarms(tx: Tx) -> list[Figure]:
    """As it is now, by indexes or of a few rows."""
    row = await tx.fetchrow(
        f"""select {IS_MUTED} as muted,
              (select extract(epoch from now() - backed_up_at)::float8 from installation) as backup,
              (select extract(epoch from now() - max(at))::float8 from audit
               where position = (select max(position) from audit)) as sealed,
              (select count(*) from escalation where state = 'open') as unanswered,
              (select coalesce(extract(epoch from now() - min(created_at)), 0)::float8
               from escalation where state = 'open') as waits"""  # noqa: S608  # constants
    )
    late = await tx.fetch(
        """select p.priority, coalesce(extract(epoch from now() - (
             select least(
               (select o.send_at from outbox o where o.state = 'pending' and o.lane is null
                  and o.priority = p.priority and o.send_at <= now() order by o.send_at limit 1),
               (select min(o.send_at) from outbox o where o.state = 'pending'
                  and o.lane is not null and o.priority = p.priority and o.send_at <= now())))),
             0)::float8 as late
           from unnest($1::smallint[]) p (priority)""",
        _PRIORITIES,
    )
    beats = await tx.fetch(
        f"select kind, detail from heartbeat where seen_at > now() - interval '{ALIVE}'"  # noqa: S608  # a constant
    )
    dead = await tx.fetchrow(
        """select count(*) filter (where state = 'dead') as dead,
             count(*) filter (where settled_at is null) as pending from webhook_delivery
           where settled_at is null or state = 'dead'"""
    )
    return [
        Figure("kayoi_muted", "1 while this is a copy that sends nothing", float(row["muted"])),
        *_if_known("kayoi_backup_age_seconds", "Since the last kayoi backup", row["backup"]),
        *_if_known("kayoi_audit_sealed_seconds", "Age of the chain's end", row["sealed"]),
        Figure("kayoi_escalations_unanswered", "Nobody has them yet", row["unanswered"]),
        Figure("kayoi_escalation_wait_seconds", "How long the first waits", row["waits"]),
        *(
            Figure(
                "kayoi_outbox_late_seconds",
                "How far the first message is behind its time, by priority (0: answers)",
                one["late"],
                {"priority": str(one["priority"])},
            )
            for one in late
        ),
        *(
            Figure(
                "kayoi_webhook_deliveries",
                "To other systems: dead are given up, pending still tried",
                dead[state],
                {"state": state},
            )
            for state in ("dead", "pending")
        ),
        *_processes(beats),
    ]


def _if_known(name: str, words: str, value: float | None) -> Iterator[Figure]:
    if value is not None:
        yield Figure(name, words, value)


def _processes(beats: list[Any]) -> Iterator[Figure]:
    for kind in KINDS:
        alive = sum(beat["kind"] == kind for beat in beats)
        yield Figure("kayoi_processes", "That tell they live", alive, {"kind": kind})
    late: dict[str, float] = {}
    for beat in beats:
        for sweep, behind in beat["detail"].items():
            if isinstance(behind, int | float):  # with several workers the least late one counts
                late[sweep] = min(late.get(sweep, float(behind)), float(behind))
    for sweep, behind in sorted(late.items()):
        yield Figure(
            "kayoi_sweep_late_seconds", "Behind the time of its next run", behind, {"sweep": sweep}
        )
