"""Who belongs to a group, and who of them is drifting away. Pure.

Days are days of the clinic's time zone. Source of the windows: import facts, section F.
"""

import calendar
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from clinic.lapse.types import (
    Basis,
    Clause,
    Definition,
    Evidence,
    Exclusion,
    Facts,
    Group,
    Standing,
    State,
    Told,
    Window,
)

LEAST_GAPS = 3  # a habit needs so many intervals between visits
USUAL = (14, 180)  # days: what a personal interval is held to
LONG = 28  # days: what the act of a long prescription says at least
SUSPECT = 180  # days of supply; more is taken for a slip
DORMANT = 24  # months
AWAY = 1  # months after the newest one for which somebody in hospital counts as still there
COOL_DOWN = 30  # days without another list after a sending
PLAN = 4  # months from one treatment plan to the next
GONE = 6  # months without a visit, or a fee, after which nobody waits for a plan
NEARLY_ALL = 90  # per cent of the imported visits that are our own: then today is the horizon
# Diseases that pass by themselves: nobody is missed after them.
ACUTE = (
    *(f"J0{n}" for n in range(7)),
    *("J09", "J10", "J11", "J20", "J21", "J22", "A08", "A09", "U07"),
)

# Days -----------------------------------------------------------------------------------------


def add_months(on: date, months: int) -> date:
    """The same day so many months later, or the last day of that month: 31 Oct + 4 is 28 Feb."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def month_end(on: date) -> date:
    """The last day of a day's month."""
    return on.replace(day=calendar.monthrange(on.year, on.month)[1])


def months_between(first: date, then: date) -> int:
    """Whole calendar months from one day to a later one; 0 if it is not later."""
    months = (then.year - first.year) * 12 + then.month - first.month
    return max(0, months - (add_months(first, months) > then))


def imported_until(months: Mapping[date, Collection[str]], today: date) -> date | None:
    """The last day of the newest month that imports tell fully; None if they tell of no month.

    `months`: first days of months, with the payers whose files are there. A month is full if no
    payer is missing whose file of the month before is there. The month we are in ends today.
    """
    newest = max(months, default=None)
    while newest is not None:
        before = add_months(newest, -1)
        if set(months.get(before, ())) <= set(months[newest]):
            end = month_end(newest)
            return today if newest <= today < end else end
        newest = before  # it is there: it has a payer
    return None


def horizon(today: date, imported: date | None, own: int, told: int) -> date:
    """The day up to which we know who came (mode auto).

    `own`: visits of the newest imported month that were our own bookings; `told`: all that imports
    tell of it. Where we know (nearly) all visits by ourselves, we know them until today.
    """
    if imported is None or (own > 0 and own * 100 >= told * NEARLY_ALL):
        return today
    return imported


# Membership -----------------------------------------------------------------------------------


def folded(name: str) -> str:
    """A name as it is compared: full-width and half-width digits are alike."""
    return unicodedata.normalize("NFKC", name)


def seen_on(facts: Facts) -> date | None:
    """The last visit; where a source tells the month and no day, the end of that month."""
    if facts.last_visit_on is None and facts.newest_month is not None:
        return month_end(facts.newest_month)
    return facts.last_visit_on


def belongs(definition: Definition, facts: Facts) -> bool:
    """Whether a patient is in a group."""
    found = (any(holds(it, one, facts) for one in facts.evidence) for it in definition.clauses)
    return all(found) if definition.every else any(found)


def holds(clause: Clause, one: Evidence, facts: Facts) -> bool:
    """Whether a piece of evidence fulfils a clause."""
    if clause.kind == "tags":
        return one.kind == "tag" and one.code in clause.values
    if clause.kind in ("conditions", "condition_codes"):
        return one.kind == "condition" and _is_listed(clause, one, facts)
    seen = seen_on(facts)
    if one.on is None or (seen is not None and one.on < add_months(seen, -clause.months)):
        return False
    if clause.kind == "score":
        return one.kind == "score" and _in_range(clause, one)
    if clause.kind in ("acts", "act_names"):
        named = clause.kind == "act_names"
        return one.kind == "act" and (
            folded(one.name).startswith(tuple(map(folded, clause.values)))
            if named
            else one.code in clause.values
        )
    whole = clause.kind == "drugs"
    return one.kind == "drug" and (
        one.code in clause.values if whole else one.code.startswith(clause.values)
    )


def _is_listed(clause: Clause, one: Evidence, facts: Facts) -> bool:
    """A suspected disease puts nobody in a group; one that is over does no longer."""
    if one.suspected or one.ended:
        return False
    if not _within(one, facts, clause.months):
        return False
    if clause.kind == "condition_codes":
        return one.code in clause.values
    return one.icd10.startswith(clause.values)


def _within(one: Evidence, facts: Facts, months: int) -> bool:
    """Whether the record of a disease is of the newest month or some before. Others always are."""
    if one.month is None or facts.newest_month is None:
        return True
    return one.month >= add_months(facts.newest_month, -months)


def _in_range(clause: Clause, one: Evidence) -> bool:
    if (one.form, one.code) != (clause.form, clause.item) or one.value is None:
        return False
    low = clause.at_least is None or one.value >= clause.at_least
    return low and (clause.below is None or one.value < clause.below)


# Exclusion ------------------------------------------------------------------------------------


def excluded(group: Group, facts: Facts, horizon: date, today: date) -> Exclusion | None:
    """Why a patient is never listed; None if nothing speaks against it, or if a visit is booked."""
    final = _forever(facts)
    if final is not None or facts.booked_on is not None:
        return final
    if seen_on(facts) is None:
        return "never_seen"
    if facts.opted_out:
        return "opted_out"
    if _in_hospital(facts, horizon):
        return "inpatient"
    only = only_passing(group.definition, facts)
    if only is not None:
        return only
    until = None if facts.messaged_on is None else facts.messaged_on + timedelta(COOL_DOWN)
    return "messaged" if until is not None and max(today, horizon) <= until else None


def _in_hospital(facts: Facts, horizon: date) -> bool:
    """A stay is known from a receipt, weeks later: it is taken to last for the month after it."""
    if not facts.inpatient or facts.newest_month is None:
        return False
    return horizon <= month_end(add_months(facts.newest_month, AWAY))


def _forever(facts: Facts) -> Exclusion | None:
    """Whether a patient is no longer ours, whatever is booked. Seen again is ours again."""
    if facts.merged:
        return "merged"
    if facts.deceased:
        return "deceased"
    seen = seen_on(facts)
    if facts.moved_on is not None and (seen is None or seen <= facts.moved_on):
        return "moved"
    return None


def only_passing(definition: Definition, facts: Facts) -> Exclusion | None:
    """Whether all diseases of the newest month are suspected, or all others acute or over."""
    listed = [one for one in facts.evidence if one.kind == "condition" and _within(one, facts, 0)]
    if definition.any_disease or not listed:
        return None
    sure = [one for one in listed if not one.suspected]
    if not sure:
        return "suspected_only"
    passing = all(one.ended or one.icd10.startswith(ACUTE) for one in sure)
    return "acute_only" if passing else None


# Windows --------------------------------------------------------------------------------------


def window(group: Group, facts: Facts) -> Window:
    """When the group by itself expects and misses a patient who belongs to it.

    In mode supply what the patient's own data say comes first, then the group's months: "expected
    and 14 days, else 2 months". Nobody is lapsed before being at risk.
    """
    seen, months = seen_on(facts), group.at_risk_months
    if seen is None or months is None:
        return Window("seasonal" if group.definition.seasonal else "months", None, None, None)
    own = _own(group, facts, seen) if group.mode == "supply" else None
    since = _newest_act(group.definition, facts, seen) if group.definition.since_act else seen
    late = add_months(since, months)
    if own is None:
        expected, at_risk = late, late
        if group.mode == "fixed" and group.interval_days is not None:
            expected = min(late, since + timedelta(group.interval_days))
        basis, numbers = _months_of(group, seen, since)
    else:
        basis, expected, numbers = own
        at_risk = expected + timedelta(group.grace_days)
    lapsed = add_months(since, group.lapsed_months or 2 * months)
    return Window(basis, expected, at_risk, max(at_risk, lapsed), numbers)


def _newest_act(definition: Definition, facts: Facts, seen: date) -> date:
    acts = (
        one.on
        for one in facts.evidence
        if one.on is not None and any(holds(it, one, facts) for it in definition.clauses)
    )
    return max(acts, default=seen)


def _months_of(group: Group, seen: date, since: date) -> tuple[Basis, dict[str, Any]]:
    if group.definition.since_act:
        return "act", {"on": since.isoformat()}
    if group.definition.insurance_months is not None:
        stops = month_end(add_months(seen, group.definition.insurance_months))
        return "insurance", {"on": stops.isoformat()}
    return "months", {"months": group.at_risk_months}


def _own(group: Group, facts: Facts, seen: date) -> tuple[Basis, date, dict[str, Any]] | None:
    """When somebody is expected by what the last visit says, or by habit; None: nothing tells."""
    found: tuple[Basis, date, dict[str, Any]] | None = None
    if facts.supply_until is not None:
        until = min(facts.supply_until, seen + timedelta(SUSPECT))
        found = "supply", until, {"on": until.isoformat()}
    elif facts.refill:
        until = seen + timedelta(group.refill_days)
        found = "refill", until, {"on": until.isoformat()}
    elif facts.median_gap is not None and facts.visit_count > LEAST_GAPS:
        days = max(USUAL[0], min(USUAL[1], facts.median_gap))
        found = "usual", seen + timedelta(days), {"days": days}
    elif group.interval_days is not None:
        found = "interval", seen + timedelta(group.interval_days), {"days": group.interval_days}
    long = seen + timedelta(LONG)
    if facts.long_supply and found is not None and found[1] < long:
        return "long", long, {"days": LONG}
    return found


def windows(groups: Sequence[Group], facts: Facts) -> dict[str, Window]:
    """The windows of the groups a patient is in, by their codes.

    In several groups the longest one holds for all, so that nobody is called too early. A strict
    group keeps its own and lends it to nobody: a yearly check-up must not put off what is monthly.
    """
    mine = [it for it in groups if it.active and belongs(it.definition, facts)]
    found = {group.code: window(group, facts) for group in mine}
    shared = [found[group.code] for group in mine if not group.strict]
    at_risk = max((it.at_risk_on for it in shared if it.at_risk_on is not None), default=None)
    lapsed = max((it.lapsed_on for it in shared if it.lapsed_on is not None), default=None)
    return {
        group.code: one
        if group.strict or one.at_risk_on is None
        else replace(one, at_risk_on=at_risk, lapsed_on=lapsed)
        for group, one in ((group, found[group.code]) for group in mine)
    }


# State ----------------------------------------------------------------------------------------


def state(one: Window, seen: date | None, horizon: date) -> State:
    """How somebody stands who has no booking and is not excluded. None: never seen."""
    away = None if seen is None else max(add_months(seen, DORMANT), one.lapsed_on or seen)
    if away is not None and horizon > away:
        return "dormant"
    if one.lapsed_on is not None and horizon >= one.lapsed_on:
        return "lapsed"
    if one.at_risk_on is not None and horizon >= one.at_risk_on:
        return "at_risk"
    if one.expected_on is not None and horizon >= one.expected_on:
        return "due"
    return "active"


def standings(
    groups: Sequence[Group], facts: Facts, horizon: date, today: date
) -> dict[str, Standing]:
    """How a patient stands in each of the groups he is in, by their codes.

    `horizon`: the day up to which we know who came; `today` counts for what we did ourselves.
    """
    by_code = {group.code: group for group in groups}
    seen = seen_on(facts)
    found: dict[str, Standing] = {}
    for code, one in windows(groups, facts).items():
        why = excluded(by_code[code], facts, horizon, today)
        only = only_passing(by_code[code].definition, facts)
        reason: dict[str, Any] = {"key": one.basis, **one.numbers}
        if only is not None:
            reason["only"] = only
        expected = one.expected_on
        if why is not None:
            now: State = "excluded"
            reason["excluded"] = why
        elif facts.booked_on is not None:
            now, expected = "booked", facts.booked_on
        else:
            now = state(one, seen, horizon)
        found[code] = Standing(now, seen, expected, one.at_risk_on, one.lapsed_on, reason)
    return found


def told(
    now: State,
    reason: Mapping[str, Any],
    seen: date | None,
    expected: date | None,
    horizon: date,
) -> Told:
    """What a standing is to be worded by: see `Told`."""
    months = 0 if seen is None else months_between(seen, horizon)
    if now == "booked":
        return Told("booked", on=expected)
    if now == "excluded":
        return Told(f"excluded_{reason['excluded']}")
    if now == "dormant":
        return Told("dormant", n=months)
    key, on = reason["key"], date.fromisoformat(reason["on"]) if "on" in reason else None
    if key == "insurance" and on is not None:
        return Told(key if horizon <= on else "insurance_over", n=months, on=on)
    if key == "act" and on is not None:
        return Told(key, n=months_between(on, horizon), on=on)
    return Told(key, n=months if key == "months" else reason.get("days"), on=on)


# Treatment plans ------------------------------------------------------------------------------


def plan_due_on(plan_on: date) -> date:
    """From when the next treatment plan (療養計画書) is to be given: a plan of June, in October."""
    return add_months(plan_on.replace(day=1), PLAN)
