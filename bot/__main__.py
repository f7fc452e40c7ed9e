"""The command `kayoi`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any, get_args

from bot import log
from bot.commands import (
    account_parser,
    campaign_parser,
    day_sheet_parser,
    key_parser,
    operate_parser,
)
from clinic import clock
from clinic.config import Language, Settings
from clinic.errors import DatabaseDown, KayoiError
from clinic.lapse.types import LISTED, State

LANGUAGES = get_args(Language)
STATES = get_args(State)
_ANSWERS = """\
ANSWERS is a JSON object: {linkId: value or [values]}. A choice is answered by code, display or
{"system", "code"}; a quantity by a number or {"value", "unit"}; dates and times in ISO 8601; a
reference by a name or {"reference", "display"}; an attachment by {"contentType", "size", "url"}.
A repeating group is a list with an element for each repetition: an object like ANSWERS, or a list
of the answers to its questions in order. Items under the answers of a repeating question have a
list of values for each of its answers. null skips a question; one that is not named takes its
initial value, or is skipped."""
Command = Callable[[argparse.Namespace], Awaitable[None]]


def main() -> None:
    """Carry out one command; exits 0 on success and 2, with one line on stderr, on any fault."""
    log.configure()
    arguments = _parser().parse_args()
    try:
        asyncio.run(arguments.command(arguments))
    except KayoiError as error:
        sys.exit(_fail(str(error)))
    except DatabaseDown:
        sys.exit(_fail("PostgreSQL cannot be reached"))
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)
    except Exception as error:
        reason = _to_mend(error)
        if reason is None:
            raise
        sys.exit(_fail(reason))


def _to_mend(error: Exception) -> str | None:
    """What the operator has to mend; None if the error is a bug of ours."""
    if isinstance(error, OSError):  # a file or folder that cannot be made, read or written
        return f"{error.filename}: {error.strerror}" if error.filename else None
    import asyncpg  # slow to load, and `play` and `--help` need no database

    error = cause if isinstance(cause := error.__cause__, asyncpg.PostgresError) else error
    if isinstance(error, asyncpg.UndefinedTableError):
        return "the database is not up to date: run kayoi migrate"
    refused = (
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InsufficientPrivilegeError,
    )
    return f"PostgreSQL: {error}" if isinstance(error, refused) else None


def _fail(reason: str) -> int:
    print(f"kayoi: {' '.join(reason.split())}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kayoi", description="Patient engagement in the chat.")
    parser.add_argument("--config", type=Path, help="configuration file (default: config.yml)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=run)
        return added

    run = command("run", _run, "start everything on this machine")
    run.add_argument("--demo", action="store_true", help="seed the demo clinic, once")
    run.add_argument("--port", type=int, help="of the patients' side (default 8080)")
    run.add_argument("--admin-port", type=int, help="of the admin panel (default 8081)")
    run.add_argument("--data-dir", type=Path, help="of the embedded stores (default .kayoi)")
    command("web", _web, "one public process")
    command("admin", _admin, "one process of the admin panel")
    command("worker", _worker, "one worker")
    command("migrate", _migrate, "bring the database up to date")
    check = command("check", _check, "print the configuration, secrets hidden")
    check.add_argument(
        "--set-webhooks", action="store_true", help="tell LINE and Telegram where we are"
    )
    account_parser.add(commands, _account)
    play = command("play", _play, "a conversation in the terminal, with no database")
    play.add_argument("flow", help="its name, such as booking")
    play.add_argument("--language", default="en", help="ja, en, zh-Hant, zh-Hans or ru")
    nlu = commands.add_parser("nlu", help="how texts are understood").add_subparsers(
        required=True, metavar="COMMAND"
    )
    parse = nlu.add_parser("parse", help="lines of text in, JSON lines out")
    parse.add_argument("--backend", choices=("embedded", "rasa"), help="(default: as configured)")
    parse.add_argument("--language", choices=LANGUAGES, help="(default: by the script)")
    parse.add_argument("--now", help="the present instant, ISO 8601 (default: the clock's)")
    parse.set_defaults(command=_nlu_parse)
    serve = nlu.add_parser("serve", help="the Rasa server, on loopback (after make rasa)")
    serve.set_defaults(command=_nlu_serve)
    triage = commands.add_parser("triage", help="the triage rules").add_subparsers(
        required=True, metavar="COMMAND"
    )
    shown = triage.add_parser("list", help="a JSON line for each presentation")
    shown.add_argument("--language", choices=LANGUAGES, default="en")
    shown.set_defaults(command=_triage_list)
    played = triage.add_parser("play", help="what follows from answers")
    played.add_argument("presentation", help="its id, such as chest_pain")
    played.add_argument("--answers", type=Path, required=True, help="JSON: answers by question")
    played.add_argument("--age", type=float, help="in years")
    played.add_argument("--sex", choices=("female", "male", "other"))
    played.set_defaults(command=_triage_play)
    forms = commands.add_parser("questionnaire", help="FHIR questionnaires").add_subparsers(
        required=True, metavar="COMMAND"
    )
    known = argparse.ArgumentParser(add_help=False)
    known.add_argument(
        "--value-set",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a ValueSet or CodeSystem that they refer to (may be repeated)",
    )
    checked = forms.add_parser(
        "check", parents=[known], help="whether they can be played: a JSON line for each file"
    )
    checked.add_argument("files", type=Path, nargs="+", metavar="FILE")
    checked.set_defaults(command=_questionnaire_check)
    filled = forms.add_parser(
        "play",
        parents=[known],
        help="the QuestionnaireResponse that answers come to",
        description=_ANSWERS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    filled.add_argument("file", type=Path, metavar="FILE")
    filled.add_argument("--answers", type=Path, required=True, metavar="ANSWERS")
    filled.add_argument("--language", help="of displays among the answers (default: any)")
    filled.add_argument(
        "--on", type=date.fromisoformat, help="today() of expressions, ISO 8601 (default: today)"
    )
    filled.set_defaults(command=_questionnaire_play)
    brought = command("import", _import, "files into the patient base")
    brought.add_argument("files", type=Path, nargs="+", metavar="FILE")
    brought.add_argument("--dry-run", action="store_true", help="only say what it would do")
    brought.add_argument(
        "--confirm",
        action="append",
        default=[],
        metavar="WARNING",
        help="accept a warning that stops an import, such as other_institution",
    )
    brought.add_argument("--json", action="store_true", help="print JSON (it always does)")
    figures = commands.add_parser("figures", help="the clinic's figures").add_subparsers(
        required=True, metavar="COMMAND"
    )
    again = figures.add_parser(
        "recompute", help="work the sums they are read from out again: a JSON line for each month"
    )
    again.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="(default: all)")
    again.set_defaults(command=_figures_recompute)
    lapse = command("lapse", _lapse, "who is drifting away: a row for each patient and group")
    lapse.add_argument("--group", metavar="G", help="its code, such as cpap (default: all)")
    lapse.add_argument(
        "--as-of", type=date.fromisoformat, metavar="DATE", help="(default: as far as data reach)"
    )
    lapse.add_argument(
        "--state", action="append", choices=STATES, help="(default: due, at_risk and lapsed)"
    )
    lapse.add_argument("--json", action="store_true", help="print JSON (it always does)")
    segments = commands.add_parser("segment", help="groups of patients by a filter")
    counted = segments.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "count", help="how many a filter finds, and whom of them no message reaches"
    )
    counted.add_argument("filter", metavar="FILTER", help="JSON, as clinic/segment/read.py has it")
    counted.add_argument("--json", action="store_true", help="print JSON (it always does)")
    counted.set_defaults(command=_segment_count)
    campaign_parser.add(commands, _campaign)
    key_parser.add(commands, _key)
    operate_parser.add(commands, _settings, _print)
    day_sheet_parser.add(commands, LANGUAGES, _settings, _print)
    bench = command("bench", _bench, "measure this machine")
    measured = ("turns", "webhooks", "import", "segment", "due", "campaign", "panel")
    bench.add_argument("what", choices=measured)
    bench.add_argument("--size", type=int, help="patients, receipts or seconds")
    bench.add_argument("--json", action="store_true", help="print JSON (it always does)")
    return parser


def _settings(arguments: argparse.Namespace, **over: Any) -> Settings:
    return Settings.read(arguments.config, **over)


def _count_together(settings: Settings) -> Settings:
    """Let this machine's processes leave their counts where the admin panel shows them all.

    To be called before prometheus_client is loaded.
    """
    folder = settings.data_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder.absolute()))
    return settings


def _print(value: object, indent: int | None = None) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=indent), flush=True)


async def _run(arguments: argparse.Namespace) -> None:
    over: dict[str, Any] = {}
    if arguments.data_dir is not None:
        over["data_dir"] = arguments.data_dir
    if arguments.port is not None:
        over["server"] = {"port": arguments.port}
    if arguments.admin_port is not None:
        over["admin"] = {"port": arguments.admin_port}
    settings = _settings(arguments, **over)
    from bot.commands.run import run

    await run(settings, arguments.config, with_demo=arguments.demo)


async def _web(arguments: argparse.Namespace) -> None:
    settings = _count_together(_settings(arguments))
    from bot.commands.serve import serve_web

    await serve_web(settings)


async def _admin(arguments: argparse.Namespace) -> None:
    settings = _count_together(_settings(arguments))
    from bot.commands.serve import serve_admin

    await serve_admin(settings)


async def _worker(arguments: argparse.Namespace) -> None:
    settings = _count_together(_settings(arguments))
    from bot.commands.serve import work

    await work(settings)


async def _migrate(arguments: argparse.Namespace) -> None:
    from bot.commands.schema import migrate
    from bot.commands.stores import stores

    async with stores(_settings(arguments)) as settings:
        assert settings.database_url is not None
        await migrate(settings.database_url.get_secret_value())


async def _check(arguments: argparse.Namespace) -> None:
    settings = _settings(arguments)
    from bot.commands.check import redacted, set_webhooks

    _print(redacted(settings), indent=2)
    if arguments.set_webhooks:
        _print(await set_webhooks(settings), indent=2)


async def _account(arguments: argparse.Namespace) -> None:
    from bot.commands.staff import carry_out
    from bot.commands.stores import stores

    async with stores(_settings(arguments)) as settings:
        _print(await carry_out(settings, arguments))


async def _play(arguments: argparse.Namespace) -> None:
    from bot.commands.play import play

    await play(_settings(arguments), arguments.flow, arguments.language)


async def _nlu_parse(arguments: argparse.Namespace) -> None:
    from bot.commands.nlu import parse

    await parse(_settings(arguments), arguments.backend, arguments.language, arguments.now)


async def _nlu_serve(arguments: argparse.Namespace) -> None:
    from bot.commands.nlu import serve

    serve(_settings(arguments))


async def _triage_list(arguments: argparse.Namespace) -> None:
    from bot.commands.triage import show

    show(arguments.language)


async def _triage_play(arguments: argparse.Namespace) -> None:
    from bot.commands.triage import play

    _print(play(arguments.presentation, arguments.answers, arguments.age, arguments.sex))


async def _questionnaire_check(arguments: argparse.Namespace) -> None:
    from bot.commands.questionnaire import check

    check(arguments.files, arguments.value_set)


async def _questionnaire_play(arguments: argparse.Namespace) -> None:
    from bot.commands.questionnaire import play

    on = arguments.on or clock.now().date()
    _print(
        play(arguments.file, arguments.answers, arguments.value_set, arguments.language, on),
        indent=2,
    )


async def _import(arguments: argparse.Namespace) -> None:
    from bot.commands.imports import bring
    from bot.commands.stores import stores

    async with stores(_settings(arguments)) as settings:
        confirmed = arguments.confirm
        for told in await bring(
            settings, arguments.files, dry_run=arguments.dry_run, confirmed=confirmed
        ):
            _print(told)


async def _lapse(arguments: argparse.Namespace) -> None:
    from bot.commands.lapse import rows
    from bot.commands.stores import stores

    async with stores(_settings(arguments)) as settings:
        states = arguments.state or LISTED
        _print(await rows(settings, arguments.group, states, arguments.as_of))


async def _figures_recompute(arguments: argparse.Namespace) -> None:
    from bot.commands.figures import recomputed
    from bot.commands.stores import stores

    async with stores(_settings(arguments)) as settings:
        async for month in recomputed(settings, arguments.since):
            _print({"month": f"{month:%Y-%m}"})


async def _segment_count(arguments: argparse.Namespace) -> None:
    from bot.commands.segment import count
    from bot.commands.stores import stores

    async with stores(_settings(arguments)) as settings:
        _print(await count(settings, arguments.filter))


async def _campaign(arguments: argparse.Namespace) -> None:
    from bot.commands.campaign import carry_out
    from bot.commands.stores import stores

    key, file = getattr(arguments, "key", None), getattr(arguments, "file", None)
    async with stores(_settings(arguments)) as settings:
        _print(await carry_out(settings, arguments.act, key, file, arguments.name))


async def _key(arguments: argparse.Namespace) -> None:
    from bot.commands.key import carry_out
    from bot.commands.stores import stores

    async with stores(_settings(arguments)) as settings:
        _print(await carry_out(settings, arguments))


async def _bench(arguments: argparse.Namespace) -> None:
    from bot.commands.bench import bench

    _print(await bench(arguments.what, arguments.size))


if __name__ == "__main__":
    main()
