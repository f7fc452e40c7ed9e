"""Plan definitions as JSON, as `clinic.plan.read` takes them. Pure."""

from decimal import Decimal
from typing import Any

from clinic.plan.types import OFFERS, Definition, Step, Threshold


def dump(definition: Definition) -> dict[str, Any]:
    """The definition as JSON, as `read` takes it."""
    found: dict[str, Any] = {
        "code": definition.code,
        "title": dict(definition.title),
        "anchor": definition.anchor,
        "past": definition.past,
        "needs_signature": definition.needs_signature,
        "steps": [dump_step(step) for step in definition.steps],
    }
    if definition.stop:
        found["stop"] = list(definition.stop)
    if definition.offers != OFFERS:
        found["offers"] = list(definition.offers)
    if definition.applies is not None:
        applies = definition.applies
        found["applies"] = {
            "filter": dict(applies.filter),
            "codes": list(applies.codes),
            "days": applies.days,
        }
    return found


def dump_step(step: Step) -> dict[str, Any]:
    """A step as JSON, without what it does not say."""
    after = {step.after.unit: step.after.amount, "from": step.after.since}
    found: dict[str, Any] = {
        "id": step.id,
        "what": step.kind,
        "after": after,
        "at": f"{step.at:%H:%M}",
        "text": dict(step.text),
        "useful_days": step.useful_days,
    }
    optional: dict[str, Any] = {
        "script": dict(step.script),
        "form": step.form,
        "readings": list(step.readings),
        "asks": step.asks,
        "past": step.past,
        "climb": [{"after_days": rung.days, "do": rung.do} for rung in step.climb],
        "thresholds": [_dumped(one) for one in step.thresholds],
    }
    if step.times > 1:
        optional["repeat"] = {"times": step.times, "every": step.every}
    return found | {key: value for key, value in optional.items() if value}


def _dumped(one: Threshold) -> dict[str, Any]:
    values: dict[str, Any] = {
        "score": one.score,
        "answer": one.answer,
        "alert": one.alert,
        "at_least": None if one.at_least is None else _plain(one.at_least),
        "below": None if one.below is None else _plain(one.below),
        "any": list(one.any_of),
    }
    kept = {key: value for key, value in values.items() if value not in (None, "", [])}
    if not one.alert:
        del kept["alert"]
    return kept | {"do": one.do, "level": one.level}


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
