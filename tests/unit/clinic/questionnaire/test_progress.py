"""How far a patient has come, as the chat tells it."""

from clinic.questionnaire import rules
from tests.unit.clinic.questionnaire.making import MEDICINES, ON, SMOKING, given


def test_progress_counts_what_is_known_to_come() -> None:
    assert rules.progress(SMOKING, rules.begin(ON)) == (1, 2)
    assert rules.progress(SMOKING, given(SMOKING, True)) == (2, 3)
    assert rules.progress(SMOKING, given(SMOKING, False, None)) == (2, 2)
    assert rules.progress(MEDICINES, rules.begin(ON)) == (1, 1)


def test_a_count_went_from_nine_to_ten() -> None:
    """A total is told once no answer to come can change it."""
    assert not rules.count_is_sure(SMOKING, rules.begin(ON))
    assert rules.count_is_sure(SMOKING, given(SMOKING, True))
    assert rules.count_is_sure(SMOKING, given(SMOKING, False, None))
    assert not rules.count_is_sure(MEDICINES, rules.begin(ON))
