"""Signs that unfold to many: 4,000 of them once held every conversation up."""

from flows import safety, words

UNFOLDS = "\ufdfa"  # one sign, eighteen after NFKC


def test_a_text_that_unfolds_is_not_read_beyond_what_a_channel_can_carry() -> None:
    assert len(words.fold(UNFOLDS * 4000)) <= words.LONGEST


def test_a_red_flag_at_the_end_of_the_longest_honest_text_is_heard() -> None:
    assert safety.screen("a " * 2480 + "I have chest pain and cannot breathe") is not None
