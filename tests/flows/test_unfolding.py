"""Signs that unfold to many: 4,000 of them once held every conversation up."""

from flows import words

UNFOLDS = "\ufdfa"  # one sign, eighteen after NFKC


def test_a_text_that_unfolds_is_not_read_beyond_what_a_channel_can_carry() -> None:
    assert len(words.fold(UNFOLDS * 4000)) <= words.LONGEST
