"""What the bot says first, in the clinic's own words: shown as the patient will see it."""

from dataclasses import dataclass

from aiohttp import web

from admin.keys import SETTINGS
from admin.page import part
from admin.settings import form
from clinic import clock
from clinic.config import Settings
from clinic.consent.rules import PLACES, ByLanguage, fill
from clinic.message.types import Message
from clinic.setting.types import KEYS
from flows import texts, welcome
from flows.effects import Say
from flows.engine import Context, Step, start

PLACES_SHOWN = ", ".join(f"{{{one}}}" for one in PLACES)
OWN = ("clinic.own_greeting", "clinic.own_notice")


@dataclass(frozen=True, slots=True)
class Sample:
    """The first messages in a language, each under the name of where it is said."""

    language: str
    shown: tuple[tuple[str, tuple[Message, ...]], ...]


async def preview(request: web.Request) -> web.Response:
    """The first messages with the words as they stand in the form."""
    posted, _, _ = form.read(
        request.app[SETTINGS],
        [KEYS[name] for name in OWN],
        frozenset(),
        await request.post(),
        lambda _: [],
    )
    found = samples(request.app[SETTINGS], *(posted[name] for name in OWN))
    return part(request, "settings/templates/samples.html", samples=found)


def samples(settings: Settings, greeting: ByLanguage, notice: ByLanguage) -> list[Sample]:
    """What a new patient is told in each language of the chat, with these words of the clinic."""
    clinic = settings.clinic
    named = clinic.name, clinic.phone
    found = []
    for language in clinic.languages:
        ctx = Context(
            now=clock.now(),
            language=language,
            languages=clinic.languages,
            clinic_name=clinic.name,
            clinic_phone=clinic.phone,
            emergency_number=clinic.emergency_number,
            notice_version=clinic.notice_in_force,
            channel="webchat",
            consented=False,
            own_greeting=fill(greeting, *named),
            own_notice=fill(notice, *named),
        )
        in_full = welcome.Notice(ctx.notice_version, in_full=True)
        found.append(Sample(language, (("first", _said(ctx)), ("in_full", _said(ctx, in_full)))))
    return found


def _said(ctx: Context, step: Step | None = None) -> tuple[Message, ...]:
    says = [one for one in start(welcome.flow, ctx, step).effects if isinstance(one, Say)]
    return texts.compose(says, ctx.language, str)[0]
