"""Doctors with chats of their own beside patients, and the sweeps that a worker would run."""

from typing import Any

from clinic.escalation import accounts
from clinic.escalation.rules import shown_code
from clinic.message.service import open_message
from clinic.message.types import Message
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from scheduler.escalations import alert_due
from scheduler.sweeps import Sweeps
from tests.integration.turns.rig import Patient, Rig


class Ward(Rig):
    """A rig whose clock is moved in the database."""

    async def doctor(self, name: str, role: Role = Role.DOCTOR) -> "Doctor":
        """A staff member whose own chat is linked by a code, typed there."""
        staff = await self.staff(name, role)
        doctor = Doctor(self, name.ljust(64, "0"), staff)
        await doctor.says(shown_code(await self.code(staff)))
        return doctor

    async def staff(self, name: str, role: Role = Role.DOCTOR) -> Staff:
        async with self.env.database.transaction() as tx:
            made = await add_staff(tx, name, role)
        assert isinstance(made, Staff)
        return made

    async def code(self, staff: Staff) -> str:
        async with self.env.database.transaction() as tx:
            code = await accounts.make_staff_code(tx, self.env.keys, staff.id)
        assert code is not None
        return code

    async def on_call(self, *doctors: "Doctor") -> None:
        """On call all week, in this order."""
        for position, doctor in enumerate(doctors):
            for weekday in range(7):
                await self.execute(
                    """insert into on_call (staff_id, weekday, since, until, position)
                       values ($1, $2, '00:00', '00:00', $3)""",
                    doctor.staff.id,
                    weekday,
                    position,
                )

    async def sweep(self) -> None:
        """What a worker does: alerts, timers, sending."""
        sweeps = Sweeps(self.env, self.runner, self.sender)
        await alert_due(self.env)
        await sweeps.timers()
        while await self.sender.sweep():
            pass

    async def minutes_pass(self, minutes: int) -> None:
        """As if the escalations were older by so much; and what is due then is done."""
        await self.execute(
            """update escalation set created_at = created_at - make_interval(mins => $1),
                 acknowledged_at = acknowledged_at - make_interval(mins => $1),
                 next_alert_at = next_alert_at - make_interval(mins => $1)""",
            minutes,
        )
        await self.sweep()

    async def alerts(self) -> list[tuple[Any, ...]]:
        """Who was alerted in which round, and what became of it."""
        return await self.rows(
            """select split_part(o.dedup_key, ':', 3)::int, s.name, o.state, o.reason
               from outbox o join staff s on s.id = split_part(o.dedup_key, ':', 4)::bigint
               where o.purpose = 'alert' order by 1, 2"""
        )


class Doctor(Patient):
    """A staff member at the own chat."""

    def __init__(self, ward: Ward, address: str, staff: Staff) -> None:
        super().__init__(ward, address)
        self.staff = staff

    async def inbox(self) -> list[Message]:
        """All that came to this chat by itself, oldest first."""
        rows = await self.rig.rows(
            """select key, content from outbox where account_id = $1
               and purpose in ('alert', 'on_call', 'staff') order by id""",
            self.account_id,
        )
        return [open_message(self.rig.env.keys, key, content) for key, content in rows]

    async def answers(self, label: str, message: Message | None = None) -> str:
        """Press a standing button of the newest message that came by itself."""
        message = message or (await self.inbox())[-1]
        (button,) = [it for it in message.buttons if it.label == label]
        return await self.does(kind="press", token=button.token, label=button.label)
