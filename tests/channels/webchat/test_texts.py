import json
import re

import pytest

from bot.channels.webchat.page import HERE
from bot.channels.webchat.parse import LANGUAGES

SOURCE = (HERE / "static" / "texts.js").read_text()
TEXTS = json.loads(SOURCE[SOURCE.index("TEXTS = ") + 8 :].rstrip().rstrip(";"))
USED = "".join(
    file.read_text()
    for file in (*(HERE / "static").glob("*.js"), *(HERE / "templates").iterdir())
    if file.name not in ("texts.js", "embed.js")
)


def test_the_page_speaks_the_five_languages() -> None:
    assert set(TEXTS) == LANGUAGES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_text_stands_in_every_language_with_the_same_places(language: str) -> None:
    english = {key: sorted(re.findall(r"{\w+}", text)) for key, text in TEXTS["en"].items()}
    here = {key: sorted(re.findall(r"{\w+}", text)) for key, text in TEXTS[language].items()}
    assert here == english
    assert all(text.strip() == text != "" for text in TEXTS[language].values())


def test_every_text_is_used() -> None:
    unused = [key for key in TEXTS["en"] if not re.search(rf'["./]{key}\b', USED)]
    assert unused == []


def test_no_file_of_the_page_makes_markup_of_data() -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", USED)
