"""Finished runs of a triage, and rules that change after them."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from types import MappingProxyType
from typing import Any

import pytest

from clinic.triage import load
from clinic.triage.load import presentation_of
from clinic.triage.rules import outcome
from clinic.triage.service import Finished, keep
from clinic.triage.types import Facts, Presentation, Run
from tests.integration.admin.house import KEYS, House

USERS = (
    *("clinic.triage.service", "clinic.triage.texts", "admin.triage.views", "admin.triage.runs"),
    "admin.quality.scripts",
)


async def run_of(
    house: House,
    conversation: int,
    patient: int | None = None,
    presentation: str = "cough",
    **answers: Any,
) -> int:
    """A run of somebody of forty to its end; its id."""
    one, facts = load.catalogue()[presentation], Facts(age=40, sex="female", pregnant=False)
    run = Run(presentation, facts, answers, 1, outcome(one, facts, answers))
    async with house.database.transaction() as tx:
        return await keep(tx, KEYS, Finished(conversation, run, list(answers), patient))


def newer(name: str, **changes: Any) -> Presentation:
    """A presentation as its file would be after a change, of the next version."""
    one = load.catalogue()[name]
    content = deepcopy(dict(one.content)) | {"version": one.version + 1} | changes
    content = {key: value for key, value in content.items() if value is not None}
    return presentation_of(content, name, one.base)


@contextmanager
def rules_of_tomorrow(one: Presentation) -> Iterator[None]:
    """As if the file of a presentation had been changed."""
    found = MappingProxyType({**load.catalogue(), one.id: one})
    with pytest.MonkeyPatch.context() as patch:
        for user in USERS:
            patch.setattr(f"{user}.catalogue", lambda: found)
        yield
