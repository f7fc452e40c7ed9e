"""Why a questionnaire is refused: codes with words."""

import ast
from pathlib import Path
from string import Formatter

import pytest

import admin
import bot
import clinic
from admin.i18n import LANGUAGES, speech
from admin.questionnaires.shown import worded
from clinic.questionnaire.extensions import _REFUSED
from clinic.questionnaire.reasons import ENGLISH, Reason

SOURCES = [
    *Path(clinic.__file__).parent.joinpath("questionnaire").glob("*.py"),
    *Path(admin.__file__).parent.joinpath("questionnaires").glob("*.py"),
    Path(bot.__file__).parent / "commands" / "questionnaire.py",
]
TELLING = {"problem", "Misread", "Unsupported", "Unsafe", "Reason", "of"}


def told() -> dict[str, set[str]]:
    """The codes that are told anywhere, with the names of what each tells along."""
    found: dict[str, set[str]] = {code: set() for code in _REFUSED.values()}
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in TELLING:
                continue
            first = node.args[0]
            codes = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            for code in codes:
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    names = {each.arg for each in node.keywords if each.arg}
                    found[code.value] = found.get(code.value, names) | names
    return found


def test_every_reason_that_is_told_has_words_and_there_are_no_others() -> None:
    assert set(told()) == set(ENGLISH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_worded_in_the_panels_languages(language: str) -> None:
    for code, names in told().items():
        # Where a file is no JSON, the place is told as a mapping.
        names = names | {"line", "column"} if code == "no_json_at" else names
        said = worded(speech(language), Reason.of(code, **dict.fromkeys(names, "7")))
        assert "{" not in said
        places = [name for _, name, _, _ in Formatter().parse(ENGLISH[code]) if name]
        assert not places or "error" in names or "7" in said, code


def test_a_reason_within_a_reason_is_worded_too() -> None:
    why = Reason.of("within", part="initial", why=Reason.of("no_option", value="x"))
    assert str(why) == "initial: 'x' is not among the options"
    assert worded(speech("ja"), why) == "initial：「x」は選択肢にありません"
    assert worded(speech("ru"), why) == "initial: «x» нет среди вариантов"
