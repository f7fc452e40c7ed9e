"""The menu, and the manual that tells about each of its pages."""

import pytest

from admin.help.manual import Block, headings, manual, read
from admin.i18n import LANGUAGES, speech
from admin.menu import (
    ACTIONS,
    MENU,
    SETTINGS_MENU,
    Entry,
    Group,
    in_settings,
    menu_of,
    pages_of,
    place,
)
from admin.routes import ROUTES
from clinic.staff.types import Role

TABLE = {(row.method, row.path): row for row in ROUTES}
GROUPS = [one for one in (*MENU, *SETTINGS_MENU) if isinstance(one, Group)]
ENTRIES = [
    entry
    for one in (*MENU, *SETTINGS_MENU)
    for entry in (one.entries if isinstance(one, Group) else (one,))
]


@pytest.mark.parametrize("role", Role)
def test_the_menu_shows_what_the_table_of_routes_lets_a_role_use_and_nothing_else(
    role: Role,
) -> None:
    shown = {one.path for one in pages_of(role, TABLE)}
    for entry in ENTRIES:
        row = TABLE.get(("GET", entry.path))
        assert (entry.path in shown) is (row is not None and role in (row.roles or ()))
    assert all(one.entries for one in menu_of(MENU, role, TABLE) if isinstance(one, Group))


def test_a_page_appears_once_its_route_is_there() -> None:
    menu = (Group("group.patients", "users", (Entry("figures", "/nowhere", "home"),)),)
    assert menu_of(menu, Role.ADMIN, TABLE) == []


def test_no_name_and_no_letter_stands_twice() -> None:
    assert len({one.name for one in ENTRIES}) == len(ENTRIES)
    letters = [one.key for one in ENTRIES if one.key]
    assert len(set(letters)) == len(letters)


def test_a_page_is_found_under_the_entry_nearest_to_it() -> None:
    assert place("/campaigns/calendar", "x") == "campaign_days"
    assert place("/campaigns/7/edit", "x") == "campaigns"
    assert place("/settings", "x") == "settings"
    assert place("/settings/policy", "x") == "settings_policy"
    assert place("/waitlist/groups", "x") == "waitlist"
    assert place("/settings/no-such-page", "x") == "x"
    assert place("/walk-in", "today") == "today"
    assert in_settings("settings_policy")
    assert not in_settings("today")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_has_words(language: str) -> None:
    words = speech(language)
    for name in [one.name for one in (*ENTRIES, *ACTIONS)] + [one.name for one in GROUPS]:
        assert f"menu.{name}" in words, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manual_tells_about_every_page_in_every_language(language: str) -> None:
    chapters, english = manual(language), manual("en")
    assert list(chapters) == list(english)
    assert {one.name for one in ENTRIES} | {"panel"} <= set(chapters)
    for name, chapter in chapters.items():
        assert chapter.about, name
        assert len(chapter.sections) == len(english[name].sections) > 0, name
        for one, other in zip(chapter.sections, english[name].sections, strict=True):
            assert [block.kind for block in one.blocks] == [block.kind for block in other.blocks]
            steps = [len(block.lines) for block in one.blocks if block.kind == "ol"]
            assert steps == [len(it.lines) for it in other.blocks if it.kind == "ol"], one.words


def test_the_manual_is_read_into_chapters_questions_and_steps() -> None:
    chapters = read("# today\nWhat comes.\nAnd who.\n\n## How?\n1. Open\n2. Look\n- a\n\nEnd.\n")
    today = chapters["today"]
    assert today.about == [Block("p", ["What comes.", "And who."])]
    assert [one.words for one in today.sections] == ["How?"]
    assert today.sections[0].blocks == [
        Block("ol", ["Open", "Look"]),
        Block("ul", ["a"]),
        Block("p", ["End."]),
    ]


@pytest.mark.parametrize("text", ["Words\n# today\n", "# today\nA\n# today\nB\n"])
def test_a_manual_without_order_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"chapter|twice"):
        read(text)


def test_questions_are_found_for_the_pages_that_one_may_use() -> None:
    found = headings("en", {"today"})
    assert {one.page for one in found} == {"today"}
    assert found[0].anchor == "q1"
