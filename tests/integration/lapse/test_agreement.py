"""The SQL of a recompute says what the pure rules say."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic.lapse import rules
from clinic.lapse.definition import read_group
from clinic.lapse.types import Evidence, Facts, Group, Standing
from tests.integration.lapse.house import House

pytestmark = pytest.mark.server

PATIENTS = 300
CODES = {"8833421": "I10", "7805017": "G473", "4659007": "J069", "0999999": ""}
ACTS = {"114040710": "在宅持続陽圧呼吸療法指導管理料１", "160093810": "ＥＦ－胃・十二指腸"}
SUPPLY: dict[str, Any] = {"mode": "supply", "at_risk_months": 2}
FIXED: dict[str, Any] = {"mode": "fixed", "at_risk_months": 3}
GROUPS: list[dict[str, Any]] = [
    {**SUPPLY, "definition": {"any": [{"conditions": ["I10", "E1"]}]}, "lapsed_months": 4},
    {**SUPPLY, "definition": {"any": [{"conditions": ["G47"], "months": 3}]}, "interval_days": 40},
    {**FIXED, "definition": {"any": [{"condition_codes": ["4659007"], "months": 2}]}},
    {
        **FIXED,
        "definition": {"any": [{"acts": ["114040710"], "months": 1}], "insurance_months": 3},
        "strict": True,
    },
    {
        **FIXED,
        "definition": {
            "any": [{"act_names": ["EF-胃"], "months": 24}],
            "since": "act",
            "any_disease": True,
        },
        "strict": True,
        "interval_days": 60,
    },
    {**SUPPLY, "definition": {"any": [{"drugs": ["620000001"], "months": 6}]}, "grace_days": 5},
    {**FIXED, "definition": {"any": [{"drug_prefixes": ["A10"]}]}, "interval_days": 200},
    {**SUPPLY, "definition": {"all": [{"tags": ["vip"]}, {"conditions": ["I10"]}]}},
    {
        **SUPPLY,
        "definition": {
            "any": [{"score": {"form": "phq-9", "item": "total", "at_least": 10, "below": 20}}]
        },
        "refill_days": 60,
    },
    {"mode": "fixed", "definition": {"any": [{"tags": ["vip"]}], "seasonal": [2]}},
    {**SUPPLY, "definition": {"all": [{"acts": ["114040710"]}, {"drugs": ["620000001"]}]}},
]


def chance(dice: random.Random, share: float) -> bool:
    return dice.random() < share


class Writer:
    """Makes up patients, writes them, and keeps what the rules are to be told of them."""

    def __init__(self, house: House, today: date, seed: int) -> None:
        self.house, self.today, self.dice = house, today, random.Random(seed)

    def day(self, span: int) -> date:
        return self.today - timedelta(self.dice.randrange(span))

    async def patient(self, run: int) -> tuple[int, Facts]:
        dice, house = self.dice, self.house
        last = self.day(900) if chance(dice, 0.9) else None
        newest = None if chance(dice, 0.15) else (last or self.day(400)).replace(day=1)
        facts = Facts(
            last_visit_on=last,
            visit_count=dice.randrange(8),
            median_gap=dice.choice([None, 5, 33, 90, 400]),
            supply_until=last + timedelta(dice.choice([7, 30, 90, 400]))
            if last and chance(dice, 0.4)
            else None,
            refill=chance(dice, 0.2),
            long_supply=chance(dice, 0.3),
            inpatient=chance(dice, 0.2),
            newest_month=newest,
            deceased=chance(dice, 0.05),
            moved_on=self.day(900) if chance(dice, 0.1) else None,
        )
        number = await house.patient(
            deceased_on=self.today if facts.deceased else None, moved_on=facts.moved_on
        )
        summary = ("last_visit_on", "visit_count", "median_gap", "supply_until", "refill")
        summary = (*summary, "long_supply", "inpatient", "newest_month")
        if chance(dice, 0.95):
            await house.summary(number, **{name: getattr(facts, name) for name in summary})
        else:
            facts = Facts(deceased=facts.deceased, moved_on=facts.moved_on)
        found = [
            *await self.conditions(run, number, facts.newest_month),
            *await self.acts(run, number),
            *await self.drugs(number),
            *await self.tags(number),
        ]
        return number, replace(facts, evidence=tuple(found), **await self.flags(number))

    async def conditions(self, run: int, number: int, newest: date | None) -> Iterable[Evidence]:
        found, dice = [], self.dice
        for _ in range(dice.randrange(4)):
            back = dice.randrange(5)
            month = rules.add_months(newest, -back) if newest and chance(dice, 0.9) else None
            replaced = run if chance(dice, 0.15) else None
            record = None
            if chance(dice, 0.9):
                record = await self.house.record(run, number, month, replaced)
            code = dice.choice([*CODES, *CODES, "E11.9", "gone"])
            system = "icd10" if code == "E11.9" else "receipt"
            own = "J301" if code == "gone" and chance(dice, 0.5) else ""
            one = Evidence(
                "condition",
                code,
                icd10=own or ("E119" if system == "icd10" else CODES.get(code, "")),
                month=month if record else None,
                suspected=chance(dice, 0.25),
                ended=chance(dice, 0.2),
            )
            await self.house.condition(
                record,
                number,
                code=code,
                system=system,
                icd10=own,
                suspected=one.suspected,
                outcome="cured" if one.ended else None,
            )
            if replaced is None or record is None:
                found.append(one)
        return found

    async def acts(self, run: int, number: int) -> Iterable[Evidence]:
        found = []
        for code in ACTS:
            while chance(self.dice, 0.4):
                on, month = self.day(900), self.day(900).replace(day=1)
                record = await self.house.record(run, number, month)
                dated = chance(self.dice, 0.8)
                await self.house.act(record, number, code, on if dated else None)
                day = on if dated else rules.month_end(month)
                found.append(Evidence("act", code, on=day, name=ACTS[code]))
        return found

    async def drugs(self, number: int) -> Iterable[Evidence]:
        found = []
        for code in ("620000001", "A10BA02", "620000002"):
            while chance(self.dice, 0.4):
                one = Evidence("drug", code, on=self.day(900))
                await self.house.row(
                    "supply", patient_id=number, code=code, system="receipt", on_date=one.on
                )
                found.append(one)
        return found

    async def tags(self, number: int) -> Iterable[Evidence]:
        tags = [tag for tag in ("vip", "vi", "other") if chance(self.dice, 0.3)]
        for tag in tags:
            await self.house.row("patient_tag", patient_id=number, tag=tag)
        return [Evidence("tag", tag) for tag in tags]

    async def flags(self, number: int) -> dict[str, Any]:
        house, dice = self.house, self.dice
        found: dict[str, Any] = {}
        stops = [chance(dice, 0.5) for _ in range(dice.choice([0, 0, 1, 2]))]
        for stop in stops:
            await house.account(number, opted_out=stop)
        found["opted_out"] = bool(stops) and all(stops)
        if chance(dice, 0.15):
            found["booked_on"] = self.today + timedelta(dice.randrange(60))
            await house.booking(number, found["booked_on"])
            await house.booking(number, found["booked_on"] + timedelta(90))
            await house.booking(number, self.today + timedelta(1), "cancelled")
        if chance(dice, 0.2):
            sent = self.day(60)
            outreach = await house.row("outreach", key=house.key(), label="x", purpose="recall")
            await house.row(
                "outreach_member", outreach_id=outreach, patient_id=number, sent_on=sent
            )
            found["messaged_on"] = sent
        return found


async def scores(house: House, dice: random.Random, number: int, today: date) -> Iterable[Evidence]:
    """Two answers, of which the newer counts where it has a number."""
    form = await house.value("select id from questionnaire where name = 'phq-9'")
    account = await house.value(
        """insert into chat_account (channel, address_index, address) values ('web', $1, '')
           returning id""",
        str(number),
    )
    found: list[Evidence] = []
    for ago in (dice.randrange(400, 900), dice.randrange(400)):
        said = dice.choice(["9.5", "10", "19", "20", "none"])
        await house.value(
            """insert into questionnaire_response (key, questionnaire_id, patient_id, account_id,
                 language, answers, scores, authored_at)
               values ($1, $2, $3, $4, 'ja', '', $5,
                 ($6::date + time '12:00') at time zone 'Asia/Tokyo')""",
            house.key(),
            form,
            number,
            account,
            {"total": said},
            today - timedelta(ago),
        )
        if said != "none":
            value = Decimal(said)
            on = today - timedelta(ago)
            found = [Evidence("score", "total", on=on, form="phq-9", value=value)]
    return found


async def made(house: House) -> list[Group]:
    found = []
    for position, said in enumerate(GROUPS):
        row = {**said, "code": f"g{position}", "name": {"en": "G"}, "position": position}
        group = read_group(row)
        assert isinstance(group, Group), group
        await house.row("care_group", **row)
        found.append(group)
    return found


async def test_sql_and_rules_agree_on_random_patients(house: House) -> None:
    today = await house.today()
    for code, icd10 in CODES.items():
        await house.row(
            "code_name", kind="disease", code=code, name=code, icd10=icd10, loaded="test"
        )
    for code, name in ACTS.items():
        await house.row("code_name", kind="act", code=code, name=name, loaded="test")
    await house.row("questionnaire", url="phq-9", version=1, name="phq-9", title={}, resource={})
    groups = await made(house)
    run = await house.run(rules.add_months(today.replace(day=1), -1))
    writer = Writer(house, today, seed=5)
    facts: dict[int, Facts] = {}
    async with house.writing():
        for _ in range(PATIENTS):
            number, known = await writer.patient(run)
            if chance(writer.dice, 0.3):
                more = await scores(house, writer.dice, number, today)
                known = replace(known, evidence=(*known.evidence, *more))
            facts[number] = known

    horizon = (await house.recompute()).horizon
    assert horizon == today.replace(day=1) - timedelta(1)
    await compare(house, groups, facts, horizon, today)
    # Somebody else's import moves the horizon: what was stored follows by its dates alone.
    assert (await house.recompute((), "today")).horizon == today
    await compare(house, groups, facts, today, today)
    for ahead in (-200, 20, 100, 400):
        await compare_listing(house, groups, facts, today + timedelta(ahead), today)


async def compare(
    house: House, groups: list[Group], facts: dict[int, Facts], horizon: date, today: date
) -> None:
    rows = await house.rows(
        """select l.*, g.code from lapse l join care_group g on g.id = l.group_id"""
    )
    stored = {
        (row["patient_id"], row["code"]): Standing(
            row["state"],
            row["last_visit_on"],
            row["expected_on"],
            row["at_risk_on"],
            row["lapsed_on"],
            row["reason"],
        )
        for row in rows
    }
    ruled = {
        (number, code): one
        for number, known in facts.items()
        for code, one in rules.standings(groups, known, horizon, today).items()
    }
    assert {one.state for one in ruled.values()} >= {
        "booked", "active", "due", "at_risk", "lapsed", "dormant", "excluded"
    }  # fmt: skip
    assert {one.reason["key"] for one in ruled.values()} >= {
        "supply", "refill", "usual", "interval", "long", "months", "act", "insurance", "seasonal"
    }  # fmt: skip
    assert stored.keys() == ruled.keys()
    for key, one in ruled.items():
        assert stored[key] == one, (key, facts[key[0]])


async def compare_listing(
    house: House, groups: list[Group], facts: dict[int, Facts], as_of: date, today: date
) -> None:
    """A list of a past or coming day: bookings, stops and stays count as of that day."""
    for states in (("due", "at_risk", "lapsed"), ("excluded", "booked", "dormant", "active")):
        listed = {
            (one.patient, one.group): (one.state, one.at_risk_on)
            for one in await house.listing(states=states, as_of=as_of)  # type: ignore[arg-type]
        }
        ruled = {
            (number, code): (one.state, one.at_risk_on)
            for number, known in facts.items()
            for code, one in rules.standings(groups, known, as_of, today).items()
            if one.state in states
        }
        assert listed == ruled
