"""Templates of documents, filling them in, and what answers come to."""

import pytest

from clinic.document import rules
from clinic.document.service import _shipped
from clinic.document.types import ANSWERS, Block, Draft, Field, Problem

LANGUAGES = ("ja", "en", "zh-Hant", "zh-Hans", "ru")


def draft(text="Dear {name}", title="Letter", fields=()):
    return Draft("referral", {"en": title}, {"en": text}, tuple(fields))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"en": ""}, ()),
        ({"en": "goal: Goals\n\n diet : Diet "}, (("goal", "Goals"), ("diet", "Diet"))),
        ({"en": "Goal: Goals"}, Problem("field", "Goal: Goals")),
        ({"en": "goal"}, Problem("field", "goal")),
        ({"en": "goal: " + "x" * 121}, Problem("field", ("goal: " + "x" * 121)[:120])),
        ({"en": "name: Whose"}, Problem("field", "name: Whose")),
        ({"en": "\n".join(f"f{n}: F" for n in range(25))}, Problem("fields")),
    ],
)
def test_fields_are_lines_of_name_and_label(written, found):
    read = rules.read_fields(written)
    if isinstance(found, Problem):
        assert read == found
    else:
        assert tuple((one.name, one.labels["en"]) for one in read) == found


def test_a_field_has_a_label_in_each_language_that_names_it():
    fields = rules.read_fields({"en": "goal: Goals", "ja": "goal: 目標\ndiet: 食事"})
    assert fields == (
        Field("goal", {"en": "Goals", "ja": "目標"}),
        Field("diet", {"ja": "食事"}),
    )
    assert rules.written_fields(fields, "ja") == "goal: 目標\ndiet: 食事"
    assert rules.written_fields(fields, "en") == "goal: Goals"


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (draft(), None),
        (Draft("referral", {}, {}), Problem("empty")),
        (draft(title=""), Problem("title", "en")),
        (draft(title="x" * 121), Problem("title", "en")),
        (draft("x" * 12_001), Problem("length", "en")),
        (draft("{nmae}"), Problem("placeholder", "nmae")),
        (draft(title="{nmae}"), Problem("placeholder", "nmae")),
        (draft("{goal}", fields=[Field("goal", {"en": "Goals"})]), None),
    ],
)
def test_what_keeps_a_template_from_being_kept(one, problem):
    assert rules.problem_of(one) == problem


def test_places_are_filled_once_and_what_a_value_says_is_never_read_again():
    one = draft("## For {name}\n{goal}", "{name}", [Field("goal", {"en": "Goals"})])
    filled = rules.fill(one, "en", {"name": "{goal}", "goal": "a\n\n## b {name}"})
    assert filled.content.title == "{goal}"
    assert filled.content.blocks == (
        Block("heading", "For {goal}"),
        Block("text", "a\n\n## b {name}"),
    )
    assert (filled.unknown, filled.empty) == ((), ())


def test_unknown_and_empty_places_are_named_once_each_and_stay_as_they_were():
    filled = rules.fill(draft("{name} {name} {nmae} {chart}"), "en", {"chart": "  "})
    assert filled.unknown == ("nmae",)
    assert filled.empty == ("name", "chart")
    assert filled.content.blocks[0].text == "{name} {name} {nmae} {chart}"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("a\nb\n\n\nc", [("text", "a\nb"), ("text", "c")]),
        ("a\r\n## h \r\nb", [("text", "a"), ("heading", "h"), ("text", "b")]),
        ("##h", [("text", "##h")]),
    ],
)
def test_text_is_parted_into_headings_and_paragraphs(text, blocks):
    assert [(one.kind, one.text) for one in rules.blocks_of(text)] == blocks


def test_numbers_have_the_year_and_six_digits():
    assert rules.number_of(2026, 42) == "2026-000042"


@pytest.mark.parametrize(
    ("standing", "pressed", "read", "outcome"),
    [
        (None, "agreed", False, "unread"),
        (None, "agreed", True, "agreed"),
        ("refused", "agreed", True, "agreed"),
        ("withdrawn", "agreed", True, "agreed"),
        ("agreed", "agreed", True, "same"),
        (None, "refused", False, "refused"),
        ("refused", "refused", True, "same"),
        ("withdrawn", "refused", True, "same"),
        ("agreed", "refused", True, "withdrawn"),
        ("agreed", "withdrawn", True, "withdrawn"),
        (None, "asked", False, "asked"),
        ("agreed", "asked", True, "asked"),
    ],
)
def test_what_an_answer_comes_to(standing, pressed, read, outcome):
    assert pressed in ANSWERS
    assert rules.outcome_of(standing, pressed, read=read) == outcome


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_templates_are_whole_in_every_language(language):
    kinds = set()
    for one in _shipped().values():
        fields = tuple(Field(name, labels) for name, labels in one["fields"].items())
        shipped = Draft(one["kind"], one["titles"], one["texts"], fields)
        assert rules.problem_of(shipped) is None
        asked = rules.places(shipped.titles[language] + shipped.texts[language])
        assert {field.name for field in fields} <= set(asked)
        assert all(field.labels[language] for field in fields)
        assert set(asked) == set(rules.places(shipped.titles["en"] + shipped.texts["en"]))
        kinds.add(shipped.kind)
    assert kinds == {"certificate", "referral", "consent", "care_plan", "contract"}
