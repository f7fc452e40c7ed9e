"""Where a text may be cut without tearing what a reader sees as one character."""

import re
import unicodedata

JOINER = "\u200d"
# Extend of Unicode's text segmentation (UAX 29) beyond the category Mark: the non-joiner, the
# joiner, half-width voicing marks, skin tones, and the tags of flags.
EXTENDING = re.compile("[\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def breaks_at(text: str, index: int) -> bool:
    """Whether a character that a reader sees begins at `index` (true at both ends)."""
    if not 0 < index < len(text):
        return True
    before, after = text[index - 1], text[index]
    if (before, after) == ("\r", "\n") or before == JOINER:
        return False
    if unicodedata.category(after)[0] == "M":
        return False
    if EXTENDING.match(after):
        return False
    if _is_flag_letter(before) and _is_flag_letter(after):
        start = index
        while start and _is_flag_letter(text[start - 1]):
            start -= 1
        return (index - start) % 2 == 0
    return not _same_syllable(before, after)


def _is_flag_letter(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _same_syllable(before: str, after: str) -> bool:
    """Hangul written letter by letter."""
    leads = "\u1100" <= before <= "\u115f"
    if leads and ("\u1100" <= after <= "\u11a7" or "\uac00" <= after <= "\ud7a3"):
        return True
    hangul = "\u1160" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3"
    return hangul and "\u1160" <= after <= "\u11ff"
