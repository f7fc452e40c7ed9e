import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT


def kayoi(
    *arguments: str, said: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "nlu", *arguments],
        input=said,
        capture_output=True,
        cwd=ROOT,
        env={"PATH": "", "PYTHONUTF8": "1", **environment},
        check=False,
    )


def test_every_line_is_answered_by_one_json_line_of_the_promised_form() -> None:
    lines = [
        "book for my daughter tomorrow at 10",
        "",
        "予約をキャンセルしたい",
        "\x07 🙃",
        "x" * 6000,
    ]
    done = kayoi("parse", "--now", "2026-11-24T10:00:00+09:00", said="\n".join(lines).encode())
    assert done.stderr == b""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["text"] for one in found] == lines
    assert [one["language"] for one in found] == ["en", "en", "ja", "en", "en"]
    assert all(
        list(one) == ["text", "language", "intent", "confidence", "entities", "dates", "red_flags"]
        for one in found
    )
    assert found[0]["intent"] == "book"
    assert found[0]["entities"] == [{"kind": "person", "value": "daughter", "text": "daughter"}]
    assert found[0]["dates"] == [{"date": "2026-11-25", "time": "10:00", "ambiguous": False}]
    assert found[2]["intent"] == "cancel"


def test_the_language_may_be_given() -> None:
    done = kayoi("parse", "--language", "zh-Hant", said="頭痛".encode())
    assert json.loads(done.stdout)["language"] == "zh-Hant"


def test_a_dead_rasa_server_does_not_stop_it() -> None:
    done = kayoi(
        "parse", "--backend", "rasa", said=b"hello", KAYOI_NLU__RASA_URL="http://127.0.0.1:9"
    )
    assert json.loads(done.stdout)["intent"] == "greeting"


@pytest.mark.parametrize(
    ("arguments", "said", "environment", "reason"),
    [
        (["parse", "--now", "soon"], b"", {}, "is no instant"),
        (["parse"], b"\xff\xfe\n", {}, "not UTF-8"),
        (["serve"], b"", {}, "rasa_token is needed"),
        (
            ["serve"],
            b"",
            {"KAYOI_NLU__RASA_TOKEN": "x", "KAYOI_NLU__RASA_URL": "http://rasa.example:5005"},
            "another machine",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    arguments: list[str], said: bytes, environment: dict[str, str], reason: str
) -> None:
    done = kayoi(*arguments, said=said, **environment)
    assert done.returncode == 2
    assert reason in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_a_model_that_was_changed_is_not_served(tmp_path: Path) -> None:
    from nlu import rasa_server

    model = tmp_path / "kayoi.tar.gz"
    model.write_bytes(b"code of a stranger")
    (tmp_path / "kayoi.tar.gz.sha256").write_text(f"{'0' * 64}  kayoi.tar.gz\n")
    assert rasa_server.fault(model) is not None
