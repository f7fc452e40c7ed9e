"""Who belongs to which group, for many patients at once, in SQL. It says what rules.belongs says.

Everything happens in temporary tables of the transaction: `lapse_facts` holds what is known of each
patient (types.Facts), `lapse_evidence` what records say (types.Evidence, as far as the groups ask
for it), `lapse_member` who is in which group and since when the time counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from clinic.db import Tx
from clinic.lapse.types import Clause, Group

LASTS = 120.0  # seconds a statement over very many patients may take

_TABLES = """
create temp table if not exists lapse_facts (
  patient_id bigint primary key, seen_on date, visit_count int, median_gap int, supply_until date,
  refill bool, long_supply bool, inpatient bool, newest_month date, deceased bool, moved_on date,
  merged bool, opted_out bool, booked_on date, messaged_on date) on commit drop;
create temp table if not exists lapse_evidence (
  patient_id bigint, kind text, code text, icd10 text, month date, suspected bool, ended bool,
  on_date date, form text, value numeric) on commit drop;
create temp table if not exists lapse_member (
  patient_id bigint, group_id bigint, since_on date, primary key (patient_id, group_id)
) on commit drop;
truncate lapse_facts, lapse_evidence, lapse_member
"""

# $1: the horizon, $2: today, $3: the time zone; `{patients}` rows of patient. A booking counts all
# of its day, and if the horizon lies behind us also while nobody has said how it ended.
FACTS = """
select p.id as patient_id,
  coalesce(s.last_visit_on,
    (date_trunc('month', s.newest_month::timestamp) + interval '1 month - 1 day')::date) as seen_on,
  coalesce(s.visit_count, 0) as visit_count, s.median_gap, s.supply_until,
  coalesce(s.refill, false) as refill, coalesce(s.long_supply, false) as long_supply,
  coalesce(s.inpatient, false) as inpatient, s.newest_month, p.deceased_on is not null as deceased,
  p.moved_on, p.merged_into_id is not null as merged, coalesce(o.opted_out, false) as opted_out,
  b.booked_on, m.messaged_on
from {patients} p
left join patient_summary s on s.patient_id = p.id
left join lateral (
  select bool_and(a.opted_out_at is not null) as opted_out
  from link l join chat_account a on a.id = l.account_id
  where l.patient_id = p.id and l.ended_at is null) o on true
left join lateral (
  select min((a.starts_at at time zone $3::text)::date) as booked_on from appointment a
  where a.patient_id = p.id and a.status = 'booked'
    and a.starts_at >= least($2::date, $1::date + 1)::timestamp at time zone $3::text) b on true
left join lateral (
  select max(m.sent_on) as messaged_on from outreach_member m
  where m.patient_id = p.id and m.left_out is null) m on true
"""

# Older than the newest month ($1 months back) only what clauses look for there.
_CONDITIONS = """
insert into lapse_evidence
select f.patient_id, 'condition', c.code,
  coalesce(nullif(c.icd10, ''),
    case c.system when 'icd10' then replace(c.code, '.', '') when 'receipt' then n.icd10 end, ''),
  r.month, c.suspected, c.outcome is not null or c.ended_on is not null
from lapse_facts f
join source_record r on r.patient_id = f.patient_id and r.replaced_by_id is null
  and (r.month is null or f.newest_month is null
    or r.month >= f.newest_month - make_interval(months => $1::int))
join condition c on c.record_id = r.id
left join code_name n on n.kind = 'disease' and n.code = c.code
where r.month is null or f.newest_month is null or r.month >= f.newest_month
  or c.icd10 like any ($2::text[]) or c.code = any ($3::text[])
  or (c.icd10 = '' and c.system = 'receipt' and n.icd10 like any ($2::text[]))
  or (c.icd10 = '' and c.system = 'icd10')
union all
select f.patient_id, 'condition', c.code,
  coalesce(nullif(c.icd10, ''),
    case c.system when 'icd10' then replace(c.code, '.', '') when 'receipt' then n.icd10 end, ''),
  null, c.suspected, c.outcome is not null or c.ended_on is not null
from lapse_facts f
join condition c on c.patient_id = f.patient_id and c.record_id is null
left join code_name n on n.kind = 'disease' and n.code = c.code
"""
_ACTS = """
insert into lapse_evidence (patient_id, kind, code, on_date)
select f.patient_id, 'act', q.code, max(coalesce(q.on_date,
  (date_trunc('month', r.month::timestamp) + interval '1 month - 1 day')::date))
from lapse_facts f
join procedure q on q.patient_id = f.patient_id and q.code = any ($1::text[])
left join source_record r on r.id = q.record_id
where (q.record_id is null or r.replaced_by_id is null)
group by f.patient_id, q.code
"""
_DRUGS = """
insert into lapse_evidence (patient_id, kind, code, on_date)
select f.patient_id, 'drug', y.code, max(y.on_date)
from lapse_facts f
join supply y on y.patient_id = f.patient_id
  and (y.code = any ($1::text[]) or y.code like any ($2::text[]))
left join source_record r on r.id = y.record_id
where (y.record_id is null or r.replaced_by_id is null)
group by f.patient_id, y.code
"""
_TAGS = """
insert into lapse_evidence (patient_id, kind, code)
select f.patient_id, 'tag', t.tag from lapse_facts f
join patient_tag t on t.patient_id = f.patient_id and t.tag = any ($1::text[])
"""
# The newest answers that have a number there; the day is the clinic's ($1).
_SCORES = """
insert into lapse_evidence (patient_id, kind, form, code, value, on_date)
select distinct on (f.patient_id, q.name, w.item) f.patient_id, 'score', q.name, w.item,
  (a.scores ->> w.item)::numeric, (a.authored_at at time zone $1::text)::date
from unnest($2::text[], $3::text[]) as w (form, item)
join questionnaire q on q.name = w.form
join questionnaire_response a on a.questionnaire_id = q.id
join lapse_facts f on f.patient_id = a.patient_id
where a.scores ->> w.item ~ '^-?[0-9]+([.][0-9]+)?$'
order by f.patient_id, q.name, w.item, a.authored_at desc, a.id desc
"""
NAMED_ACTS = """
select c.code from code_name c, unnest($1::text[]) as t (prefix)
where c.kind = 'act' and starts_with(normalize(c.name, NFKC), normalize(t.prefix, NFKC))
"""


def of_kind(groups: Sequence[Group], *kinds: str) -> list[Clause]:
    """The clauses of these kinds in all groups."""
    return [one for group in groups for one in group.definition.clauses if one.kind in kinds]


@dataclass
class _Query:
    """SQL with the values that it names by number."""

    values: list[object] = field(default_factory=list)

    def bind(self, value: object, type_: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{type_}"


def _patterns(prefixes: Sequence[str]) -> list[str]:
    """LIKE patterns of prefixes."""
    return [
        one.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" for one in prefixes
    ]


class Membership:
    """Finds members of groups, batch by batch, in one transaction."""

    def __init__(self, tx: Tx, groups: Sequence[Group], zone: str) -> None:
        """`prepare` comes first."""
        self._tx, self._groups, self._zone = tx, groups, zone
        self._named: dict[tuple[str, ...], list[str]] = {}

    async def prepare(self) -> None:
        """Find out which codes have the names that clauses ask for."""
        for clause in of_kind(self._groups, "act_names"):
            rows = await self._tx.fetch(NAMED_ACTS, list(clause.values))
            self._named[clause.values] = [row["code"] for row in rows]

    async def find(self, horizon: date, today: date, patients: Sequence[int]) -> None:
        """Fill the three tables for some patients."""
        tx = self._tx
        await tx.execute(_TABLES)
        of_these = "(select * from patient where id = any ($4::bigint[]))"
        facts = FACTS.format(patients=of_these)
        arguments = (horizon, today, self._zone, list(patients))
        await self._run(f"insert into lapse_facts {facts}", *arguments)
        await tx.execute("analyze lapse_facts")
        await self._collect()
        await tx.execute("analyze lapse_evidence")
        for group in self._groups:
            query = _Query()
            await self._run(self._members(group, query), *query.values)

    async def _collect(self) -> None:
        groups = self._groups
        back = [one for one in of_kind(groups, "conditions", "condition_codes") if one.months]
        await self._run(
            _CONDITIONS,
            max((one.months for one in back), default=0),
            _patterns([it for one in back if one.kind == "conditions" for it in one.values]),
            [it for one in back if one.kind == "condition_codes" for it in one.values],
        )
        acts = {code for one in of_kind(groups, "acts", "act_names") for code in self._codes(one)}
        if acts:
            await self._run(_ACTS, sorted(acts))
        drugs = [code for one in of_kind(groups, "drugs") for code in one.values]
        prefixes = [code for one in of_kind(groups, "drug_prefixes") for code in one.values]
        if drugs or prefixes:
            await self._run(_DRUGS, drugs, _patterns(prefixes))
        tags = [tag for one in of_kind(groups, "tags") for tag in one.values]
        if tags:
            await self._run(_TAGS, tags)
        scores = sorted({(one.form, one.item) for one in of_kind(groups, "score")})
        if scores:
            forms, items = zip(*scores, strict=True)
            await self._run(_SCORES, self._zone, list(forms), list(items))

    def _codes(self, clause: Clause) -> Sequence[str]:
        return self._named[clause.values] if clause.kind == "act_names" else clause.values

    def _members(self, group: Group, query: _Query) -> str:
        clauses = [self._holds(one, query) for one in group.definition.clauses]
        some = " or ".join(clauses)
        every = " and ".join(f"bool_or({one})" for one in clauses)
        having = f"having {every}" if group.definition.every else ""
        since = "max(e.on_date)" if group.definition.since_act else "f.seen_on"
        return f"""insert into lapse_member
            select f.patient_id, {query.bind(group.id, "bigint")}, {since}
            from lapse_evidence e join lapse_facts f on f.patient_id = e.patient_id
            where {some} group by f.patient_id, f.seen_on {having}"""  # noqa: S608  # bound values

    def _holds(self, clause: Clause, query: _Query) -> str:
        test = _TESTS[clause.kind](query, clause, self._codes(clause))
        if clause.kind == "tags":
            return f"({test})"
        months = f"make_interval(months => {query.bind(clause.months, 'int')})"
        if clause.kind in ("conditions", "condition_codes"):
            recent = (
                "(e.month is null or f.newest_month is null"
                f" or e.month >= (f.newest_month - {months})::date)"
            )
        else:
            recent = f"(f.seen_on is null or e.on_date >= (f.seen_on - {months})::date)"
        return f"({test} and {recent})"

    async def _run(self, statement: str, *values: object) -> None:
        await self._tx.execute(statement, *values, timeout=LASTS)


def _act(query: _Query, _: Clause, codes: Sequence[str]) -> str:
    return f"e.kind = 'act' and e.code = any ({query.bind(list(codes), 'text[]')})"


def _score(query: _Query, clause: Clause, _: Sequence[str]) -> str:
    parts = [
        "e.kind = 'score'",
        f"e.form = {query.bind(clause.form, 'text')}",
        f"e.code = {query.bind(clause.item, 'text')}",
    ]
    if clause.at_least is not None:
        parts.append(f"e.value >= {query.bind(clause.at_least, 'numeric')}")
    if clause.below is not None:
        parts.append(f"e.value < {query.bind(clause.below, 'numeric')}")
    return " and ".join(parts)


_SURE = "e.kind = 'condition' and not e.suspected and not e.ended"
_TESTS: dict[str, Callable[[_Query, Clause, Sequence[str]], str]] = {
    "conditions": lambda query, clause, _: (
        f"{_SURE} and e.icd10 like any ({query.bind(_patterns(clause.values), 'text[]')})"
    ),
    "condition_codes": lambda query, clause, _: (
        f"{_SURE} and e.code = any ({query.bind(list(clause.values), 'text[]')})"
    ),
    "acts": _act,
    "act_names": _act,
    "drugs": lambda query, clause, _: (
        f"e.kind = 'drug' and e.code = any ({query.bind(list(clause.values), 'text[]')})"
    ),
    "drug_prefixes": lambda query, clause, _: (
        f"e.kind = 'drug' and e.code like any ({query.bind(_patterns(clause.values), 'text[]')})"
    ),
    "tags": lambda query, clause, _: (
        f"e.kind = 'tag' and e.code = any ({query.bind(list(clause.values), 'text[]')})"
    ),
    "score": _score,
}
