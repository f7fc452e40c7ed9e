"""What a typed answer chooses."""

import pytest

from flows.choosing import offered
from flows.effects import Offer

DOCTORS = (
    Offer("11", "Dr. Sato"),
    Offer("12", "Dr. Ito"),
    Offer("13", "Dr. Ito Hanako"),
    Offer("back", "Back"),
)
TIMES = (Offer("a", "9:00"), Offer("b", "10:00"))
YES = (Offer("yes", "Yes, book it"), Offer("change", "Change something"), Offer("menu", "Menu"))


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("Dr. Sato", "11"),
        ("sato", "11"),
        ("ito", None),  # two of them
        ("hanako", "13"),
        ("sat", None),  # no whole word
        ("2", "12"),
        ("the first one", "11"),
        ("2nd", "12"),
        ("last one", "13"),  # of the doctors: the ways out are not counted
        ("fifth", None),
        ("二番目", "12"),
        ("最初の", "11"),
        ("第三个", "13"),
        ("второй", "12"),
        ("bac", None),
        ("dr", None),  # too little
        ("", None),
    ],
)
def test_a_choice_is_typed_by_label_number_order_or_a_part_of_one_label(said, value):
    assert offered(DOCTORS, said) == value


def test_a_number_under_times_is_no_place_in_the_list_but_an_order_is():
    assert offered(TIMES, "2") is None
    assert offered(TIMES, "second") == "b"


def test_a_part_of_a_label_in_han_may_stand_anywhere():
    services = (Offer("1", "一般診察"), Offer("2", "超音波検査"))
    assert offered(services, "超音波") == "2"
    assert offered(services, "検") is None


def test_what_cannot_be_undone_needs_more_than_a_part_of_its_label():
    assert offered(YES, "book") is None
    assert offered(YES, "yes, book it") == "yes"
    assert offered(YES, "change") == "change"


def test_where_text_is_asked_for_only_a_whole_label_is_the_choice():
    assert offered(DOCTORS, "1", numbers=False) is None
    assert offered(DOCTORS, "sato", numbers=False) is None


def test_a_place_in_an_empty_list_is_nothing():
    assert offered((Offer("back", "Back"),), "last") is None
