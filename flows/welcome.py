"""The first words: language, and the privacy notice in force."""

from dataclasses import dataclass

from clinic.message.types import Worded
from flows.effects import Choice, GiveConsent, Say, SetLanguage
from flows.engine import Context, Flow, Move, done, goto, wait
from flows.events import Chose, Entered, Event
from flows.language import choices
from flows.navigation import back, person
from flows.navigation import hint as not_understood


@dataclass(frozen=True, slots=True)
class Greet:
    """Greets, and asks for the language unless the patient has chosen one."""

    def on(self, event: Event, ctx: Context) -> Move:
        """Greet in the language that was guessed."""
        greeting = _greeting(ctx)
        match event:
            case Chose(value) if value in ctx.languages:
                return goto(Notice(ctx.notice_version, asked_language=True), SetLanguage(value))
            case Entered() if ctx.language_chosen:
                return goto(Notice(ctx.notice_version), greeting)
            case Entered():
                return wait(self, greeting, Say("language.ask", choices=(*choices(ctx), person)))
        return wait(self, not_understood, Say("language.ask", choices=(*choices(ctx), person)))


@dataclass(frozen=True, slots=True)
class Notice:
    """The privacy notice: what agreeing means is exactly what was shown, so the version is kept."""

    version: str
    asked_language: bool = False
    in_full: bool = False

    def on(self, event: Event, ctx: Context) -> Move:
        """Agreeing is recorded; not agreeing shuts nobody out."""
        match event:
            case Chose("yes") if ctx.notice_version == self.version:
                return done(self, GiveConsent(self.version), Say("welcome.agreed"))
            case Chose("yes"):
                renewed = Notice(ctx.notice_version, self.asked_language)
                return goto(renewed, Say("welcome.notice_changed"))
            case Chose("no"):
                return done(self, Say("welcome.declined"))
            case Chose("more"):
                return goto(Notice(self.version, self.asked_language, in_full=True))
        hint = () if isinstance(event, Entered) else (not_understood,)
        text = "welcome.notice_in_full" if self.in_full else "welcome.notice"
        answers = (
            Choice("yes", "welcome.yes", role="primary"),
            *(() if self.in_full else (Choice("more", "welcome.more"),)),
            Choice("no", "welcome.no"),
            *((back,) if self.asked_language or self.in_full else ()),
            person,
        )
        # The language may have been chosen in this very turn: it is known when words are put in.
        own = Worded(ctx.own_notice)
        return wait(self, *hint, Say(text, {"clinic": ctx.clinic_name, "own": own}, answers))


def _greeting(ctx: Context) -> Say:
    if ctx.own_greeting.get(ctx.language):
        return Say("welcome.own_greeting", {"words": Worded(ctx.own_greeting)})
    return Say("welcome.greeting", {"clinic": ctx.clinic_name})


flow = Flow("welcome", version=1, start=Greet, steps=(Greet, Notice))
