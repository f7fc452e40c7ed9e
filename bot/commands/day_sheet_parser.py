"""The arguments of `kayoi day-sheet`. Quick to load: `--help` needs no database."""

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from clinic.config import Settings

TEXT = "the visits of a day as a PDF, for an outage"


def add(
    commands: Any,
    languages: Sequence[str],
    read: Callable[[argparse.Namespace], Settings],
    tell: Callable[[object], None],
) -> None:
    """Add the command to those of `kayoi` (argparse's subparsers). `read` gives the settings that
    the arguments name, `tell` prints what was written."""

    async def run(arguments: argparse.Namespace) -> None:
        from bot.commands.day_sheet import write
        from bot.commands.stores import stores

        async with stores(read(arguments)) as settings:
            tell(await write(settings, arguments.on, arguments.out, arguments.language))

    sheet = commands.add_parser("day-sheet", help=TEXT, description=TEXT)
    sheet.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="(default: tomorrow)")
    sheet.add_argument("--out", type=Path, metavar="FILE", help="(default: in the data folder)")
    sheet.add_argument("--language", choices=languages, help="(default: the clinic's first)")
    sheet.set_defaults(command=run)
