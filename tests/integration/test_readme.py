"""README.md's commands do what it says, and what is wrong is told in one line.

A command or a setting that README names and nothing here knows turns a test red.
"""

import asyncio
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.local.ports import free_port
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.telegram import TelegramSimulator
from clinic.config import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("KAYOI_")}
PATIENCE = 60.0  # s for one command on a busy machine

LINES = [
    stripped
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if (stripped := line.split(" #")[0].strip())
]
EXPORTS = dict(line.removeprefix("export ").split("=", 1) for line in LINES if "export " in line)
COMMANDS = [line for line in LINES if "export " not in line]

PATIENTS_IN = "tests/integration/importer/test_command.py::test_receipts_become_a_lapse_list"
# Which test carries it out: one of this file, or FILE::TEST.
CARRIED_OUT = {
    "make help": "test_make_help_lists_every_target_and_readme_names_no_other",
    "make run": "tests/e2e/test_run.py::test_a_stranger_books_a_visit_within_a_minute",
    "make test": "test_make_help_lists_every_target_and_readme_names_no_other",
    "make check": "test_make_help_lists_every_target_and_readme_names_no_other",
    "make bench": "test_make_help_lists_every_target_and_readme_names_no_other",
    "make soak": "test_make_help_lists_every_target_and_readme_names_no_other",
    "make rasa": "test_make_help_lists_every_target_and_readme_names_no_other",
    ".venv/bin/kayoi campaign list": (
        "tests/integration/campaigns/test_command.py::test_the_command_prints_json"
    ),
    ".venv/bin/kayoi check --set-webhooks": "test_the_platforms_are_told_by_one_command",
    ".venv/bin/kayoi run": "tests/e2e/test_run.py::test_a_stranger_books_a_visit_within_a_minute",
    ".venv/bin/kayoi web": "tests/e2e/test_run.py::test_a_stranger_books_a_visit_within_a_minute",
    ".venv/bin/kayoi worker": "tests/e2e/test_run.py::test_a_killed_process_comes_back",
    ".venv/bin/kayoi admin": "tests/e2e/test_run.py::test_staff_see_the_day_by_the_printed_link",
    ".venv/bin/kayoi migrate": "test_an_empty_database_gets_its_first_admin_by_three_commands",
    ".venv/bin/kayoi staff add --name Sato --role admin": (
        "test_an_empty_database_gets_its_first_admin_by_three_commands"
    ),
    ".venv/bin/kayoi staff sign-in-link Sato": (
        "test_an_empty_database_gets_its_first_admin_by_three_commands"
    ),
    ".venv/bin/kayoi play booking": "test_a_conversation_is_played_with_no_database",
    ".venv/bin/kayoi import RECEIPTC.UKE --dry-run": PATIENTS_IN,
    ".venv/bin/kayoi import RECEIPTC.UKE": PATIENTS_IN,
    ".venv/bin/kayoi lapse --json": PATIENTS_IN,
    """.venv/bin/kayoi segment count '{"field": "age", "op": "at_least", "value": 65}' --json""": (
        PATIENTS_IN
    ),
}


def kayoi(
    command: str, folder: Path, environment: Mapping[str, str] | None = None, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Carry out one of README's lines in a folder; its program is our own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *shlex.split(command.removeprefix(".venv/bin/kayoi"))],
        cwd=folder,
        env={**CLEAN, "PYTHONPATH": str(ROOT), **(environment or {})},
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a refused command leaves."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("kayoi: ")
    return line.removeprefix("kayoi: ")


# --- the table ------------------------------------------------------------------------------------


def test_every_command_of_readme_is_carried_out_by_a_test() -> None:
    assert set(COMMANDS) == set(CARRIED_OUT)
    for test in CARRIED_OUT.values():
        file, _, name = test.rpartition("::")
        text = (ROOT / file if file else Path(__file__)).read_text()
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), test


def test_every_file_that_readme_links_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)", README)
    assert [name for name in linked if "://" not in name and not (ROOT / name).exists()] == []


# --- make -----------------------------------------------------------------------------------------


def test_make_help_lists_every_target_and_readme_names_no_other() -> None:
    told = subprocess.run(
        ["make", "help"], cwd=ROOT, env=CLEAN, capture_output=True, text=True, check=True
    ).stdout
    listed = {line.split()[1] for line in told.splitlines() if line.startswith("make ")}
    defined = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert listed == defined
    assert {line.split()[1] for line in COMMANDS if line.startswith("make ")} <= defined


# --- kayoi ----------------------------------------------------------------------------------------


def test_help_names_every_command_that_readme_uses(tmp_path: Path) -> None:
    told = kayoi(".venv/bin/kayoi --help", tmp_path)
    assert told.returncode == 0
    offered = set(re.findall(r"^ {4}([a-z]+) ", told.stdout, re.MULTILINE))
    assert {line.split()[1] for line in COMMANDS if "kayoi" in line} <= offered


def test_readmes_settings_connect_both_platforms_and_their_secrets_stay_hidden(
    tmp_path: Path,
) -> None:
    done = kayoi("check", tmp_path, {**EXPORTS, "KAYOI_CHANNELS__LINE__CHANNEL_SECRET": "canary"})
    told = json.loads(done.stdout)
    assert told["ready"] == {
        "line": True,
        "telegram": True,
        "webchat": True,
        "email": False,
        "sms": False,
    }
    assert told["database_url"] == told["redis_url"] == "set (hidden)"
    assert "canary" not in done.stdout
    assert "password" not in done.stdout


def test_the_example_configuration_is_valid_and_names_every_setting(tmp_path: Path) -> None:
    example = (ROOT / "config.example.yml").read_text()
    (tmp_path / "config.yml").write_text(example)
    told = json.loads(kayoi("check", tmp_path).stdout)
    assert told["server"]["public_url"] == EXPORTS["KAYOI_SERVER__PUBLIC_URL"]
    named = set(re.findall(r"^(?:# )?(\w+):", example, re.MULTILINE))
    assert set(Settings.model_fields) - named == set()


async def test_the_platforms_are_told_by_one_command(tmp_path: Path) -> None:
    line = LineSimulator()
    base = await line.start()
    try:
        async with TelegramSimulator() as telegram:
            done = await asyncio.to_thread(
                kayoi,
                ".venv/bin/kayoi check --set-webhooks",
                tmp_path,
                {
                    **EXPORTS,
                    "KAYOI_SERVER__PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
                    "KAYOI_CHANNELS__LINE__API_BASE": base,
                    "KAYOI_CHANNELS__LINE__CHANNEL_SECRET": line.channel_secret,
                    "KAYOI_CHANNELS__LINE__CHANNEL_ACCESS_TOKEN": line.channel_access_token,
                    "KAYOI_CHANNELS__TELEGRAM__API_BASE": telegram.url,
                    "KAYOI_CHANNELS__TELEGRAM__TOKEN": telegram.token,
                    "KAYOI_CHANNELS__TELEGRAM__WEBHOOK_SECRET": "a_word",
                },
            )
            assert done.returncode == 0, done.stderr
            assert [name for name, _ in telegram.calls] == ["setWebhook"]
        assert line.webhooks.url.endswith("/webhooks/line")
        assert "the webhook answered LINE with" in done.stdout  # nobody listens there
    finally:
        await line.stop()


def test_an_empty_database_gets_its_first_admin_by_three_commands(
    tmp_path: Path, empty_database_url: str
) -> None:
    stores = {
        "KAYOI_DATABASE_URL": empty_database_url,
        "KAYOI_REDIS_URL": EXPORTS["KAYOI_REDIS_URL"],  # none of them needs it
    }
    early = kayoi(".venv/bin/kayoi staff sign-in-link Sato", tmp_path, stores)
    assert refusal(early) == "the database is not up to date: run kayoi migrate"
    assert kayoi(".venv/bin/kayoi migrate", tmp_path, stores).returncode == 0
    added = kayoi(".venv/bin/kayoi staff add --name Sato --role admin", tmp_path, stores)
    assert json.loads(added.stdout)["role"] == "admin"
    link = kayoi(".venv/bin/kayoi staff sign-in-link Sato", tmp_path, stores)
    assert "/sign-in?token=" in json.loads(link.stdout)["url"]
    nobody = kayoi("staff sign-in-link Nobody", tmp_path, stores)
    assert refusal(nobody) == "there is no staff member named Nobody"


def test_a_conversation_is_played_with_no_database(tmp_path: Path) -> None:
    done = kayoi(".venv/bin/kayoi play booking", tmp_path, typed="1\n1\n\n")
    assert done.returncode == 0
    assert "full name" in done.stdout
    assert list(tmp_path.iterdir()) == []


# --- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("clinic: {nmae: Minato}", "configuration: clinic.nmae: "),
        ("clinik: {}", "configuration: clinik: "),
        ("clinic: {time_zone: Asia/Tokio}", "configuration: clinic.time_zone: "),
        ("server: {port: eighty}", "configuration: server.port: "),
        ("clinic: [a\n b: c: d\n", "configuration: "),
        ("server:\n\tport: 1\n", "configuration: "),
    ],
)
def test_a_wrong_configuration_file_is_refused(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "config.yml").write_text(written)
    assert refusal(kayoi("check", tmp_path)).startswith(told)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("KAYOI_DATABSE_URL", "x", "unknown setting in the environment: KAYOI_DATABSE_URL"),
        ("KAYOI_CLINIC__NMAE", "x", "configuration: clinic.nmae: "),
        ("KAYOI_SERVER__PORT", "99999", "configuration: server.port: "),
        ("KAYOI_POLICY__QUIET_HOURS", "late", "configuration: "),
        ("KAYOI_SERVER__PUBLIC_URL", "clinic.example", "configuration: server.public_url: "),
    ],
)
def test_a_wrong_environment_is_refused(tmp_path: Path, name: str, value: str, told: str) -> None:
    assert refusal(kayoi("check", tmp_path, {name: value})).startswith(told)


def test_a_configuration_file_that_is_missing_is_told(tmp_path: Path) -> None:
    done = kayoi("--config missing.yml check", tmp_path)
    assert refusal(done) == "no configuration file missing.yml"


@pytest.fixture
def busy() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("ports", "told"),
    [
        (lambda busy: (busy, free_port()), "port {busy} is taken: name another with --port"),
        (lambda busy: (free_port(), busy), "port {busy} is taken: name another with --port"),
        (lambda busy: (0, free_port()), "port 0 is none"),
        (lambda busy: (99999, free_port()), "configuration: server.port: "),
        (lambda _: (4001, 4001), "patients and the admin panel cannot share port 4001"),
    ],
    ids=["chat's taken", "admin's taken", "zero", "too large", "the same"],
)
def test_a_port_that_cannot_be_had_is_told_before_anything_starts(
    tmp_path: Path, busy: int, ports: Callable[[int], tuple[int, int]], told: str
) -> None:
    chat, admin = ports(busy)
    done = kayoi(f"run --port {chat} --admin-port {admin}", tmp_path)
    assert refusal(done).startswith(told.format(busy=busy))
    assert list(tmp_path.iterdir()) == []


def test_a_host_of_another_machine_is_told(tmp_path: Path) -> None:
    elsewhere = {"KAYOI_SERVER__HOST": "192.0.2.1"}  # of RFC 5737, nobody's
    done = kayoi(f"run --port {free_port()} --admin-port {free_port()}", tmp_path, elsewhere)
    assert refusal(done).startswith("cannot listen on 192.0.2.1:")


@pytest.mark.parametrize("command", ["run --port {chat} --admin-port {admin}", "migrate"])
def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path, command: str) -> None:
    """A file in its place: root, who may write everywhere, is stopped by that too."""
    (tmp_path / "taken").write_text("")
    done = kayoi(
        command.format(chat=free_port(), admin=free_port()),
        tmp_path,
        {"KAYOI_DATA_DIR": str(tmp_path / "taken")},
    )
    assert refusal(done).endswith("taken: File exists")


def test_a_single_process_without_stores_is_told(tmp_path: Path) -> None:
    told = "database_url and redis_url are needed to run a single process"
    assert refusal(kayoi("worker", tmp_path)) == told


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    nobody = f"postgres://kayoi@127.0.0.1:{free_port()}/kayoi"
    stores = {"KAYOI_DATABASE_URL": nobody, "KAYOI_REDIS_URL": EXPORTS["KAYOI_REDIS_URL"]}
    assert refusal(kayoi("migrate", tmp_path, stores)) == "PostgreSQL cannot be reached"


def test_a_database_that_is_not_there_is_told_by_name(
    tmp_path: Path, empty_database_url: str
) -> None:
    stores = {
        "KAYOI_DATABASE_URL": urlsplit(empty_database_url)._replace(path="/nowhere").geturl(),
        "KAYOI_REDIS_URL": EXPORTS["KAYOI_REDIS_URL"],
    }
    told = refusal(kayoi("migrate", tmp_path, stores))
    assert told == 'PostgreSQL: database "nowhere" does not exist'


@pytest.mark.parametrize(
    ("flow", "told"), [("nothing", "no flow nothing"), ("booking --language xx", "no language xx")]
)
def test_a_conversation_that_is_not_there_is_told(tmp_path: Path, flow: str, told: str) -> None:
    assert refusal(kayoi(f"play {flow}", tmp_path)).startswith(told)
