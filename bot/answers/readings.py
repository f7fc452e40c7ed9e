"""Requests about readings that patients take at home."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.answers.asker import Asker
from clinic.db import Tx
from clinic.observation.service import Entry, keep
from clinic.observation.trend_link import picture
from flows import events
from flows.readings_effects import KeepReadings
from flows.readings_events import ReadingsKept, ReadingsRefused


async def _keep(tx: Tx, asker: Asker, request: KeepReadings) -> events.Answer:
    patient = next((it for it in asker.patients if it.id == request.patient_id), None)
    if patient is None:
        return ReadingsRefused()
    entry = Entry(
        patient.id,
        request.readings,
        request.measured_at,
        "chat",
        asker.account_id,
        asker.conversation_id,
        proven=patient.proven,
    )
    zone = ZoneInfo(asker.settings.clinic.time_zone)
    kept = await keep(tx, zone, asker.settings.readings.house, entry)
    address = asker.settings.server.public_url
    pictured = (
        replace(trend, picture=picture(asker.keys, asked, address))
        for trend, asked in zip(kept.trends, kept.asked, strict=True)
    )
    return ReadingsKept(kept.findings, tuple(pictured))


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {KeepReadings: _keep}
