"""Who gets a message, through which account, and when. Pure: for previews and for sending alike."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from clinic.policy.hours import after, by_clock_of, is_quiet, next_morning, quiet_end
from clinic.policy.types import (
    AT_ANY_HOUR,
    BROUGHT_ABOUT,
    CAPPED,
    CHAIN,
    CHATS,
    EXPLICIT,
    Account,
    Candidate,
    Decision,
    Go,
    Later,
    LeftOut,
    Limits,
    Past,
    Person,
    Wanted,
)

WEEK = timedelta(days=7)
UNTIL_CLEARED = timedelta(minutes=15)  # between looks whether an emergency is over
# Who is younger is written to through a parent's account, if there is one. Japan's guidelines for
# medical research let those decide along who are 16 or have finished middle school.
OF_AGE = 16
# Of several accounts, the reason of the one that came furthest is told.
_NEAREST = ("no_consent", "opted_out", "unreachable", "no_chat")


def decide(candidate: Candidate, wanted: Wanted, now: datetime, limits: Limits) -> Decision:
    """Judge one message to one patient. `now`: when it would go out, in the clinic's zone.

    Nights and days are those of the patient's clock.
    """
    now = by_clock_of(candidate.zone, now)
    chosen = choose(candidate, wanted, limits)
    if isinstance(chosen, LeftOut):
        return chosen
    account, useful_until = chosen, wanted.useful_until.get(candidate.patient_id)
    if useful_until is not None and now >= useful_until:
        return LeftOut("too_late")
    escalated = candidate.person.escalated or account.escalated
    later = hold(escalated, candidate.recent, wanted, now, limits)
    if later is None:
        language = account.language or candidate.language
        return Go(account.id, account.channel, language, account.link_version)
    if useful_until is not None and later.until >= useful_until:
        return LeftOut("too_late" if later.reason == "quiet_hours" else later.reason)
    return later


def choose(candidate: Candidate, wanted: Wanted, limits: Limits) -> Account | LeftOut:
    """The account through which a message goes, whenever it goes; why there is none.

    The channel that is preferred for the patient, whoever brought it about, patients themselves,
    then the clinic's chain of channels.
    """
    if reason := person_barred(candidate.person, wanted):
        return LeftOut(reason)
    tried = wanted.tried.get(candidate.patient_id, ())
    may, barred = [], {"no_chat"}
    for account in candidate.accounts:
        if wanted.channels is not None and account.channel not in wanted.channels:
            continue
        reason = "unreachable" if account.id in tried else account_barred(account, wanted)
        if reason is None:
            may.append(account)
        else:
            barred.add(reason)
    if not may:
        return LeftOut(next(reason for reason in _NEAREST if reason in barred))
    chain = _chain(candidate, limits)
    first = wanted.first.get(candidate.patient_id)
    themselves = candidate.age is None or candidate.age >= OF_AGE

    def rank(account: Account) -> tuple[bool, bool, bool, int, int]:
        return (
            account.channel != candidate.prefers,
            account.id != first,
            account.own != themselves,
            chain.index(account.channel) if account.channel in chain else len(chain),
            account.id,
        )

    return min(may, key=rank)


def _chain(candidate: Candidate, limits: Limits) -> tuple[str, ...]:
    """The channels in the order in which they are tried.

    The old without a chat of their own read a short message rather than an email.
    """
    old = candidate.age is not None and candidate.age >= limits.elderly_age
    chats = any(one.own and one.channel in CHATS for one in candidate.accounts)
    return (*CHAIN[:-2], "sms", "email") if old and not chats else CHAIN


def person_barred(person: Person, wanted: Wanted) -> str | None:
    """Why nothing of the kind is written to the patient at all; None: it may be."""
    if person.erased:
        return "erased"
    if person.deceased:
        return "deceased"
    if person.moved and wanted.kind not in BROUGHT_ABOUT:
        return "moved"
    if person.call_only:
        return "call_only"
    if person.no_greetings and wanted.kind == "greeting":
        return "no_greetings"
    if person.has_visit and wanted.unless_visit:
        return "has_visit"
    return None


def account_barred(account: Account, wanted: Wanted) -> str | None:
    """Why nothing of the purpose goes to the account; None: it may."""
    if account.unreachable:
        return "unreachable"
    if account.opted_out:
        return "opted_out"
    covered = account.said if wanted.purpose in EXPLICIT else account.said is not False
    return None if account.agreed and covered else "no_consent"


def hold(
    escalated: bool, recent: Iterable[Past], wanted: Wanted, now: datetime, limits: Limits
) -> Later | None:
    """Until when a message waits, and why; None: it may go now. `now`: in the patient's zone."""
    if escalated:
        return Later(after(now, UNTIL_CLEARED), "escalated")
    if wanted.kind not in AT_ANY_HOUR and is_quiet(now, limits.quiet):
        return Later(quiet_end(now, limits.quiet), "quiet_hours")
    if wanted.kind not in CAPPED:
        return None
    gone = list(recent)
    cap = limits.per_week.get(wanted.purpose)
    if cap is not None and (until := _room_again(gone, wanted.purpose, cap, now)):
        return Later(until, "too_often")
    today = [
        one
        for one in gone
        if one.at.astimezone(now.tzinfo).date() == now.date()
        and (one.sent or one.priority <= wanted.priority)
    ]
    if len(today) >= limits.per_day:
        return Later(next_morning(now, limits.quiet), "too_often")
    return None


def _room_again(recent: Iterable[Past], purpose: str, cap: int, now: datetime) -> datetime | None:
    """When a week with one more message of a purpose holds no more than `cap`; None: now."""
    instant = now.astimezone(UTC)
    times = sorted(one.at.astimezone(UTC) for one in recent if one.purpose == purpose)
    week = [at for at in times if instant - WEEK < at <= instant]
    return (week[-cap] + WEEK).astimezone(now.tzinfo) if len(week) >= cap else None
