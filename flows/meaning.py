"""What the intents of an interpreter are in the words of this assistant. Pure."""

from flows import words
from flows.events import Said
from flows.words import Word
from nlu.reading import ACT

FLOW_OF = {
    Word.BOOK: "booking",
    Word.VISITS: "visits",
    Word.MOVE: "visits",
    Word.CANCEL: "visits",
    Word.LINK: "link",
    Word.LANGUAGE: "language",
    Word.HELP: "help",
    Word.WAITLIST: "waitlist",
}
WORD_OF = {
    "book": Word.BOOK,
    "move": Word.MOVE,
    "cancel": Word.CANCEL,
    "my_visits": Word.VISITS,
    "confirm": Word.YES,
    "deny": Word.NO,
    "talk_to_person": Word.PERSON,
    "thanks": Word.THANKS,
    "greeting": Word.HELLO,
    "help": Word.HELP,
    "change_language": Word.LANGUAGE,
}


def word_of(said: Said) -> Word | None:
    """The command in a text, as its words or the interpreter tell it for certain."""
    if word := words.read(said.text):
        return word
    if said.reading is None or said.reading.confidence < ACT:
        return None
    return WORD_OF.get(said.reading.intent)
