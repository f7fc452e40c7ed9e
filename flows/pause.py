"""The router's own questions: something was interrupted, what now? Only the router acts on them."""

from dataclasses import dataclass, replace
from typing import Literal

from flows.effects import Choice, Say
from flows.engine import Context, Flow, Move, wait
from flows.events import Entered, Event
from flows.navigation import DROP, PERSON, RESTART, RESUME, START, menu, person
from flows.navigation import hint as not_understood
from flows.words import Word

Why = Literal[
    "silence", "return", "handed_back", "stopped", "cancel", "again", "not_understood", "media"
]
TEXTS: dict[Why, str] = {
    "silence": "pause.silence",
    "return": "pause.return",
    "handed_back": "pause.handed_back",
    "stopped": "pause.stopped",
    "cancel": "pause.cancel",
    "again": "pause.again",
    "not_understood": "pause.not_understood",
    "media": "pause.media",
}


MEDIA = {
    "audio": "pause.media_voice",
    "image": "pause.media_picture",
    "video": "pause.media_picture",
    "location": "pause.media_place",
}


@dataclass(frozen=True, slots=True)
class Paused:
    """Go on, or what else? `unfinished` names the flow that waits below, "" if none does.

    `media`: the kind of what was sent, if that is why.
    """

    why: Why
    unfinished: str = ""
    media: str = ""

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Put the question again, whatever was said."""
        hint = () if isinstance(event, Entered) else (not_understood,)
        return wait(
            self, *hint, Say(MEDIA.get(self.media, TEXTS[self.why]), choices=self._choices())
        )

    def meaning(self, word: Word) -> str | None:
        """The choice that a typed yes or no stands for; None where it would mean two things."""
        if word not in (Word.YES, Word.NO) or self.why in ("again", "cancel", "media"):
            return None
        if self.why == "not_understood" and word is Word.YES:
            return PERSON
        if not self.unfinished:
            return None
        resumes = word is Word.YES
        if self.why in ("stopped", "not_understood"):
            resumes = not resumes
        return (RESUME if resumes else DROP) + self.unfinished

    def _choices(self) -> tuple[Choice, ...]:
        # Where staff are what is proposed, their button is as large as the others.
        staff = (
            replace(person, role="choice") if self.why in ("media", "not_understood") else person
        )
        ways_out = (staff, menu)
        if not self.unfinished:
            return ways_out
        go_on = Choice(RESUME + self.unfinished, "pause.go_on", role="primary")
        leave_it = Choice(DROP + self.unfinished, "pause.leave_it")
        match self.why:
            case "again":
                anew = Choice(RESTART + self.unfinished, "pause.begin_anew")
                return (go_on, anew, *ways_out)
            case "cancel":
                booked = Choice(START + "visits", "pause.cancel_booked")
                return (leave_it, booked, go_on, *ways_out)
        return (go_on, leave_it, *ways_out)


flow = Flow("pause", version=1, start=lambda: Paused("return"), steps=(Paused,))
