"""A process of `kayoi run` that loads its part while the stores come up.

`python -m bot.commands.early [--config FILE] web|admin|worker`: loads, then waits for a line on
stdin, a JSON object of what belongs into its environment, and becomes `kayoi web` and so on.
"""

import gc
import json
import os
import runpy
import sys
from importlib import import_module

PARTS = {"web": "bot.app", "admin": "admin.app", "worker": "scheduler.worker"}


def main() -> None:
    """Load, wait, begin. Ends at once if whoever would tell the rest is gone."""
    from bot.commands import serve

    gc.disable()  # looking through what is being loaded, again and again, is a fifth of the time
    import_module(PARTS[sys.argv[-1]])
    if sys.argv[-1] == "web":  # the worker does it when patients can write already
        serve.load()
    gc.enable()
    told = sys.stdin.readline()
    if told:
        os.environ.update(json.loads(told))
        runpy.run_module("bot", run_name="__main__")


if __name__ == "__main__":
    main()
