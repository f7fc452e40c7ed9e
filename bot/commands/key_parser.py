"""The arguments of `kayoi key`. Quick to load: `--help` needs no database."""

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

from clinic.api_key.rules import RATE
from clinic.api_key.types import Scope


def add(commands: Any, run: Callable[[argparse.Namespace], Awaitable[None]]) -> None:
    """Add the command to those of `kayoi` (argparse's subparsers); `run` carries it out."""
    acts = commands.add_parser("key", help="keys of the API").add_subparsers(
        required=True, metavar="COMMAND", dest="act"
    )
    made = acts.add_parser("add", help="make a key, which is told this once")
    made.add_argument("--name", required=True, help="of the program that will use it")
    made.add_argument(
        "--scope",
        action="append",
        required=True,
        choices=tuple(map(str, Scope)),
        help="what it may do (may be repeated)",
    )
    made.add_argument("--rate", type=int, default=RATE, help=f"calls a minute (default {RATE})")
    listed = acts.add_parser("list", help="all keys, without what they are")
    ended = acts.add_parser("revoke", help="end a key for good")
    ended.add_argument("id", type=int, metavar="ID", help="as `list` and `add` tell it")
    for one in (made, listed, ended):
        one.add_argument("--json", action="store_true", help="print JSON (it always does)")
        one.set_defaults(command=run)
