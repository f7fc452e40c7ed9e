"""The arguments of `kayoi campaign`. Quick to load: `--help` needs no database."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ACTS = {
    "list": "all campaigns, those under way first",
    "create": "a new draft",
    "preview": "what a start would do now: how many, why not to others, and samples",
    "start": "start it, or approve it; nothing goes out for some seconds",
    "undo": "take a start back before anything has gone out",
    "pause": "let nothing more out",
    "resume": "go on with those who got nothing yet",
    "cancel": "end it for good",
    "status": "how its recipients stand",
}


def add(commands: Any, run: Callable[[argparse.Namespace], Awaitable[None]]) -> None:
    """Add the command to those of `kayoi` (argparse's subparsers); `run` carries it out."""
    acts = commands.add_parser("campaign", help="messages to many").add_subparsers(
        required=True, metavar="COMMAND", dest="act"
    )
    for act, text in ACTS.items():
        acting = acts.add_parser(act, help=text, description=text)
        if act == "create":
            acting.add_argument("file", type=Path, metavar="FILE", help="JSON of a draft")
        elif act != "list":
            acting.add_argument("key", metavar="KEY", help="as `list` and `create` tell it")
        acting.add_argument("--as", dest="name", metavar="NAME", help="the staff member who acts")
        acting.add_argument("--json", action="store_true", help="print JSON (it always does)")
        acting.set_defaults(command=run)
