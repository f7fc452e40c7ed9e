"""Which settings staff may change in the panel, and how a form asks for each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from clinic.consent.rules import ADDITION, GREETING

# How a form asks: a line, lines, a number, yes or no, a time of day or two, ticks, one of
# several, words in each language, limits of readings.
Single = Literal["text", "phone", "lines", "number", "choice", "time"]
Kind = Literal[Single, "switch", "hours", "languages", "weekdays", "words", "limits"]


@dataclass(frozen=True, slots=True)
class Key:
    """A setting by its place in `clinic.config.Settings`: `part.field` or `part.field.field`.

    `needed`: it cannot be left empty. `most`: UTF-16 units of words.
    """

    name: str
    kind: Kind
    needed: bool = True
    choices: tuple[str, ...] = ()
    most: int = 0


SECTIONS: dict[str, tuple[Key, ...]] = {
    "clinic": (
        Key("clinic.name", "text"),
        Key("clinic.phone", "phone", needed=False),
        Key("clinic.emergency_number", "phone"),
        Key("clinic.crisis_lines", "lines", needed=False),
        Key("clinic.chart_systems", "lines", needed=False),
        Key("clinic.languages", "languages"),
        Key("clinic.desk_hours", "hours", needed=False),
        Key("clinic.desk_weekdays", "weekdays", needed=False),
    ),
    "policy": (
        Key("policy.quiet_hours", "hours"),
        Key("policy.per_day", "number"),
        Key("policy.per_week.care", "number"),
        Key("policy.per_week.education", "number"),
        Key("policy.per_week.marketing", "number"),
        Key("policy.per_week.research", "number"),
        Key("policy.quota_reserve", "number"),
        Key("policy.approval_above", "number"),
        Key("policy.confirm_above", "number"),
        Key("policy.undo_seconds", "number"),
        Key("policy.elderly_age", "number"),
        Key("policy.open_bookings", "number"),
        Key("policy.hold_minutes", "number"),
        Key("policy.staff_lease_minutes", "number"),
    ),
    "waitlist": (
        Key("waitlist.enabled", "switch"),
        Key("waitlist.wave_size", "number"),
        Key("waitlist.wave_minutes", "number"),
        Key("waitlist.hurried_minutes", "number"),
        Key("waitlist.hurried_within_hours", "number"),
        Key("waitlist.least_hours_ahead", "number"),
        Key("waitlist.waves", "number"),
        Key("waitlist.chain", "number"),
        Key("waitlist.free_unconfirmed", "switch"),
    ),
    "groups": (Key("lapse.horizon", "choice", choices=("auto", "import", "today")),),
    "texts": (
        Key("clinic.own_greeting", "words", needed=False, most=GREETING),
        Key("clinic.own_notice", "words", needed=False, most=ADDITION),
        Key("clinic.notice_version", "text"),
    ),
    "readings": (Key("readings.limits", "limits", needed=False),),
    "day_sheet": (
        Key("day_sheet.enabled", "switch"),
        Key("day_sheet.at", "time"),
        Key("day_sheet.mail", "switch"),
        Key("day_sheet.mail_to", "lines", needed=False),
    ),
}
KEYS: dict[str, Key] = {key.name: key for keys in SECTIONS.values() for key in keys}
# Kept with the settings, though they are none.
DISMISSED = "panel.checklist_dismissed"
TESTED = "panel.test_message"  # the outbox row of the newest one to a staff member
NOTICE_READ = "panel.notice_read"  # the version of the notice that an admin found right
SIGNED = "panel.readings_signed"  # the digest of the limits that a clinician looked at


@dataclass(frozen=True, slots=True)
class Change:
    """One change, as the history shows it. `before` and `value` are a list of one, or None: as
    configured."""

    id: int
    key: str
    value: list[Any] | None
    before: list[Any] | None
    staff: str | None
    changed_at: datetime
    newest: bool  # of its key


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that the settings do not take; `message` is pydantic's, in English, for logs."""

    key: str
    message: str
