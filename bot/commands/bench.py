"""`kayoi bench`: what this machine can do, each figure beside the raw limit of the same run."""

import gc
from typing import Any

from bot.commands.bench_campaign import campaign
from bot.commands.bench_due import due
from bot.commands.bench_import import imports
from bot.commands.bench_load import BenchFailed
from bot.commands.bench_panel import panel
from bot.commands.bench_segment import segment
from bot.commands.bench_turns import turns
from bot.commands.bench_webhooks import webhooks
from clinic.errors import KayoiError

BENCHES = {
    "turns": turns,
    "webhooks": webhooks,
    "import": imports,
    "segment": segment,
    "due": due,
    "campaign": campaign,
    "panel": panel,
}
_PLAYED = ("turns", "webhooks")


async def bench(what: str, size: int | None) -> dict[str, Any]:
    """Run one bench: `turns` books `size` visits, `webhooks` lasts `size` seconds, `import` takes
    `size` receipts, `segment` and `due` look for some of `size` patients, `campaign` writes to
    `size` patients, `panel` opens the panel's pages over `size` patients.

    Raises KayoiError if a store does not come up, or if the work that was measured was not done
    right: then there is no figure.
    """
    if what in _PLAYED:
        # This process plays the platform and the patients, and holds all that they said: looking
        # through it for garbage takes tenths of a second, which would count as the product's.
        gc.disable()
    try:
        return await BENCHES[what](size)
    except BenchFailed as error:
        raise KayoiError(f"bench {what}: {error}") from None
    finally:
        gc.enable()
