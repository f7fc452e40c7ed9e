"""The language of the conversation."""

from dataclasses import dataclass

from flows.effects import Choice, Say, SetLanguage, named
from flows.engine import Context, Flow, Move, done, wait
from flows.events import Chose, Entered, Event
from flows.navigation import WAYS_OUT, menu
from flows.navigation import hint as not_understood

# Each in its own script, so that whoever cannot read the rest finds it.
NAMES = {
    "ja": "日本語",
    "en": "English",
    "zh-Hant": "繁體中文",
    "zh-Hans": "简体中文",
    "ru": "Русский",
}


def choices(ctx: Context) -> tuple[Choice, ...]:
    """The languages of the clinic."""
    return tuple(named(language, NAMES[language]) for language in ctx.languages)


@dataclass(frozen=True, slots=True)
class AskLanguage:
    def on(self, event: Event, ctx: Context) -> Move:
        """Ask for one of the clinic's languages; what follows is said in it."""
        match event:
            case Chose(value) if value in ctx.languages:
                return done(self, SetLanguage(value), Say("language.changed", choices=(menu,)))
        hint = () if isinstance(event, Entered) else (not_understood,)
        return wait(self, *hint, Say("language.ask", choices=(*choices(ctx), *WAYS_OUT)))


flow = Flow("language", version=1, start=AskLanguage, steps=(AskLanguage,))
