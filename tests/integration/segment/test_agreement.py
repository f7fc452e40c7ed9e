"""What SQL finds is what Python finds, whatever is asked."""

import re
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clinic.db import Database
from clinic.segment import rules
from clinic.segment.compile import FROM, When, compile_filter
from clinic.segment.service import _who_answered
from clinic.segment.types import FIELDS, Criterion, Filter
from tests.integration.segment.judge import holds
from tests.integration.segment.world import KEYS, NOW, Person, people, store
from tests.unit.clinic.segment.filters import TODAY, WORDS, any_filter, criterion

pytestmark = pytest.mark.server
WHEN = When(NOW, TODAY, "Asia/Tokyo")
EVERYBODY = people(150, 7)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with EVERYBODY in it."""
    database = await Database.open(database_url, connections=2)
    async with database.transaction() as tx:
        await store(tx, EVERYBODY)
    yield database
    await database.close()


def _made_up(strategy: st.SearchStrategy[Filter], count: int) -> list[Filter]:
    """So many filters, the same ones on every machine."""
    found: list[Filter] = []

    @settings(
        derandomize=True, max_examples=count, database=None, phases=[Phase.generate], deadline=None
    )
    @given(strategy)
    def collect(tree: Filter) -> None:
        found.append(tree)

    collect()
    return list(dict.fromkeys(found))


async def _found(database: Database, tree: Filter) -> list[int]:
    async with database.transaction() as tx:
        asked = {one for one in rules.criteria(tree) if one.field == "answer"}
        answers = {one: await _who_answered(tx, KEYS, WHEN, one) for one in asked}
        made = compile_filter(tree, WHEN, answers)
        rows = await tx.fetch(
            f"select p.id {FROM} where {made.where} order by p.id",
            *made.values,
        )
        return [row["id"] for row in rows]


def _right(tree: Filter, everybody: list[Person]) -> list[int]:
    return [one.id for one in everybody if one.own["merged_into_id"] is None and holds(tree, one)]


async def test_each_field_means_in_sql_what_it_means_in_words(database: Database) -> None:
    some = Counter[str]()
    for field in FIELDS.values():
        for asked in _made_up(criterion(field), 25):
            found = await _found(database, asked)
            assert found == _right(asked, EVERYBODY), rules.canonical(asked)
            some[field.name] += 0 < len(found) < len(EVERYBODY)
    assert set(some) == set(FIELDS), "a field that finds all or nobody shows little"
    assert min(some.values()) > 0, some


async def test_any_tree_runs_and_finds_whom_python_finds(database: Database) -> None:
    sizes = set()
    for tree in _made_up(any_filter, 250):
        found = await _found(database, tree)
        assert found == _right(tree, EVERYBODY), rules.canonical(tree)
        sizes.add(len(found))
    assert len(sizes) > 30


def test_words_that_harm_elsewhere_are_only_ever_values() -> None:
    harm = {one for words in WORDS.values() for one in words if not re.fullmatch(r"[\w-]+", one)}
    for tree in _made_up(any_filter, 200):
        made = compile_filter(tree, WHEN, dict.fromkeys(rules.criteria(tree), (1,)))
        assert not any(one in made.where for one in harm - {"%", "\\", "$1", "E"})
        places = {int(n) for n in re.findall(r"\$(\d+)::", made.where)}
        assert places == set(range(1, len(made.values) + 1))
        assert not re.search(r"\$\d+(?!\d|::)", made.where)


async def test_a_code_with_signs_that_like_reads_stands_for_itself(database: Database) -> None:
    assert await _found(database, Criterion("act", "starts", ("1_3", "11%"))) == []
    assert await _found(database, Criterion("act", "starts", ("113",))) != []
