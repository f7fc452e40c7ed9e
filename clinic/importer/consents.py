"""What a list says of who may be written to by SMS and e-mail."""

from collections.abc import Sequence

from clinic.config import Settings
from clinic.contact.service import address_of, ensure_account, was_withdrawn, withdraw
from clinic.contact.types import LetterChannel
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.types import Entry, Issue


async def note_consents(
    tx: Tx, keys: KeyRing, settings: Settings, run_id: int, told: Sequence[tuple[int, Entry]]
) -> list[Issue]:
    """Write down yes and no of these patients' entries; what staff should know of it.

    A yes holds for the address of the same row, if the record has that one: another number may be
    another person's telephone. What was withdrawn here is not given back by a list. A no always
    holds.
    """
    issues = []
    for patient, entry in told:
        for channel, said, written in _said(entry):
            reason = None
            if not said:
                reason = "consent_ended" if await withdraw(tx, patient, channel) else None
            elif written == "" or written != await address_of(tx, keys, patient, channel):
                reason = "consent_without_address"
            elif await was_withdrawn(tx, patient, channel):
                reason = "consent_withdrawn"
            else:
                await ensure_account(tx, keys, settings, patient, channel, run_id=run_id)
            if reason is not None:
                issues.append(Issue("warn", reason, entry.line, "row", f"{channel}_consent"))
    return issues


async def forget_consents(tx: Tx, run_id: int) -> None:
    """Take back what an import allowed and nobody has ended since; what is queued stays here."""
    await tx.execute(
        """with gone as (
             delete from link where run_id = $1 and ended_at is null returning account_id)
           update chat_account set link_version = link_version + 1
           where id in (select account_id from gone)""",
        run_id,
    )


def _said(entry: Entry) -> list[tuple[LetterChannel, bool, str]]:
    person = entry.person
    all_: list[tuple[LetterChannel, bool | None, str]] = [
        ("sms", person.allows_sms, person.phone),
        ("email", person.allows_email, person.email),
    ]
    return [(channel, said, written) for channel, said, written in all_ if said is not None]
