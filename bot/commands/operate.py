"""`kayoi backup`, `restore`, `release` and `keys`."""

import argparse
from typing import Any

from bot.commands import keys
from bot.commands.backup import back_up, check
from bot.commands.restore import let_go, restore
from clinic.config import Settings


async def carry_out(settings: Settings, arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command says. Raises KayoiError if it cannot be done, OSError."""
    match arguments.group:
        case "backup" if arguments.verify is not None:
            return await check(settings, arguments.verify)
        case "backup":
            return await back_up(settings, arguments.out, arguments.keep)
        case "restore":
            return await restore(
                settings, arguments.file, arguments.replace, release=arguments.release
            )
        case "release":
            return await let_go(settings)
    return await keys.carry_out(settings, arguments)
