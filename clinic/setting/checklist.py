"""What a new clinic has still to do, as the database shows it. Nobody's data."""

from dataclasses import dataclass
from datetime import datetime

from clinic.config import Settings
from clinic.db import Tx
from clinic.setting.types import DISMISSED, NOTICE_READ, TESTED
from clinic.staff.types import Staff

RECENT = 20_000  # rows of the ledger of what came in


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do, and the page where it is done. `at`: when it last happened, if that says
    something."""

    name: str
    done: bool
    path: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    items: tuple[Item, ...]
    dismissed: bool

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(one.done for one in self.items)

    @property
    def complete(self) -> bool:
        """Whether nothing is left."""
        return self.done == len(self.items)


async def read_checklist(
    tx: Tx, settings: Settings, staff: Staff, *, quota_read: bool | None
) -> Checklist:
    """The list for one admin: the second step is one's own.

    `quota_read`: whether the platform told how many messages are left; None: no channel is metered,
    and there is nothing to do.
    """
    row = await tx.fetchrow(
        f"""select
             (select max(received_at) from inbound
              where id > (select max(id) from inbound) - {RECENT}
                and channel in ('line', 'telegram', 'sms')) as reached_at,
             exists (select 1 from service where active) and exists (select 1 from schedule)
               as hours,
             (select s.totp_secret is not null from staff s where s.id = $1)
               or exists (select 1 from passkey k where k.staff_id = $1) as second_step,
             exists (select 1 from import_run where state = 'committed') as imported,
             exists (select 1 from outbox o join setting_change c on c.value = to_jsonb(array[o.id])
                     where c.key = $2 and o.state = 'sent') as tested,
             exists (select 1 from on_call o join staff_account a on a.staff_id = o.staff_id)
               as on_call,
             coalesce((select c.value = to_jsonb(array[$4::text]) from setting_change c
                       where c.key = $3 order by c.id desc limit 1), false) as notice,
             exists (select 1 from setting_change where key = $5) as dismissed""",  # noqa: S608  # a constant
        staff.id,
        TESTED,
        NOTICE_READ,
        settings.clinic.notice_in_force,
        DISMISSED,
    )
    named = settings.clinic.name != type(settings.clinic)().name and bool(settings.clinic.phone)
    items = [
        Item("clinic", named, "/settings/clinic"),
        Item("hours", row["hours"], "/settings/hours"),
        Item("webhook", row["reached_at"] is not None, "/settings/channels", row["reached_at"]),
        *([] if quota_read is None else [Item("quota", quota_read, "/settings/channels")]),
        Item("notice", row["notice"], "/settings/texts"),
        Item("import", row["imported"], "/imports/upload"),
        Item("on_call", row["on_call"], "/on-call"),
        Item("test", row["tested"], "/settings/channels#test"),
        Item("second_step", row["second_step"], "/account"),
    ]
    return Checklist(tuple(items), row["dismissed"])
