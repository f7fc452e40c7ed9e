"""`kayoi run`: everything on one machine."""

import asyncio
import gc
import os
import shutil
import signal
import sys
from importlib import import_module
from pathlib import Path

from bot.commands.stores import embedded, with_urls
from bot.local.place import StoreFailed, make_data_dir
from bot.local.ports import taken
from bot.local.supervisor import Process, ProcessFailed, Supervisor, answers
from clinic.config import Settings
from clinic.errors import KayoiError

FIRST_STEPS = "bot.commands.first_steps"  # loaded while the stores come up
METRICS = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name for that folder


async def run(settings: Settings, config: Path | None, *, with_demo: bool) -> None:
    """Start stores, migrations and one process of each kind; stop them on SIGTERM or SIGINT.

    Raises KayoiError if something does not come up.
    """
    gc.disable()  # until all is ready: there is little to collect, and much to look through
    server, admin = settings.server, settings.admin
    _see_that_ports_are_free(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shutil.rmtree(settings.data_dir / "metrics", ignore_errors=True)  # of an earlier run
    settings.key_ring()  # made before three processes would make it at once
    postgres, valkey = embedded(settings)
    found: list[Settings] = []
    told: dict[str, str] = {}
    make_data_dir(settings.data_dir)
    metrics = settings.data_dir.absolute() / "metrics"
    metrics.mkdir(exist_ok=True)
    # What counts together has to know of it before it is loaded (see `_count_together`).
    environment = {METRICS: os.environ.get(METRICS, str(metrics))}

    loading = asyncio.create_task(asyncio.to_thread(import_module, FIRST_STEPS))

    async def prepare() -> None:
        await loading
        from bot.commands.first_steps import migrate, seed

        complete = with_urls(settings, postgres, valkey)
        found.append(complete)
        assert complete.database_url is not None
        assert complete.redis_url is not None
        told.update(child_environment(complete))
        await migrate(complete.database_url.get_secret_value())
        if with_demo:
            await seed(complete)

    async def announce() -> None:
        from bot.commands.first_steps import first_sign_in

        print(f"Patient chat: {_address(server.host, server.port)}/chat")
        print(f"Admin panel: {await first_sign_in(found[0])}")
        print("ready", flush=True)
        gc.enable()

    def process(name: str, url: str | None) -> Process:
        named = ["--config", str(config)] if config else []
        argv = [sys.executable, "-m", "bot.commands.early", *named, name]
        return Process(name, argv, answers(url) if url else None, environment, told)

    supervisor = Supervisor(
        [store for store in (postgres, valkey) if store is not None],
        [
            process("web", f"{_address(server.host, server.port)}/readyz"),
            process("admin", f"{_address(admin.host, admin.port)}/healthz"),
            process("worker", None),
        ],
        prepare=prepare,
        on_ready=announce,
        on_line=_print_line,
    )
    try:
        await supervisor.run(stop)
    except (StoreFailed, ProcessFailed) as error:
        raise KayoiError(str(error)) from None


def _print_line(name: str, line: str) -> None:
    """Whose line it is; JSON (bot/log.py) stays JSON."""
    print(line if line.startswith("{") else f"{name}: {line}", file=sys.stderr, flush=True)


def _see_that_ports_are_free(settings: Settings) -> None:
    server, admin = settings.server, settings.admin
    if server.port == admin.port:  # processes may share one, and patients would meet the panel
        raise KayoiError(f"patients and the admin panel cannot share port {server.port}")
    for host, port in ((server.host, server.port), (admin.host, admin.port)):
        try:
            if port == 0 or taken(host, port):
                fault = "is taken" if port else "is none"
                raise KayoiError(f"port {port} {fault}: name another with --port or --admin-port")
        except OSError as error:
            raise KayoiError(f"cannot listen on {host}:{port}: {error.strerror}") from None


def child_environment(settings: Settings) -> dict[str, str]:
    """What the processes are told of this run; the rest they read as we did."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    told = {
        "KAYOI_DATABASE_URL": settings.database_url.get_secret_value(),
        "KAYOI_REDIS_URL": settings.redis_url.get_secret_value(),
        "KAYOI_DATA_DIR": str(settings.data_dir.absolute()),
        "KAYOI_SERVER__PORT": str(settings.server.port),
        "KAYOI_ADMIN__PORT": str(settings.admin.port),
    }
    channels = settings.channels
    if not (settings.server.public_url or channels.line.ready or channels.telegram.ready):
        # On this machine alone, its own address makes links work.
        told["KAYOI_SERVER__PUBLIC_URL"] = _address(settings.server.host, settings.server.port)
    return told


def _address(host: str, port: int) -> str:
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104  # compared, not bound
