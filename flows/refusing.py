"""Words that put off what is asked, or want none of it: of a fact they say nothing. Pure.

"Not now" under "Is she breathing?" is somebody who goes away, and no "no".
"""

import re

from flows import words
from flows.engine import Session

# Who says these goes away from what is asked; alone, or between `_BEFORE` and `_AFTER`. "Later" and
# "not today" are not among them: under a list of days they are answers.
_PUT_OFF = """
    not now; not right now; never mind; nevermind; nvm; forget it; forget about it; forget that;
    maybe later; leave it; drop it; i'd rather not; i changed my mind; やめます; やめる;
    やめとく; やめとこう; やめておく; やめておきます; やめときます; やめました; 今はいい;
    今はいいです; 今はやめます; もういい; もういいです; また後で; またあとで; また今度;
    今度にします; 気にしないで; 忘れてください; 算了; 算了吧; 算了算了; 先不要; 先不用; 先不了;
    先算了; 先這樣; 先这样; 不要了; 不弄了; 不做了; 不問了; 不问了; 現在不要; 现在不要; 下次吧;
    下次再說; 下次再说; 以後再說; 以后再说; 當我沒說; 当我没说; не надо; не сейчас; не хочу;
    в другой раз; забудьте; забудь; передумал; передумала; неважно; не важно; проехали
"""
# Want none of something that is offered: a "no" there, but nothing that is said of a fact.
_WANT_NONE = """
    no thanks; no thank you; 結構です; いいです; いや; 不要; 不用; 不用了; 不了; не нужно
"""
_BEFORE = (
    "no|oh|ok|okay|well|actually|sorry|いいえ|いえ|いや|やっぱり|やはり|じゃあ|それなら|すみません"
    "|不|那|那就|還是|还是|我|нет|ой|ладно|ну|тогда|лучше|давайте|извините"
)
_AFTER = "please|thanks|thank you|then|now|です|ます|ね|わ|吧|了|謝謝|谢谢|спасибо|пожалуйста"
_NONE_OF_IT = re.compile(
    r"^(?:no|nope|いいえ|いえ|ううん|ちがいます|違います|没有|沒有|不是|нет|неа)(?:\W|$|[぀-鿿])"
    r"|(?:^|\W)нет$|(?:[はがもに]|全然|^)ない(?:です)?$|(?:なし|ありません|没有|沒有)$"
)


def _alternatives(lines: str) -> str:
    phrases = sorted((words.fold(it) for it in lines.split(";")), key=len, reverse=True)
    return "|".join(map(re.escape, phrases))


_put_off = re.compile(
    rf"(?:(?:{_BEFORE})\s*)*(?:{_alternatives(_PUT_OFF)})(?:\s*(?:{_AFTER}))*", re.IGNORECASE
)
_want_none = re.compile(rf"(?:(?:{_BEFORE})\s*)*(?:{_alternatives(_WANT_NONE)})")


def puts_off(text: str) -> bool:
    """Whether the whole text says that this is not to be gone on with, now or at all."""
    return _put_off.fullmatch(words.fold(text)) is not None


def denies(text: str) -> bool:
    """Whether a text that is taken for a "no" says for certain that something is not so."""
    folded = words.fold(text)
    if _put_off.fullmatch(folded) or _want_none.fullmatch(folded):
        return False
    return words.read(text) is words.Word.NO or _NONE_OF_IT.search(folded) is not None


def leaves(text: str, top: Session) -> bool:
    """Whether the patient goes away from what runs: as if they had written "cancel".

    A text of their own may be made of any words, but where a triage asks for one.
    """
    own_words = getattr(top.step, "free_text", False) and top.flow != "triage"
    return not own_words and puts_off(text)


def is_no_answer(word: words.Word, text: str, top: Session | None) -> bool:
    """Whether what is taken for a "no" may not be one, where a fact is asked for."""
    asks_facts = getattr(top and top.step, "asks_facts", False)
    return asks_facts and word is words.Word.NO and not denies(text)
