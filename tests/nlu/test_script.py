from pathlib import Path

import pytest
import yaml
from opencc import OpenCC

from nlu.script import Group, group, language_of


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("予約したい", "en", "ja"),
        ("ﾖﾔｸ ｼﾀｲ", "zh-Hans", "ja"),
        ("MRIの予約", "en", "ja"),
        ("予約", "ja", "ja"),
        ("予約", "ru", "ja"),
        ("頭痛", "ja", "ja"),
        ("頭痛", "zh-Hant", "zh"),
        ("頭痛", "en", "zh"),
        ("我想预约", "ja", "zh"),
        ("真人客服", "zh-Hant", "zh"),
        ("cancel我的appointment", "zh-Hans", "zh"),
        ("hello", "ja", "en"),
        ("MRI", "ru", "en"),
        ("Здравствуйте", "en", "ru"),
        ("запись на MRI", "en", "ru"),
        ("12:30", "ru", "ru"),
        ("👍", "zh-Hant", "zh"),
        ("", "ja", "ja"),
    ],
)
def test_a_text_is_read_by_the_model_of_its_script(
    text: str, language: str, expected: Group
) -> None:
    assert group(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("予約をお願いします", "ja"),
        ("予約", "ja"),
        ("薬", "ja"),
        ("頭痛", "zh-Hant"),
        ("我想預約", "zh-Hant"),
        ("我想预约", "zh-Hans"),
        ("你好", "zh-Hans"),
        ("запись", "ru"),
        ("hello", "en"),
        ("123", "en"),
    ],
)
def test_the_language_of_a_text_of_which_nothing_else_is_known(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_stored_signs_are_those_that_opencc_tells() -> None:
    han = [chr(code) for code in range(ord("㐀"), ord("鿿") + 1)]

    def changed(way: str) -> set[str]:
        # One sign a line, or neighbours would be read as a word.
        converted = OpenCC(way).convert("\n".join(han)).split("\n")
        return {sign for sign, other in zip(han, converted, strict=True) if sign != other}

    hans = changed("s2t") - changed("jp2t")
    stored = yaml.safe_load(Path("nlu/script.yml").read_text("utf-8"))
    assert set(stored["zh-Hans"]) - {" "} == hans
    assert set(stored["zh-Hant"]) - {" "} == changed("t2s") - hans
