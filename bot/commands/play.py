"""`kayoi play`: a conversation in the terminal, in memory only."""

import sys
from dataclasses import replace
from zoneinfo import ZoneInfo

from clinic import clock
from clinic.config import Settings
from clinic.errors import KayoiError
from clinic.message.types import Message
from flows.play import PRACTITIONERS, SERVICES, Play
from flows.registry import FLOWS
from nlu.embedded import Embedded
from nlu.names import Names
from nlu.reading import Reading


async def play(settings: Settings, flow: str, language: str) -> None:
    """Play a flow with what is typed; an empty line or the end of input ends it.

    Raises KayoiError on an unknown flow or language.
    """
    names = sorted({name for name, _ in FLOWS})
    if flow not in names:
        raise KayoiError(f"no flow {flow}; there are: {', '.join(names)}")
    if language not in settings.clinic.languages:
        raise KayoiError(f"no language {language}: {', '.join(settings.clinic.languages)}")
    now = clock.now().astimezone(ZoneInfo(settings.clinic.time_zone))
    services = {str(it.id): [it.name] for it in SERVICES}
    named = Names(services, {str(it.id): [it.name] for it in PRACTITIONERS})
    embedded = Embedded()

    def interpret(text: str, language: str) -> Reading:
        found = embedded.reading(text, language)
        return replace(found, entities=(*named.find(text), *found.entities))

    played = Play(now, language, interpret)
    print("Answer by number or in words; an empty line ends it.", file=sys.stderr, flush=True)
    _show(played.begin(flow))
    for line in sys.stdin:
        if not line.strip():
            return
        _show(played.hear(line.strip()))


def _show(messages: tuple[Message, ...]) -> None:
    number = 0
    for message in messages:
        print(message.text)
        if message.card:
            print(f"  {message.card.title}")
            for label, value in message.card.rows:
                print(f"    {label}: {value}")
        for button in message.buttons:
            number += 1
            print(f"  {number}. {button.label}")
        for link in message.links:
            print(f"  {link.label}: {link.url}")
        print(flush=True)
