"""Words made plain for a chat."""

import time

import pytest

from clinic.questionnaire.text import Unsafe, plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**Bold**, *leaning* and `code`", "Bold, leaning and code"),
        ("_one_ and __two__ but snake_case_name", "one and two but snake_case_name"),
        ("# Title\n- one\n- two", "Title\n• one\n• two"),
        ("[our page](https://a.example/x)", "our page (https://a.example/x)"),
        ("![a picture](https://a.example/x.png)", "a picture"),
        ("<p>One</p><p>Two<br/>Three</p>", "One\nTwo\nThree"),
        ("<ul><li>One</li><li>Two</li></ul>", "• One\n• Two"),
        ("Fish &amp; chips&nbsp;!", "Fish & chips\xa0!"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("2*3*4 = 24", "2*3*4 = 24"),
        ("a\u202ereversed\x00", "areversed"),
        ("escaped \\*star\\*", "escaped *star*"),
        ("痛みは**強い**ですか", "痛みは強いですか"),
    ],
)
def test_markup_is_made_plain(written: str, shown: str) -> None:
    assert plain(written) == shown


@pytest.mark.parametrize(
    "written",
    ["<SCRIPT src=x>", "< script>", "<iframe>", "<a href='x' onclick=y>", "JavaScript:alert(1)",
     "<style>", "<form>", "<svg/onload=1>", "data:text/html,x", "</script>"],
)  # fmt: skip
def test_what_could_run_is_refused(written: str) -> None:
    with pytest.raises(Unsafe):
        plain(f"Hello {written}")


@pytest.mark.parametrize("part", ["<a ", "**", "[a](", "_", "<", "`", "![", "&#", "<li "])
def test_no_text_takes_long(part: str) -> None:
    text = (part * 4000)[:4000]
    begun = time.thread_time()
    plain(text)
    assert time.thread_time() - begun < 2
