"""The figures that were promised, on sentences that nobody saw who wrote the lexicons."""

from pathlib import Path

import pytest
import yaml

from nlu.red_flags import screen

HERE = Path(__file__).parent / "data"
LANGUAGES = ("en", "ja", "zh-Hans", "zh-Hant", "ru")
# Wanted are 0.97 found and 0.05 raised. These are what has been reached, so that it is not lost.
# A set that was looked into is one no more: it goes to red_flag_told_*.yml, a new one is written.
FOUND = {"en": 0.97, "ja": 0.985, "zh-Hans": 0.97, "zh-Hant": 0.975, "ru": 0.97}
RAISED = {"en": 0.044, "ja": 0.05, "zh-Hans": 0.03, "zh-Hant": 0.042, "ru": 0.028}


@pytest.mark.parametrize("language", LANGUAGES)
def test_emergencies_in_other_words_are_found_at_no_lower_level(language: str) -> None:
    told = yaml.safe_load((HERE / f"red_flag_paraphrases_{language}.yml").read_text("utf-8"))
    missed = []
    for number, one in enumerate(told, 1):
        flag = screen(one["text"])
        if flag is None or flag.level < one["level"]:
            missed.append(number)
    # Numbers alone: who reads the sentences would write the lexicon for them.
    assert len(told) >= 200
    found = 1 - len(missed) / len(told)
    assert found >= FOUND[language], f"{len(missed)} missed: entries {missed}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_daily_sentences_are_silent(language: str) -> None:
    lines = (HERE / f"neutral_{language}.txt").read_text("utf-8").splitlines()
    raised = [number for number, line in enumerate(lines, 1) if screen(line)]
    assert len(lines) >= 500
    share = len(raised) / len(lines)
    assert share <= RAISED[language], f"{len(raised)} raised: lines {raised}"
