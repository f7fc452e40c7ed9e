"""Spoken Chinese: what was found missing once stays found, and what is said every day is silent."""

from pathlib import Path

import pytest

from nlu.red_flags import screen
from nlu.red_flags.homophones import as_said

LINES = (Path(__file__).parent / "data" / "red_flags_zh_spoken.txt").read_text("utf-8").splitlines()
TOLD = [line.split(" ", 1) for line in LINES if not line.startswith("#")]


def test_what_is_grave_is_seen_at_its_level_and_the_rest_is_silent() -> None:
    wrong = []
    for level, text in TOLD:
        flag = screen(text)
        if (flag.level if flag else 0) < int(level) or (flag and level == "0"):
            wrong.append(text)
    assert wrong == []
    assert len(TOLD) > 400


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("我想字杀", "self_harm_now"),
        ("凶口疼", "chest_pain"),
        ("呼吸困男", "breathing"),
        ("大出学了", "bleeding"),
    ],
)
def test_what_dictation_wrote_with_other_signs_is_what_was_said(text: str, rule: str) -> None:
    flag = screen(text)
    assert flag
    assert (flag.rule, flag.level) == (rule, 4)


@pytest.mark.parametrize(
    "text", ["电子杀毒软件", "留血样在几楼", "心胸门诊", "控制息肉", "晕到不行"]
)
def test_words_that_only_hold_such_signs_are_left_alone(text: str) -> None:
    assert as_said(text) == text
