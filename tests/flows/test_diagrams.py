"""The diagrams under docs/flows show what the flows do today."""

import pytest

from tests.flows.diagram import FOLDER, document
from tests.flows.worlds import WALKS


@pytest.mark.parametrize("name", WALKS)
def test_the_diagram_is_what_the_flow_does(name):
    stored = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert stored == document(name), "draw it anew: python -m tests.flows.diagram"
