"""One process of the service: web, admin or worker. Each loads its own part alone."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Literal

from aiohttp import web

from bot import start
from bot.environment import Environment
from clinic.config import Settings
from clinic.errors import KayoiError
from clinic.setting.live import LiveSettings, Pulse
from nlu import dates, presentations, red_flags

COLLECT = (20_000, 20, 100)  # a turn leaves little in cycles
LOADS_AFTER = 10.0  # s
SHUTDOWN = 5.0  # s for requests under way
KNOWN_WITHIN = 2.0  # s; while the database is away nothing goes out anyway


async def serve_web(settings: Settings) -> None:
    """The public process, until SIGTERM. Raises KayoiError if the port is taken."""

    from bot.app import create_app

    async def create(env: Environment, _live: LiveSettings) -> web.Application:
        load()
        return create_app(env)

    await _serve("web", settings, create, settings.server.host, settings.server.port)


async def serve_admin(settings: Settings) -> None:
    """The staff's process, until SIGTERM. Raises KayoiError if the port is taken."""

    from admin.app import create_app
    from bot.bell import Bell  # arq is some MB, which the public process does without

    async def create(env: Environment, live: LiveSettings) -> web.Application:
        accounts = await start.accounts(env)
        bell = Bell(env.settings)
        app = create_app(
            *(env.database, env.keys, env.settings, accounts),
            live=live,
            channels=env.channels,
            bell=bell,
        )

        async def close(_app: web.Application) -> None:
            await bell.close()

        app.on_cleanup.append(close)
        return app

    await _serve("admin", settings, create, settings.admin.host, settings.admin.port)


async def work(settings: Settings) -> None:
    """The worker, until SIGTERM."""
    from bot.commands.evening import EVERY, Evenings
    from scheduler.worker import Also, SchedulerWorker

    live = LiveSettings(settings)
    env = await start.environment(live.settings)
    worker = SchedulerWorker(env, {"day_sheets": Also(Evenings(env).look, EVERY)})
    also = (env.topics.refresh,)
    told = worker.lateness
    pulse = Pulse(env.database, live, "worker", told, settings.data_dir, env.keys, also)
    beating = asyncio.create_task(pulse.run())
    await pulse.begun.wait()  # nothing is sent by rules that staff have changed
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    loading = asyncio.create_task(_load_beside(worker.stop))
    try:
        await worker.run()
        if loading.done():
            loading.result()  # without its red flags no process may go on
    finally:
        loading.cancel()
        await _end(beating, pulse)
        await start.close(env)


def load() -> None:
    """Read what every text is read with, once: now, rather than while the first patient waits."""
    red_flags.load()
    presentations.load()
    dates.load()


async def _load_beside(stop: Callable[[], None]) -> None:
    """Have the worker load as the web process does, but once that is up and patients can write.

    A text that it is to read earlier loads what it needs by itself.
    """
    await asyncio.sleep(LOADS_AFTER)
    try:
        await asyncio.to_thread(load)
    except BaseException:
        stop()
        raise


async def _end(beating: asyncio.Task[None], pulse: Pulse) -> None:
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    await pulse.stop()


async def _serve(
    kind: Literal["web", "admin"],
    settings: Settings,
    create: Callable[[Environment, LiveSettings], Awaitable[web.Application]],
    host: str,
    port: int,
) -> None:
    live = LiveSettings(settings)
    env = await start.environment(live.settings)
    also = (env.topics.refresh,) if kind == "web" else ()
    pulse = Pulse(env.database, live, kind, folder=settings.data_dir, keys=env.keys, also=also)
    beating = asyncio.create_task(pulse.run())
    with contextlib.suppress(TimeoutError):  # a copy must be known as one before it answers
        await asyncio.wait_for(pulse.begun.wait(), KNOWN_WITHIN)
    # It logs the very bytes it could not read: cookies, secrets, patients' words.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    # Unpacking is refused: a small body could hold the loop up for seconds.
    runner = web.AppRunner(
        await create(env, live), access_log=None, auto_decompress=False, shutdown_timeout=SHUTDOWN
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        await runner.setup()
        # Several processes of one machine may share the port.
        await web.TCPSite(runner, host, port, reuse_port=True).start()
        # What is loaded by now stays: the collector need not look through it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT)
        await stopped.wait()
    except OSError as error:
        raise KayoiError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    finally:
        await runner.cleanup()
        await _end(beating, pulse)
        await start.close(env)
