"""Topics of the clinic's own: names, answers and examples, and a sentence to try them with."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.faq.tried import tried
from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, staff_of
from clinic.faq.own import in_use, own_topic, retire_own, save_own
from clinic.faq.rules import problem_of
from clinic.faq.service import tidy
from clinic.faq.types import (
    MAX_ANSWER,
    MAX_EXAMPLE,
    MAX_EXAMPLES,
    MAX_NAME,
    MOST_OWN,
    OwnTopic,
    OwnWords,
)

SENTENCE = 300  # characters of what is tried
NEW = 0  # the id of a topic that has none yet


async def begin(request: web.Request) -> web.Response:
    """An empty form."""
    return await _show(request, OwnTopic(NEW, OwnWords({}, {}, {})))


async def edit(request: web.Request) -> web.Response:
    """A topic as it is."""
    return await _show(request, await _topic(request))


async def save(request: web.Request) -> web.StreamResponse:
    """Write a topic, a new one or one of a number."""
    topic = await _topic(request) if "own" in request.match_info else None
    words = _written(request, await request.post())
    begun = OwnTopic(topic.id if topic else NEW, words, retired=bool(topic and topic.retired))
    if problem := problem_of(words):
        return await _show(request, begun, status=422, problem=problem)
    async with request.app[DATABASE].transaction() as tx:
        saved = await save_own(tx, staff_of(request), topic.id if topic else None, words)
    if saved is None:
        return await _show(request, begun, status=422, problem="too_many")
    return go_to(f"/faq?saved=own#own-{saved}")


async def weigh(request: web.Request) -> web.Response:
    """Try a sentence, with the topic as it is in the form. Nothing is saved."""
    form = await request.post()
    topic = await _topic(request) if "own" in request.match_info else None
    words = _written(request, form)
    begun = OwnTopic(topic.id if topic else NEW, words, retired=bool(topic and topic.retired))
    settings = request.app[SETTINGS]
    sentence = str(form.get("sentence", "")).strip()[:SENTENCE]
    language = str(form.get("language", ""))
    if language not in settings.clinic.languages:
        language = settings.clinic.languages[0]
    async with request.app[DATABASE].transaction() as tx:
        others = [one for one in await in_use(tx) if one.id != begun.id]
        now = await tx.fetchval("select now()")
    mine = [begun] if words.names and not begun.retired else []
    local = now.astimezone(ZoneInfo(settings.clinic.time_zone))
    found = await tried(sentence, language, [*mine, *others], settings, local)
    return await _show(request, begun, sentence=sentence, language=language, found=found)


async def retire(request: web.Request) -> web.StreamResponse:
    """Take a topic out of use."""
    return await _retire(request, retired=True)


async def restore(request: web.Request) -> web.StreamResponse:
    """Put it back to use."""
    return await _retire(request, retired=False)


async def _retire(request: web.Request, *, retired: bool) -> web.StreamResponse:
    topic = await _topic(request)
    async with request.app[DATABASE].transaction() as tx:
        changed = await retire_own(tx, staff_of(request), topic.id, retired=retired)
    if not changed and topic.retired and not retired:
        return await _show(request, topic, status=422, problem="too_many")
    return go_to(f"/faq?retired={topic.id}#own" if retired else f"/faq?saved=own#own-{topic.id}")


async def _topic(request: web.Request) -> OwnTopic:
    async with request.app[DATABASE].transaction() as tx:
        topic = await own_topic(tx, int(request.match_info["own"]))
    if topic is None:
        raise web.HTTPNotFound
    return topic


def _written(request: web.Request, form: Mapping[str, object]) -> OwnWords:
    """The form's words: empty ones are left out, an example is a line."""

    def said(name: str) -> dict[str, str]:
        languages = request.app[SETTINGS].clinic.languages
        texts = {tag: tidy(str(form.get(f"{name}-{tag}", ""))) for tag in languages}
        return {tag: text for tag, text in texts.items() if text}

    names = {tag: " ".join(name.split()) for tag, name in said("name").items()}
    examples = {
        tag: tuple(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))
        for tag, lines in said("examples").items()
    }
    return OwnWords(names, said("answer"), examples)


async def _show(
    request: web.Request, topic: OwnTopic, *, status: int = 200, **values: object
) -> web.Response:
    known: dict[str, object] = {"problem": None, "sentence": "", "language": "", "found": None}
    limits = {"name": MAX_NAME, "answer": MAX_ANSWER, "examples": MAX_EXAMPLES}
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "faq/templates/own.html",
            "faq",
            status=status,
            topic=topic,
            words=topic.words,
            limits=limits | {"example": MAX_EXAMPLE, "topics": MOST_OWN, "sentence": SENTENCE},
            **(known | values),
        )
