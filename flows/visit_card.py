"""How a visit is shown to its patient."""

from clinic.booking.types import AppointmentStatus, Slot, Visit
from flows import queue
from flows.effects import Choice, OpenLink, Row, Say
from flows.engine import Context
from flows.navigation import START, menu

book = Choice(START + "booking", "visits.book")
AFTERWARDS = (Choice(START + "visits", "visits.open"), menu)  # when a visit has been seen to


def slot_rows(patient_name: str, service_name: str, slot: Slot) -> tuple[Row, ...]:
    """The lines of a card that shows a visit before it is booked."""
    return (
        Row("visits.row_who", patient_name),
        Row("visits.row_when", slot.starts_at),
        Row("visits.row_what", service_name),
        Row("visits.row_with", slot.practitioner_name),
        Row("visits.row_where", slot.site_name),
    )


def card(text: str, visit: Visit, *choices: Choice) -> Say:
    """Say `text` above the card of a visit, with its calendar file if there is one."""
    rows = [
        Row("visits.row_who", visit.patient_name),
        Row("visits.row_when", visit.starts_at),
        Row("visits.row_what", visit.service_name),
        Row("visits.row_with", visit.practitioner_name),
        Row("visits.row_where", visit.site_name),
    ]
    if visit.site_address:
        rows.append(Row("visits.row_address", visit.site_address))
    links = (OpenLink("visits.calendar", visit.calendar_url),) if visit.calendar_url else ()
    return Say(text, {}, choices, title="visits.card_title", rows=tuple(rows), links=links)


def about(text: str, visit: Visit, *choices: Choice) -> Say:
    """Say `text`, which names the visit by its time and its patient."""
    return Say(text, {"at": visit.starts_at, "name": visit.patient_name}, choices)


def is_open(visit: Visit, ctx: Context) -> bool:
    """Whether the patient may still move, cancel or confirm it."""
    return visit.status is AppointmentStatus.BOOKED and visit.starts_at > ctx.now


def how_it_stands(visit: Visit | None, ctx: Context) -> Say:
    """What to say of a visit that is not as the patient was shown it."""
    if visit is None:
        return Say("visits.gone", {"phone": ctx.clinic_phone}, AFTERWARDS)
    if visit.status is AppointmentStatus.CANCELLED:
        return about("visits.was_cancelled", visit, book, *AFTERWARDS)
    if visit.status is AppointmentStatus.ARRIVED:
        return about("queue.checked_in", visit, queue.ask, *AFTERWARDS)
    if not is_open(visit, ctx):
        return about("visits.is_past", visit, *AFTERWARDS)
    return card("visits.changed", visit, *AFTERWARDS)
