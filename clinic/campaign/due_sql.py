"""Triggers as SQL over the whole base: fixed texts by trigger, and every value bound. Pure.

No days are reckoned with here: clinic.campaign.due tells which base days have a point in the time
that is asked about, and the statement looks for those days by an index.
"""

# ruff: noqa: S608  # what is put together is fixed texts; values are bound

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.campaign.due import STATUSES, Due, Window, bases, birthdays, born_on, points, stretch
from clinic.campaign.trigger import (
    Act,
    Base,
    Birthday,
    Day,
    DayName,
    Lapsing,
    Relative,
    Score,
    Trigger,
    Visit,
)
from clinic.lapse.rules import month_end
from clinic.segment.compile import CURRENT, Compiled

NOTHING = (
    "select null::bigint as patient_id, null::text as occurrence, null::timestamptz as due_at,"
    " null::bool as late where false"
)
_LEAP_DAY = (2, 29)
# The day of the year of a birth: as in the index patient_birthday.
BIRTHDAY = "((extract(month from p.birth_on) * 100 + extract(day from p.birth_on))::int)"

_CURRENT_Y = CURRENT.replace("x.", "y.")


@dataclass(frozen=True, slots=True)
class _Source:
    """Rows x that bases are taken from: the join with the days d, and what else has to hold.

    `moment`: the column that lies in the day; without one the join says how.
    """

    join: str
    occurrence: str = "to_char(d.base::timestamp, 'YYYY-MM-DD')"
    patient: str = "x.patient_id"
    where: str = ""
    moment: str = ""


_DAYS: dict[DayName, _Source] = {
    "birth": _Source("join patient x on x.birth_on = d.base", "'birth'::text", "x.id"),
    "last_visit": _Source("join patient_summary x on x.last_visit_on = d.base"),
    "supply_end": _Source("join patient_summary x on x.supply_until = d.base"),
    "plan": _Source(
        """join plan_date x on x.on_date = d.base and not exists (
          select 1 from plan_date y
          where y.patient_id = x.patient_id and y.on_date > x.on_date)"""
    ),
    # As due.discharges says. Both days beside it are asked for in one look at the patient's: as two
    # conditions they make the planner expect nobody, and then join whole tables row by row.
    "discharge": _Source(
        f"""join encounter x on x.on_date = d.base and x.setting = 'inpatient' and {CURRENT}
        cross join lateral (
          select bool_or(y.on_date < d.base) as before, bool_or(y.on_date > d.base) as after
          from encounter y
          where y.patient_id = x.patient_id and y.setting = 'inpatient'
            and y.on_date between d.base - 1 and d.base + 1 and {_CURRENT_Y}) beside
        left join source_record r on r.id = x.record_id
        left join patient_summary s on s.patient_id = x.patient_id""",
        where="""
          and beside.before and not beside.after
          and (r.month is null or not d.ends_month or s.newest_month > d.base)""",
    ),
}


def compile_due(
    trigger: Trigger,
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    back: datetime | None = None,
) -> Compiled:
    """`where` is a select of (patient_id, occurrence, due_at, late), as due.occurrences tells.

    Patients who were merged into others are not found; the dead and the moved are. Where nothing
    can be due there are no values, and it need not be asked.
    """
    window = Window(since, until, zone, since if back is None else back)
    made = Compiled(NOTHING)
    match trigger:
        case Birthday():
            _birthday(made, trigger, window)
        case Relative():
            found = tuple(bases(trigger, window))
            if found:
                _relative(made, trigger, found, zone)
        case _:
            common = tuple(points(trigger, window))
            if common:
                occurrence = made.bind([one.occurrence for one in common], "text[]")
                made.where = f"""
                    select p.id as patient_id, d.occurrence, d.due_at, d.late
                    from unnest({occurrence}, {_times(made, common)})
                      d (occurrence, due_at, late)
                    cross join patient p where p.merged_into_id is null"""
    return made


def _times(made: Compiled, found: Sequence[Due]) -> str:
    """Two lists for unnest: the instants, and whether they are late."""
    times = made.bind([one.at for one in found], "timestamptz[]")
    return f"{times}, {made.bind([one.late for one in found], 'bool[]')}"


def _birthday(made: Compiled, trigger: Birthday, window: Window) -> None:
    found: list[tuple[int, date, Due]] = []
    for birthday, due in birthdays(trigger, window):
        days = [(birthday.month, birthday.day), *([_LEAP_DAY] if birthday.month in (2, 3) else [])]
        found += (
            (month * 100 + day, birthday, due)
            for month, day in dict.fromkeys(days)
            if born_on(month, day, birthday.year, trigger.leap) == birthday
        )
    if not found:
        return
    day = made.bind([one for one, _, _ in found], "int[]")
    birthdays_ = made.bind([one for _, one, _ in found], "date[]")
    occurrence = made.bind([one.occurrence for _, _, one in found], "text[]")
    made.where = f"""
        select p.id as patient_id, d.occurrence, d.due_at, d.late
        from unnest({day}, {birthdays_}, {occurrence}, {_times(made, [one for *_, one in found])})
          d (day, birthday, occurrence, due_at, late)
        join patient p on {BIRTHDAY} = d.day
        where p.birth_on < d.birthday and p.merged_into_id is null"""


def _relative(
    made: Compiled, trigger: Relative, found: Sequence[tuple[date, Due]], zone: ZoneInfo
) -> None:
    days = [base for base, _ in found]
    times = _times(made, [due for _, due in found])
    source = _source(made, trigger.base)
    if source.moment:
        stretches = [stretch(trigger, one, zone) for one in days]
        first, last = ([one[n] for one in stretches] for n in (0, 1))
        listed = f"{made.bind(first, 'timestamptz[]')}, {made.bind(last, 'timestamptz[]')}"
        # The whole stretch is said beside each day, for the planner to see how little it is.
        begins, ends = made.bind(min(first), "timestamptz"), made.bind(max(last), "timestamptz")
        names = "first, last"
        between = (
            f" and {source.moment} >= d.first and {source.moment} < d.last"
            f" and {source.moment} >= {begins} and {source.moment} < {ends}"
        )
    else:
        ends_month = made.bind([one == month_end(one) for one in days], "bool[]")
        listed = f"{made.bind(days, 'date[]')}, {ends_month}"
        names, between = "base, ends_month", ""
    # Several rows may tell one thing.
    made.where = f"""
        select distinct p.id as patient_id, {source.occurrence} as occurrence, d.due_at, d.late
        from unnest({listed}, {times}) d ({names}, due_at, late)
        {source.join}{between}
        join patient p on p.id = {source.patient}
        where p.merged_into_id is null{source.where}"""


def _source(made: Compiled, base: Base) -> _Source:
    match base:
        case Day(name):
            return _DAYS[name]
        case Act(codes):
            code = f"x.code = any({made.bind(list(codes), 'text[]')})"
            return _Source(f"join procedure x on {code} and x.on_date = d.base and {CURRENT}")
        case Visit(event, service):
            statuses = made.bind(list(STATUSES[event]), "text[]")
            join = f"join appointment x on x.status = any({statuses})"
            if service is not None:
                code = made.bind(service, "text")
                join += f" and x.service_id = (select v.id from service v where v.code = {code})"
            moment = "x.created_at" if event == "visit_booked" else "x.starts_at"
            return _Source(join, "'visit:' || x.id", moment=moment)
        case Score():
            return _score(made, base)
        case Lapsing(group, state):
            code, stands = made.bind(group, "text"), made.bind(state, "text")
            away = "coalesce(to_char(x.last_visit_on::timestamp, 'YYYY-MM-DD'), 'never')"
            return _Source(
                f"join lapse x on x.state = {stands}"
                f" and x.group_id = (select g.id from care_group g where g.code = {code})",
                f"{stands} || ':' || {away}",
                moment="x.computed_at",
            )


def _score(made: Compiled, base: Score) -> _Source:
    form, item = made.bind(base.form, "text"), made.bind(base.item, "text")
    score = (
        f"(case when x.scores ->> {item} ~ '^-?[0-9]{{1,9}}([.][0-9]+)?$'"
        f" then (x.scores ->> {item})::numeric end)"
    )
    join = (
        "join questionnaire_response x on x.questionnaire_id in"
        f" (select q.id from questionnaire q where q.name = {form})"
    )
    if base.at_least is not None:
        join += f" and {score} >= {made.bind(base.at_least, 'numeric')}"
    if base.at_most is not None:
        join += f" and {score} <= {made.bind(base.at_most, 'numeric')}"
    return _Source(join, "'response:' || x.id", moment="x.authored_at")
