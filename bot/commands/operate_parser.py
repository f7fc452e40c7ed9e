"""The arguments of `kayoi backup`, `restore`, `release` and `keys`. Quick to load."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clinic.config import Settings


def add(
    commands: Any,
    read: Callable[[argparse.Namespace], Settings],
    tell: Callable[[dict[str, Any]], None],
) -> None:
    """Add the commands to those of `kayoi` (argparse's subparsers). `read` reads the settings,
    `tell` prints what they say."""

    async def run(arguments: argparse.Namespace) -> None:
        from bot.commands.operate import carry_out
        from bot.commands.stores import stores

        async with stores(read(arguments)) as settings:
            tell(await carry_out(settings, arguments))

    backup = commands.add_parser("backup", help="the database in one file, or whether one is good")
    what = backup.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="FILE", help="to write, or a folder to write in")
    what.add_argument(
        "--verify", type=Path, metavar="FILE", help="restore it beside the database and compare"
    )
    backup.add_argument(
        "--keep", metavar="D,W,M", help="in a folder: days, weeks and months to keep, such as 7,4,6"
    )
    restore = commands.add_parser("restore", help="a backup becomes the database, and is muted")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--replace", metavar="NAME", help="of the database that it replaces")
    restore.add_argument(
        "--release", action="store_true", help="let messages go out from it at once"
    )
    release = commands.add_parser("release", help="let messages go out from a restored copy")
    for act, one in (("backup", backup), ("restore", restore), ("release", release)):
        one.set_defaults(command=run, group=act)
    keys = commands.add_parser("keys", help="keys of encrypted columns").add_subparsers(
        required=True, metavar="COMMAND", dest="act"
    )
    for act, text in (
        ("status", "how many values each key still has"),
        ("rotate", "encrypt with a new key from now on, and all there is with it"),
        ("remove", "take a key away that nothing needs any more"),
    ):
        one = keys.add_parser(act, help=text, description=text)
        one.set_defaults(command=run, group="keys")
        if act == "remove":
            one.add_argument("id", type=int, metavar="ID", help="as `status` tells it")
        if act == "rotate":
            one.add_argument(
                "--resume", action="store_true", help="no further key: go on with the newest"
            )
