"""Carries one event through a conversation: lock, load, react, settle, write, commit, send."""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum
from uuid import UUID

from bot import reading, turn_store
from bot.acquaintance import forget, meet
from bot.alerts import relay
from bot.answers.every import ANSWERS
from bot.answers.form import forms_of
from bot.channels.channel import (
    Ignored,
    Inbound,
    Malformed,
    TextReceived,
    Unsent,
)
from bot.crash import crash_point
from bot.deeds import DEEDS
from bot.environment import Environment
from bot.metrics import IGNORED, TURN_SECONDS, TURNS
from bot.named import Named
from bot.outbox import LEASE, Ready, ReplyToken, Sender
from bot.rescue import hear, where, words_of
from bot.tokens import Tokens
from bot.turn import Turn
from clinic.db import COLLISIONS, Tx
from clinic.errors import DatabaseDown
from clinic.ids import new_key
from clinic.message.types import Message
from flows import dialogue, effects, events, texts
from nlu import red_flags
from nlu.reading import Reading

log = logging.getLogger(__name__)
FIRED: dict[str, events.PatientEvent | events.RouterEvent] = {
    "wait": events.TimedOut(),
    "handback": events.HandedBack(),
    "taken": events.TakenOver(),
}
MAX_REQUESTS = 30  # in one turn; more is a flow that runs in circles
TRIES = 4  # of a turn that the server chose as a deadlock's victim
REPLY_LIFE = timedelta(seconds=50)  # a LINE reply token is good for about a minute
APOLOGY = "service.apology"


class Handled(IntEnum):
    """What became of the events of an account: false if there was none (for us)."""

    NOTHING = 0
    LAST = 1  # none waits behind the one that was handled
    MORE_WAIT = 2


@dataclass(frozen=True, slots=True)
class Interpreted:
    """What an interpreter elsewhere made of the text of an event, asked without the lock."""

    event_id: int
    reading: Reading


class Runner:
    """Runs conversations. Any number of processes may: the conversation's lock orders them."""

    def __init__(self, env: Environment, sender: Sender) -> None:
        """Work in this environment and send what turns say through `sender`."""
        self._env = env
        self._sender = sender
        self._named = Named()

    async def handle_next(self, account_id: int, *, patiently: bool = True) -> Handled:
        """Handle the oldest waiting event of an account, if there is one (for us).

        Raises DatabaseDown; the event then waits for the sweep.
        """
        try:
            ready, handled = await self._try(account_id, patiently=patiently)
        except DatabaseDown:
            raise
        except Exception as error:
            # Never the message: it may hold a patient's words.
            log.error("turn failed: account=%s error=%s", account_id, where(error))
            ready, handled = await self._give_up(account_id), Handled.MORE_WAIT
        crash_point("turn_committed")
        await self._sender.deliver(ready)
        return handled

    async def _try(self, account_id: int, *, patiently: bool) -> tuple[list[Ready], Handled]:
        for left in reversed(range(TRIES)):
            try:
                return await self._handle(account_id, patiently=patiently)
            except COLLISIONS:
                if not left:
                    raise
        raise AssertionError("unreachable")

    async def fire(self, timer_id: int) -> bool:
        """Let a conversation's timer happen, if it is still wanted. False if it was not."""
        async with self._env.database.transaction() as tx:
            timer = await tx.fetchrow(
                """select t.kind, t.version, c.account_id from timer t
                   join conversation c on c.id = t.conversation_id
                   where t.id = $1 and t.state = 'waiting' and t.due_at <= now()""",
                timer_id,
            )
            if timer is None:
                return False
            loaded = await turn_store.take(tx, self._env.keys, timer["account_id"], patiently=False)
            if loaded is None:
                return False
            wanted = {
                "handback": True,
                "taken": loaded.owner == "staff",
                "wait": timer["version"] == loaded.turn,
            }[timer["kind"]]
            fired = await tx.fetchval(
                """update timer set state = $2, settled_at = now()
                   where id = $1 and state = 'waiting' and due_at <= now() returning id""",
                timer_id,
                "fired" if wanted else "skipped",
            )
            if not fired or not wanted:
                return False
            event = FIRED[timer["kind"]]
            ready = await self._react(tx, replace(loaded, event=None), event, None, None)
        await self._sender.deliver(ready)
        return True

    async def _handle(
        self,
        account_id: int,
        *,
        patiently: bool,
        profile: str | None = None,
        interpreted: Interpreted | None = None,
    ) -> tuple[list[Ready], Handled]:
        async with self._env.database.transaction() as tx:
            loaded = await turn_store.take(tx, self._env.keys, account_id, patiently=patiently)
            if loaded is None or loaded.event is None:
                return [], Handled.NOTHING
            handled = Handled.MORE_WAIT if loaded.more else Handled.LAST
            inbound = self._parse(loaded)
            if isinstance(inbound, Ignored):
                kind = inbound.kind[:24]
                IGNORED.labels(loaded.channel, kind).inc()
                await turn_store.settle_event(tx, loaded.event.id, "ignored", kind)
                return [], handled
            known = loaded.language is not None or profile is not None or inbound.language
            if known and self._is_interpreted(loaded, inbound, interpreted):
                return await self._turn(tx, loaded, inbound, profile, interpreted), handled
        # What others must be asked is asked outside the lock; then we come back.
        if not known:
            # A new patient: the platform may know the language.
            told = await self._env.channels[loaded.channel].profile(loaded.address)
            profile = str(told.get("language") or "")
        else:
            assert loaded.event is not None
            assert isinstance(inbound.content, TextReceived)
            language = loaded.language or profile or inbound.language or ""
            read = await self._env.interpreter.read(inbound.content.text, self._language(language))
            interpreted = Interpreted(loaded.event.id, read)
        return await self._handle(
            account_id, patiently=patiently, profile=profile, interpreted=interpreted
        )

    def _language(self, tag: str) -> str:
        supported = self._env.settings.clinic.languages
        return reading.supported_language(tag, supported) or supported[0]

    def _is_interpreted(
        self, loaded: turn_store.Loaded, inbound: Inbound, interpreted: Interpreted | None
    ) -> bool:
        """Whether nobody outside this process has to be asked about a text, or was already."""
        if self._env.interpreter.local or loaded.owner != "bot" or loaded.staff:
            return True
        if not isinstance(inbound.content, TextReceived):
            return True
        assert loaded.event is not None
        if interpreted is not None and interpreted.event_id == loaded.event.id:
            return True
        # An emergency waits for no other process.
        return red_flags.screen(inbound.content.text) is not None

    def _parse(self, loaded: turn_store.Loaded) -> Inbound | Ignored:
        assert loaded.event is not None
        channel = self._env.channels.get(loaded.channel)
        if channel is None:
            return Ignored("channel_off")
        if loaded.event.payload is None:
            return Ignored("unsent")
        try:
            inbound = channel.parse(loaded.event.payload)
        except Malformed:
            return Ignored("malformed")
        return inbound.content if isinstance(inbound.content, Ignored) else inbound

    async def _turn(
        self,
        tx: Tx,
        loaded: turn_store.Loaded,
        inbound: Inbound,
        profile: str | None,
        interpreted: Interpreted | None,
    ) -> list[Ready]:
        event, content = loaded.event, inbound.content
        assert event is not None
        if isinstance(content, Unsent):
            await forget(tx, loaded, content.message_id)
            return []
        loaded = await meet(tx, self._env, loaded, inbound, profile)
        read = reading.read(content, loaded, Tokens(self._env.keys, loaded.account_id))
        if read is None:
            await turn_store.settle_event(tx, event.id, "ignored", type(content).__name__)
            return []
        said = read.event
        if isinstance(said, events.Said):
            said = replace(said, reading=await self._interpret(tx, loaded, said.text, interpreted))
        return await self._react(tx, loaded, said, inbound, read.transcript)

    async def _interpret(
        self, tx: Tx, loaded: turn_store.Loaded, text: str, interpreted: Interpreted | None
    ) -> Reading | None:
        """What the text means, with the clinic's services and people that it names."""
        if loaded.owner != "bot" or loaded.staff:
            return None  # it is for staff, or theirs
        language = self._language(loaded.language or "")
        if interpreted is None:
            if not self._env.interpreter.local:
                return None  # a red flag, which is acted on by itself
            meaning = await self._env.interpreter.read(text, language)
        else:
            meaning = interpreted.reading
        entities = (*await self._named.find(tx, text), *meaning.entities)
        topics = self._env.topics.find(text, language)
        return replace(meaning, entities=entities, topics=topics)

    async def _react(
        self,
        tx: Tx,
        loaded: turn_store.Loaded,
        event: events.PatientEvent | events.RouterEvent,
        inbound: Inbound | None,
        transcript: str | None,
    ) -> list[Ready]:
        said = event.text if isinstance(event, events.Said | events.Edited) else ""
        turn = Turn.begin(self._env, loaded, said)
        turn.ctx = replace(turn.ctx, forms=await forms_of(tx, loaded.dialogue))
        with TURN_SECONDS.time():
            reaction = dialogue.receive(loaded.dialogue, event, turn.ctx)
            for _ in range(MAX_REQUESTS):
                await turn.do(tx, reaction.effects)
                turn.timeout = reaction.timeout
                if reaction.request is None:
                    break
                answer = await ANSWERS[type(reaction.request)](tx, turn.asker, reaction.request)
                turn.learn(answer)
                reaction = dialogue.answer(reaction.dialogue, answer, turn.ctx)
            else:
                raise RuntimeError("a flow runs in circles")
            turn.count(loaded.dialogue, reaction.dialogue, event)
            self._sender.nudge(await relay(tx, self._env, loaded, inbound, transcript))
            return await self._write(tx, loaded, turn, reaction.dialogue, inbound, transcript)

    async def _write(
        self,
        tx: Tx,
        loaded: turn_store.Loaded,
        turn: Turn,
        after: dialogue.Dialogue,
        inbound: Inbound | None,
        transcript: str | None,
    ) -> list[Ready]:
        channel = self._env.channels[loaded.channel]
        silent = not turn.says and after == loaded.dialogue
        number = loaded.turn if silent else loaded.turn + 1
        asked = loaded.asked
        messages: list[Message] = []
        if turn.says and not loaded.unreachable:
            composed, _ = texts.compose(
                turn.says,
                turn.ctx.language,
                lambda i: turn.tokens.question(number, i),
            )
            messages = [part for message in composed for part in channel.split(message)]
            asked = number
        # An earlier message that is still on its way goes first: then ours wait as pending.
        lease = new_key() if messages and not loaded.busy else None
        token = inbound.reply_token if inbound and loaded.event else None
        if token and loaded.event and loaded.now - loaded.event.received_at > REPLY_LIFE:
            token = None
        keyed = tuple((new_key(), message) for message in messages)
        seal = self._env.keys.seal
        written = await turn_store.write(
            tx,
            self._env.keys,
            turn_store.Writing(
                loaded=loaded,
                state=turn_store.seal_state(self._env.keys, loaded.conversation_id, after, asked),
                turn=number,
                event_state="done",
                event_reason=None,
                transcript=seal(transcript.encode(), "inbound.text", loaded.event.event_id)
                if transcript and loaded.event
                else None,
                message_id=inbound.message_id if inbound else None,
                messages=keyed,
                purpose="emergency" if any(say.urgent for say in turn.says) else "dialogue",
                lease=lease,
                lease_for=LEASE,
                reply_token=seal(token.encode(), "outbox.reply_token", keyed[0][0])
                if token and keyed
                else None,
                wait_for=turn.timeout,
                silent=silent,
                progress=turn.progress,
            ),
        )
        TURNS.labels("done").inc()
        if lease is None:
            self._sender.nudge(loaded.account_id if written else None)
            return []
        return self._ready(loaded, written, lease, token)

    def _ready(
        self,
        loaded: turn_store.Loaded,
        written: tuple[turn_store.Written, ...],
        lease: UUID,
        token: str | None,
    ) -> list[Ready]:
        age = (loaded.now - loaded.event.received_at).total_seconds() if loaded.event else 0.0
        read_at = asyncio.get_running_loop().time()
        return [
            Ready(
                id=row.id,
                key=row.key,
                account_id=loaded.account_id,
                channel=loaded.channel,
                address=loaded.address,
                message=row.message,
                lease=lease,
                reply=ReplyToken(token, age, read_at, False) if token and n == 0 else None,
            )
            for n, row in enumerate(written)
        ]

    async def _give_up(self, account_id: int) -> list[Ready]:
        """Close what cannot go on; whatever is wrong, the event does not come again."""
        try:
            return await self._fail(account_id, apologise=True)
        except DatabaseDown:
            raise
        except Exception as error:
            log.error("apology failed: account=%s error=%s", account_id, where(error))
            return await self._fail(account_id, apologise=False)

    async def _fail(self, account_id: int, *, apologise: bool) -> list[Ready]:
        """A bug, or a state that does not load: close it, apologise, call a person."""
        async with self._env.database.transaction() as tx:
            loaded = await turn_store.take(
                tx, self._env.keys, account_id, patiently=True, afresh=True
            )
            if loaded is None or loaded.event is None:
                return []
            TURNS.labels("failed").inc()
            turn = Turn.begin(self._env, loaded)
            await DEEDS[effects.Handoff](tx, turn.asker, effects.Handoff("flow_error"))
            await tx.execute(
                """insert into task (key, kind, conversation_id, detail)
                   values ($1, 'flow_error', $2, $3) on conflict (key) do nothing""",
                f"flow_error:{loaded.event.id}",
                loaded.conversation_id,
                {"inbound": loaded.event.id},
            )
            words = words_of(self._parse(loaded))
            await hear(tx, turn, words, say=apologise)
            if apologise:
                turn.says.append(effects.Say(APOLOGY))
            said = f"text:{words}" if words else None
            ready = await self._write(tx, loaded, turn, dialogue.Dialogue(), None, said)
            await turn_store.settle_event(tx, loaded.event.id, "failed", "flow_error")
            return ready
