"""Steps, thresholds and ends of a plan in the staff's words."""

from decimal import Decimal

from admin.i18n import Speech
from clinic.plan.types import After, Fault, Rung, Step, Threshold, Words


def in_words(words: Words, language: str) -> str:
    """A text of a definition in the staff's language, or in English."""
    return words.get(language) or words.get("en", "")


def when(speech: Speech, after: After) -> str:
    """How long after what: "7 days after the beginning"."""
    amount = speech(f"plans.after.{after.unit}", n=after.amount)
    return speech(f"plans.since.{after.since}", after=amount)


def repeats(speech: Speech, step: Step) -> str:
    """How often a step comes, "" if once."""
    if step.times == 1:
        return ""
    every = speech("plans.every", n=step.every)
    return speech("plans.repeats", n=step.times, every=every)


def rung(speech: Speech, one: Rung) -> str:
    """What is done where nobody answered: "after 2 days: once more"."""
    days = speech("plans.after.days", n=one.days)
    return speech("plans.rung", after=days, do=speech(f"plans.climb.{one.do}"))


def threshold(speech: Speech, one: Threshold) -> str:
    """What an answer calls for: "total at least 10: a doctor is alerted"."""
    test = speech("plans.test.alert", level=one.alert) if one.alert else _test(speech, one)
    return speech("plans.threshold", test=test, do=speech(f"plans.deed.{one.do}"))


def _test(speech: Speech, one: Threshold) -> str:
    item = one.score or one.answer
    if one.any_of:
        return speech("plans.test.any", item=item, values=", ".join(one.any_of))
    if one.at_least is not None:
        return speech("plans.test.at_least", item=item, value=_plain(one.at_least))
    return speech("plans.test.below", item=item, value=_plain(one.below or Decimal()))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def end(speech: Speech, reason: str | None) -> str:
    """Why a step or a plan ended, "" if nothing is to be said of it."""
    if not reason:
        return ""
    return speech.code("plans.end" if f"plans.end.{reason}" in speech else "why", reason)


def fault(speech: Speech, one: Fault) -> str:
    """What is wrong, and where."""
    reason = speech.code("plans.fault", one.reason)
    return f"{one.where}: {reason}" if one.where else reason
