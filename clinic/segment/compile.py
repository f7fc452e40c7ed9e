"""Filters as SQL: fixed texts by field and operator, and every value bound.

The result is a condition on `patient p`, and on `patient_summary s` joined to the left of it. Pure.
"""

# ruff: noqa: S608  # what is put together is fixed texts; values are bound

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from clinic.link.rules import LIVE
from clinic.observation.rules import kind_of
from clinic.observation.types import Measure
from clinic.segment import rules
from clinic.segment.types import And, Criterion, Filter, Not, Or

# What a condition asks about. A join to the left costs nothing where nothing is asked of it.
FROM = "from patient p left join patient_summary s on s.patient_id = p.id"
# What an import said and another replaced no longer counts. An anti-join: few rows are replaced.
CURRENT = (
    "not exists (select 1 from source_record o"
    " where o.id = x.record_id and o.replaced_by_id is not null)"
)
_COLUMNS = {  # of patient_summary, 0 where there is no row
    "visit_count": "s.visit_count",
    "visits_year": "s.visits_year",
    "no_shows": "s.no_shows",
    "points_year": "s.points_year",
}
_WORDS = {
    "occupation": "p.occupation",
    "membership": "p.membership",
    "source": "p.acquired_by",
}
_RESPONSES = {
    "messaged": "not x.held_out and x.left_out is null",
    "returned": "not x.held_out and x.left_out is null and x.returned_on is not null",
    "stayed_away": "not x.held_out and x.left_out is null and x.returned_on is null",
    "held_out": "x.held_out",
    "left_out": "not x.held_out and x.left_out is not null",
}


@dataclass(frozen=True, slots=True)
class When:
    """What a filter's days are reckoned from: the instant, and the clinic's day and zone."""

    now: datetime
    today: date
    zone: str


@dataclass(slots=True)
class Compiled:
    """A condition and its values, in the order of $1, $2 and so on."""

    where: str = ""
    values: list[object] = field(default_factory=list)

    def bind(self, value: object, kind: str) -> str:
        """A place for a value of a type of PostgreSQL."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"


@dataclass(slots=True)
class _Compiler:
    when: When
    answers: Mapping[Criterion, Sequence[int]]
    made: Compiled = field(default_factory=Compiled)
    choosing: bool = False  # below an "or"

    def tree(self, tree: Filter, holds: bool) -> str:
        """The tree, or its contrary. What is not known of somebody does not hold."""
        if isinstance(tree, Not):
            return self.tree(tree.part, not holds)
        if isinstance(tree, And | Or):
            every, before = isinstance(tree, And) == holds, self.choosing
            self.choosing = before or not every
            parts = [self.tree(part, holds) for part in tree.parts]
            self.choosing = before
            return f"({(' and ' if every else ' or ').join(parts)})" if parts else str(every)
        said = _FIELDS[tree.field](self, tree)
        if said.startswith("exists "):  # as such it can be joined to, and so can its contrary
            return said if holds else f"not {said}"
        return f"({said})" if holds else f"(({said}) is not true)"

    def bind(self, value: object, kind: str) -> str:
        return self.made.bind(value, kind)

    def words(self, column: str, asked: Criterion) -> str:
        return f"{column} = any({self.bind([str(one) for one in asked.values], 'text[]')})"

    def word(self, column: str, asked: Criterion) -> str:
        return f"{column} is not null" if asked.op == "known" else self.words(column, asked)

    def codes(self, column: str, asked: Criterion) -> str:
        """One of the codes, or beginning like one; a prefix may hold signs that LIKE reads."""
        if asked.op == "any":
            return self.words(column, asked)
        begins = [f"{column} like {self.bind(_begins(str(one)), 'text')}" for one in asked.values]
        return f"({' or '.join(begins)})"

    def amount(self, column: str, asked: Criterion, kind: str) -> str:
        if asked.op == "at_least":
            return f"{column} >= {self.bind(asked.values[0], kind)}"
        if asked.op == "at_most":
            return f"{column} <= {self.bind(asked.values[0], kind)}"
        low, high = (self.bind(one, kind) for one in (asked.values[0], asked.values[-1]))
        return f"{column} between {low} and {high}"

    def between(self, column: str, low: date | None, high: date | None) -> str:
        limits = [
            f"{column} {sign} {self.bind(day, 'date')}"
            for sign, day in ((">=", low), ("<=", high))
            if day is not None
        ]
        return " and ".join(limits) or f"{column} is not null"

    def local(self, column: str) -> str:
        return f"({column} at time zone {self.bind(self.when.zone, 'text')})::date"

    def since(self, column: str, asked: Criterion) -> str:
        """` and ...`: not longer ago than the option `days` says; nothing if it says nothing."""
        back = asked.option("days")
        if back is None:
            return ""
        day = self.when.today - timedelta(int(back))
        return f" and {column} >= {self.bind(day, 'date')}"

    # Fields -----------------------------------------------------------------------------------

    def age(self, asked: Criterion) -> str:
        low, high = asked.values[0], asked.values[-1]
        assert isinstance(low, int)
        assert isinstance(high, int)
        youngest = rules.born_by(self.when.today, low)
        oldest = rules.born_by(self.when.today, high + 1) + timedelta(1)
        return self.between(
            "p.birth_on",
            None if asked.op == "at_least" else oldest,
            None if asked.op == "at_most" else youngest,
        )

    def sex(self, asked: Criterion) -> str:
        return self.words("coalesce(p.sex, 'unknown')", asked)

    def birth_month(self, asked: Criterion) -> str:
        months = self.bind([int(str(one)) for one in asked.values], "int[]")
        return f"extract(month from p.birth_on)::int = any({months})"

    def group(self, asked: Criterion) -> str:
        named = "" if asked.op == "known" else f" and {self.words('g.code', asked)}"
        return (
            "exists (select 1 from lapse x join care_group g on g.id = x.group_id"
            f" where x.patient_id = p.id{named})"
        )

    def lapse(self, asked: Criterion) -> str:
        group, limit = asked.option("group"), ""
        if group is not None:
            code = self.bind(group, "text")
            limit = f" and x.group_id = (select g.id from care_group g where g.code = {code})"
        states = self.words("x.state", asked)
        return f"exists (select 1 from lapse x where x.patient_id = p.id and {states}{limit})"

    def condition(self, asked: Criterion) -> str:
        limits = ["x.patient_id = p.id"]
        suspected = asked.option("suspected")
        if suspected != "either":
            limits.append("x.suspected" if suspected == "yes" else "not x.suspected")
        source = self.coded("condition", "icd10", asked)
        if asked.option("when") == "ever":
            return f"exists (select 1 from {source} where {' and '.join(limits)} and {CURRENT})"
        # Who all have to be so can be joined; below an "or" a subquery that asks about the row
        # outside it would be carried out a million times.
        newest = "n.newest_month" if self.choosing else "s.newest_month"
        own = " left join patient_summary n on n.patient_id = x.patient_id" if self.choosing else ""
        limits += [
            "x.outcome is null and x.ended_on is null",
            f"(x.month is null or {newest} is null or x.month >= {newest})",
            CURRENT,
        ]
        return f"exists (select 1 from {source}{own} where {' and '.join(limits)})"

    def coded(self, table: str, column: str, asked: Criterion) -> str:
        """The rows with one of the codes, as x. Each by itself, so that the index alone answers:
        for several in one condition the table would be read too."""
        each = [replace(asked, values=(one,)) for one in asked.values]
        rows = [f"select * from {table} x where {self.codes(f'x.{column}', one)}" for one in each]
        return f"({' union all '.join(rows)}) x"

    def act(self, asked: Criterion) -> str:
        return self.happened("procedure", asked)

    def drug(self, asked: Criterion) -> str:
        return self.happened("supply", asked)

    def happened(self, table: str, asked: Criterion) -> str:
        codes, since = self.codes("x.code", asked), self.since("x.on_date", asked)
        return (
            f"exists (select 1 from {table} x"
            f" where x.patient_id = p.id and {codes}{since} and {CURRENT})"
        )

    def last_visit(self, asked: Criterion) -> str:
        return self.between("s.last_visit_on", *rules.days(asked, self.when.today))

    def next_visit(self, asked: Criterion) -> str:
        """The first day on which a visit is booked, here or in another system."""
        low, high = rules.days(asked, self.when.today)
        found = f"exists ({self.coming('<=', high)})"
        if low is None:
            return found
        return f"({found} and not exists ({self.coming('<', low)}))"

    def coming(self, sign: str, day: date | None) -> str:
        limit = "" if day is None else f" and v.day {sign} {self.bind(day, 'date')}"
        own, outside = self.local("a.starts_at"), self.local("x.starts_at")
        now = self.bind(self.when.now, "timestamptz")
        return (
            f"select 1 from (select a.patient_id, {own} as day from appointment a"
            f" where a.status = 'booked' and a.starts_at >= {now}"
            f" union all select x.patient_id, {outside} from outside_appointment x"
            f" where x.status = 'booked' and x.starts_at >= {now} and {CURRENT}) v"
            f" where v.patient_id = p.id{limit}"
        )

    def count(self, asked: Criterion) -> str:
        said = self.amount(_COLUMNS[asked.field], asked, "int")
        # Who has no summary was never seen.
        return f"({said} or s.patient_id is null)" if rules.amount_is(asked, 0) else said

    def tier(self, asked: Criterion) -> str:
        """As rules.tier. For choosing whom to write to, and for nothing else."""
        near, far = (self.bind(self.when.today - timedelta(one), "date") for one in rules.RECENT)
        scores = [
            f"case when s.last_visit_on >= {near} then 3 when s.last_visit_on >= {far} then 2"
            " else 1 end"
        ]
        for column, thresholds in (("visits_year", rules.FREQUENT), ("points_year", rules.SPENT)):
            much, some = (self.bind(one, "int") for one in thresholds)
            scores.append(
                f"case when s.{column} >= {much} then 3 when s.{column} >= {some} then 2 else 1 end"
            )
        sums = [score for one, sums in rules.SUMS.items() if one in asked.values for score in sums]
        return f"({' + '.join(scores)}) = any({self.bind(sums, 'int[]')})"

    def score(self, asked: Criterion) -> str:
        item = self.bind(asked.option("item"), "text")
        amount = self.amount(
            f"(case when x.scores ->> {item} ~ '^-?[0-9]{{1,9}}([.][0-9]+)?$'"
            f" then (x.scores ->> {item})::numeric end)",
            asked,
            "numeric",
        )
        limits = ["x.patient_id = p.id", amount]
        back = asked.option("days")
        if back is not None:
            day = self.when.today - timedelta(int(back))
            limits.append(self.between(self.local("x.authored_at"), day, None))
        newer = self.response("y", asked)
        return (
            f"exists ({self.response('x', asked)} and {' and '.join(limits)}"
            f" and not exists ({newer} and y.patient_id = x.patient_id"
            " and (y.authored_at, y.id) > (x.authored_at, x.id)))"
        )

    def response(self, name: str, asked: Criterion) -> str:
        form = self.bind(asked.option("form"), "text")
        return (
            f"select 1 from questionnaire_response {name} where {name}.questionnaire_id in"
            f" (select q.id from questionnaire q where q.name = {form})"
        )

    def answer(self, asked: Criterion) -> str:
        """Answers are encrypted: who gave one was found before."""
        return f"p.id = any({self.bind(list(self.answers[asked]), 'bigint[]')})"

    def answered(self, asked: Criterion) -> str:
        """The day of the newest answers."""
        low, high = rules.days(asked, self.when.today)
        mine = f"{self.response('x', asked)} and x.patient_id = p.id"
        found = mine
        if low is not None:
            found += f" and {self.between(self.local('x.authored_at'), low, None)}"
        if high is None:
            return f"exists ({found})"
        later = self.between(self.local("x.authored_at"), high + timedelta(1), None)
        return f"(exists ({found}) and not exists ({mine} and {later}))"

    def reading(self, asked: Criterion) -> str:
        """The newest one that nobody struck out; a lower pressure stands beside the upper."""
        measure: Measure = asked.option("kind")  # type: ignore[assignment]  # one of its choices
        column = "x.second" if measure == "diastolic" else "x.value"
        mine = f"patient_id = p.id and {{}}.kind = {self.bind(kind_of(measure), 'text')}"
        own, newer = (f"{name}.{mine.format(name)} and {name}.status = 'final'" for name in "xy")
        limits = [own, self.amount(column, asked, "numeric")]
        back = asked.option("days")
        if back is not None:
            day = self.when.today - timedelta(int(back))
            limits.append(self.between(self.local("x.measured_at"), day, None))
        return (
            f"exists (select 1 from observation x where {' and '.join(limits)}"
            f" and not exists (select 1 from observation y where {newer}"
            " and (y.measured_at, y.id) > (x.measured_at, x.id)))"
        )

    def tag(self, asked: Criterion) -> str:
        named = "" if asked.op == "known" else f" and {self.words('x.tag', asked)}"
        return f"exists (select 1 from patient_tag x where x.patient_id = p.id{named})"

    def channel(self, asked: Criterion) -> str:
        """A chat where a message would arrive."""
        return self.chat(
            "a.unreachable_at is null and a.opted_out_at is null"
            f" and {self.word('a.channel', asked)}"
        )

    def language(self, asked: Criterion) -> str:
        """The patient's, or where none is known, that of a chat."""
        own = self.word("p.language", asked)
        return f"{own} or (p.language is null and {self.chat(self.word('a.language', asked))})"

    def chat(self, limit: str) -> str:
        return (
            "exists (select 1 from link l join chat_account a on a.id = l.account_id"
            f" where l.patient_id = p.id and {LIVE} and {limit})"
        )

    def consent(self, asked: Criterion) -> str:
        """A chat gave it, and did not take it back."""
        named = "" if asked.op == "known" else f" and {self.words('c.purpose', asked)}"
        return (
            "exists (select 1 from link l join consent c on c.account_id = l.account_id"
            f" where l.patient_id = p.id and {LIVE} and c.given{named}"
            " and not exists (select 1 from consent d where d.account_id = c.account_id"
            " and d.purpose = c.purpose and d.id > c.id and not d.given))"
        )

    def own_word(self, asked: Criterion) -> str:
        return self.word(_WORDS[asked.field], asked)

    def outreach(self, asked: Criterion) -> str:
        how = " or ".join(f"({_RESPONSES[str(one)]})" for one in asked.values)
        sending, limit = asked.option("sending"), ""
        if sending is not None:
            key = self.bind(sending, "uuid")
            limit = f" and x.outreach_id = (select o.id from outreach o where o.key = {key})"
        return (
            "exists (select 1 from outreach_member x"
            f" where x.patient_id = p.id and ({how}){limit}{self.since('x.sent_on', asked)})"
        )


_FIELDS: Mapping[str, Callable[[_Compiler, Criterion], str]] = {
    "age": _Compiler.age,
    "sex": _Compiler.sex,
    "birth_month": _Compiler.birth_month,
    "group": _Compiler.group,
    "condition": _Compiler.condition,
    "act": _Compiler.act,
    "drug": _Compiler.drug,
    "last_visit": _Compiler.last_visit,
    "next_visit": _Compiler.next_visit,
    **dict.fromkeys(_COLUMNS, _Compiler.count),
    "tier": _Compiler.tier,
    "score": _Compiler.score,
    "answer": _Compiler.answer,
    "answered": _Compiler.answered,
    "reading": _Compiler.reading,
    "tag": _Compiler.tag,
    "channel": _Compiler.channel,
    "language": _Compiler.language,
    "consent": _Compiler.consent,
    "lapse": _Compiler.lapse,
    **dict.fromkeys(_WORDS, _Compiler.own_word),
    "outreach": _Compiler.outreach,
}


def compile_filter(
    tree: Filter, when: When, answers: Mapping[Criterion, Sequence[int]] | None = None
) -> Compiled:
    """The condition of a filter. `answers`: who holds to each criterion about an answer.

    Patients who were merged into others never count.
    """
    compiler = _Compiler(when, answers or {})
    said = compiler.tree(tree, True)
    compiler.made.where = f"p.merged_into_id is null and {said}"
    return compiler.made


def _begins(prefix: str) -> str:
    for sign in ("\\", "%", "_"):
        prefix = prefix.replace(sign, f"\\{sign}")
    return f"{prefix}%"
