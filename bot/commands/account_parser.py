"""The arguments of `kayoi staff` and `kayoi audit`. Quick to load: `--help` needs no database."""

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

ROLES = ("admin", "staff", "doctor")


def add(commands: Any, run: Callable[[argparse.Namespace], Awaitable[None]]) -> None:
    """Add the commands to those of `kayoi` (argparse's subparsers); `run` carries them out."""
    staff = commands.add_parser("staff", help="accounts of staff").add_subparsers(
        required=True, metavar="COMMAND", dest="act"
    )
    made = staff.add_parser("add", help="add a staff member")
    made.add_argument("--name", required=True)
    made.add_argument("--role", required=True, choices=ROLES)
    link = staff.add_parser("sign-in-link", help="a one-time address that signs in")
    link.add_argument("name")
    reset = staff.add_parser("reset", help="take password and second step away; a link lets in")
    reset.add_argument("name")
    trail = commands.add_parser("audit", help="the audit trail").add_subparsers(
        required=True, metavar="COMMAND", dest="act"
    )
    check = trail.add_parser("check", help="whether it is whole")
    for one in (made, link, reset, check):
        one.set_defaults(command=run)
