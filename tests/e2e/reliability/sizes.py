"""Every figure has a reduced run for the normal suite and the full one for `make soak`."""

from dataclasses import dataclass

import pytest

# What patients say: commands, and words that nobody understands. All of it is answered.
SAYINGS = ("hello", "menu", "help", "language", "back", "link", "hm", "stop", "start", "well")
SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    patients: int
    events: int = 0
    kills: int = 0


def sizes(short: Size, full: Size) -> pytest.MarkDecorator:
    """`size` and `seed` of a test: once reduced, and at full length with three seeds."""
    long = [pytest.param(full, seed, id=f"full-{seed}", marks=pytest.mark.long) for seed in SEEDS]
    return pytest.mark.parametrize(("size", "seed"), [pytest.param(short, 1, id="short"), *long])
