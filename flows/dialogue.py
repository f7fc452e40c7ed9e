"""What a conversation makes of each thing that happens to it. Pure.

Who is heard, in this order: the red flags, "stop" and "start", the staff who own the conversation,
the privacy notice, and then whatever runs.
"""

from dataclasses import replace

from flows import (
    booking,
    by_sms,
    emergency,
    faq,
    guess,
    handoff,
    language,
    link,
    navigation,
    pause,
    refusing,
    staff_chat,
    subscription,
    told,
    triage,
    unasked,
    visits,
    welcome,
    words,
)
from flows.choosing import offered
from flows.effects import Alarm, Escalate, Offer, Say
from flows.engine import BACK, Context, leave
from flows.events import (
    Answer,
    Began,
    Chose,
    Edited,
    Event,
    HandedBack,
    Left,
    PressedAction,
    PressedOld,
    Said,
    SentMedia,
    TakenOver,
    TimedOut,
)
from flows.faq_effects import Unanswered, Understood
from flows.meaning import FLOW_OF, WORD_OF
from flows.notice import action_flow, first_step, notice_due, show_notice
from flows.reached import remembering
from flows.registry import newest
from flows.returning import subscribe, take_back, with_you_again
from flows.stack import (
    PASSING,
    Dialogue,
    Reaction,
    again,
    begin,
    below,
    cancels,
    drop,
    go_back,
    interrupt,
    open_flow,
    react,
    resume,
    rise,
    run,
    show_menu,
    suspend,
    top_of,
    unfinished,
    without,
)
from flows.words import Word
from nlu import own_topic, red_flags
from nlu.reading import ACT

__all__ = ["Dialogue", "Offer", "Reaction", "alarm", "answer", "receive"]


def receive(dialogue: Dialogue, event: Event, ctx: Context) -> Reaction:
    """React to something the patient did, to a time-out or to a hand-back."""
    ctx = replace(ctx, reached=dialogue.reached)
    return remembering(dialogue, _alarmed(_received(dialogue, event, ctx), ctx), ctx)


def _received(dialogue: Dialogue, event: Event, ctx: Context) -> Reaction:
    if ctx.staff:
        return staff_chat.receive(dialogue, event, ctx)
    if linking := staff_chat.link(dialogue, event, ctx):
        return linking
    dialogue, event = staff_chat.without_staffs(dialogue, event)
    if ctx.channel == "sms" and (short := by_sms.receive(dialogue, event, ctx)):
        return short
    match event:
        case Left():
            closed = Dialogue(declined=dialogue.declined)
            return Reaction(closed, leave(dialogue.stack[-1]) if dialogue.stack else ())
        case TimedOut():
            return _silence(dialogue, ctx)
        case HandedBack():
            return with_you_again(dialogue, ctx)
        case TakenOver():
            return react(dialogue, (Say("handoff.answered_by", {"name": ctx.owner_name}),), ctx)
        case Said(said) | Edited(said):
            flag = red_flags.screen(said)
            kept = unasked.keeping(dialogue, event, flag, ctx)
            if flag and (flagged := _flagged(kept, flag, ctx)):
                return flagged
            if isinstance(event, Edited):
                return Reaction(dialogue)
            command = words.command(said)
            if command is Word.STOP or (command is Word.START and ctx.opted_out):
                return subscribe(dialogue, command, ctx)
    if ctx.owner != "bot":
        return _owned(dialogue, event, ctx)
    if notice_due(dialogue, event, ctx):
        return show_notice(dialogue, event, ctx)
    return _heard(dialogue, event, ctx)


def answer(dialogue: Dialogue, event: Answer, ctx: Context) -> Reaction:
    """Go on with the world's answer to the running session's request."""
    ctx = replace(ctx, reached=dialogue.reached)
    return _alarmed(run(below(dialogue), dialogue.stack[-1], event, ctx), ctx)


def _alarmed(reaction: Reaction, ctx: Context) -> Reaction:
    """A red flag among the answers of a flow comes before whatever the flow goes on to say."""
    raised = next((it for it in reaction.effects if isinstance(it, Alarm)), None)
    if raised is None:
        return reaction
    done = tuple(it for it in reaction.effects if not isinstance(it, Alarm | Say))
    alarmed = alarm(reaction.dialogue, red_flags.RedFlag(raised.rule, raised.level), ctx)
    called = Escalate(raised.rule, raised.level, raised.source, raised.patient_id, raised.reasons)
    said = tuple(called if isinstance(it, Escalate) else it for it in alarmed.effects)
    return replace(alarmed, effects=done + said)


def alarm(dialogue: Dialogue, flag: red_flags.RedFlag, ctx: Context) -> Reaction:
    """A red flag of the rules, or one that other readers raised: emergency text, and a doctor."""
    escalated = () if flag.negated else (Escalate(flag.rule, flag.level),)
    if ctx.owner != "bot":
        return Reaction(dialogue, (*escalated, *emergency.words(flag, ctx)))
    dialogue, left = suspend(dialogue if flag.negated else rise(dialogue, flag.level))
    step = emergency.first_step(flag, unfinished(dialogue))
    return open_flow(dialogue, emergency.flow, ctx, step, (*escalated, *left))


# What the patient does ----------------------------------------------------------------------------


def _heard(dialogue: Dialogue, event: Event, ctx: Context) -> Reaction:
    top = top_of(dialogue)
    match event:
        case Began(code) if code:
            return open_flow(dialogue, link.flow, ctx, link.code_step(code))
        case Began():
            if top is None or top.flow in PASSING - {"pause", "emergency"}:
                return show_menu(dialogue, ctx)
            asked = top.flow in PASSING or top.flow == welcome.flow.name
            return again(dialogue, ctx) if asked else interrupt(dialogue, "return", ctx)
        case PressedAction():
            flow, step = action_flow(event)
            return open_flow(dialogue, flow, ctx, step)
        case PressedOld():
            return again(dialogue, ctx, Say("dialogue.old_question"))
        case Chose(value):
            return _chose(dialogue, value, ctx)
        case Said():
            return _said(dialogue, event, ctx)
        case SentMedia(kind) if not getattr(top and top.step, "takes_media", False):
            if kind == "sticker":
                return again(dialogue, ctx)
            return _sent(dialogue, kind, ctx)
    return run(below(dialogue), top, event, ctx) if top else show_menu(dialogue, ctx)


def _sent(dialogue: Dialogue, kind: str, ctx: Context) -> Reaction:
    """What the bot cannot read: staff see it in the conversation."""
    dialogue, left = suspend(dialogue)
    step = pause.Paused("media", unfinished(dialogue), kind)
    return open_flow(dialogue, pause.flow, ctx, step, left)


def _chose(dialogue: Dialogue, value: str, ctx: Context) -> Reaction:
    """A choice: the router's own ones first, the rest is the running session's."""
    dialogue = replace(dialogue, misses=0)
    kind, sign, name = value.partition(":")
    match kind + sign:
        case navigation.MENU:
            return show_menu(dialogue, ctx)
        case navigation.PERSON:
            return open_flow(dialogue, handoff.flow, ctx, handoff.Queue(_reason(dialogue)))
        case navigation.TAKE_BACK:
            return take_back(dialogue, ctx)
        case navigation.START:
            return begin(dialogue, name, ctx, first_step(dialogue, name))
        case navigation.RESUME:
            return resume(dialogue, name, ctx)
        case navigation.RESTART:
            dialogue, left = suspend(dialogue)
            return open_flow(without(dialogue, name), newest(name), ctx, before=left)
        case navigation.DROP:
            return drop(dialogue, name, ctx)
        case navigation.MEANT:
            meant = _do(dialogue, name, ctx) or again(dialogue, ctx)
            return replace(meant, effects=(Understood(), *meant.effects))
    top = top_of(dialogue)
    if top is None:
        return show_menu(dialogue, ctx)
    if value == BACK and not (top.history or getattr(top.step, "goes_back", False)):
        return _up(dialogue, ctx)
    return run(below(dialogue), top, Chose(value), ctx)


def _up(dialogue: Dialogue, ctx: Context) -> Reaction:
    """Back from a first question: to what lies below, else to the menu."""
    if dialogue.stack[-1].flow == welcome.flow.name:
        return again(dialogue, ctx)
    left, dialogue = leave(dialogue.stack[-1]), below(dialogue)
    return go_back(dialogue, ctx, left) if dialogue.stack else show_menu(dialogue, ctx, *left)


def _reason(dialogue: Dialogue) -> str:
    """Why a person is asked for, as a code for staff."""
    top = top_of(dialogue)
    if top and isinstance(top.step, pause.Paused):
        return top.step.why
    if top and isinstance(top.step, told.Told):
        return top.step.kind
    return top.flow if top and top.flow in ("emergency", "link", "triage") else "asked"


def _said(dialogue: Dialogue, said: Said, ctx: Context) -> Reaction:
    top = top_of(dialogue)
    free_text = bool(getattr(top and top.step, "free_text", False))
    exact = offered(dialogue.offers, said.text, numbers=False)
    if exact is None and top and cancels(top) and refusing.leaves(said.text, top):
        return interrupt(dialogue, "cancel", ctx)
    if (value := offered(dialogue.offers, said.text, numbers=not free_text)) is not None:
        return _chose(dialogue, value, ctx)
    word = words.command(said.text) if free_text else words.read(said.text)
    if word is Word.BOOK and faq.asks(said) and not words.command(said.text):
        word = None  # "do you have video appointments?"
    if begun := unasked.begin(top, word, said, ctx):
        return open_flow(dialogue, begun[0], ctx, begun[1])
    if word and (reaction := _word(dialogue, word, said, ctx)):
        return reaction
    if top is None:
        return _meant(dialogue, said, ctx) or show_menu(
            dialogue, ctx, Unanswered("not_understood"), Say("dialogue.not_understood")
        )
    if not free_text and faq.asks(said) and (answered := _meant(dialogue, said, ctx)):
        return answered
    reaction = run(below(dialogue), top, said, ctx)
    after = top_of(reaction.dialogue)
    missed = after and after.step == top.step and not after.request
    if not missed:
        return replace(reaction, dialogue=replace(reaction.dialogue, misses=0))
    if not free_text and (meant := _meant(dialogue, said, ctx)):
        return meant
    misses = dialogue.misses + 1
    if misses > 2 and top.flow not in (pause.flow.name, emergency.flow.name):
        return interrupt(dialogue, "not_understood", ctx)
    explains = misses == 2 and top.flow != emergency.flow.name
    explained = (Say("dialogue.explain"),) if explains else ()
    noted = (Unanswered("not_understood"),) if top.flow in unasked.TOLD else ()
    return replace(
        reaction,
        dialogue=replace(reaction.dialogue, misses=misses),
        effects=noted + explained + reaction.effects,
    )


def _meant(dialogue: Dialogue, said: Said, ctx: Context) -> Reaction | None:
    """What an interpreter makes of words that nothing here understands: done, or asked about."""
    if words.is_foreign(said.text):
        return open_flow(dialogue, language.flow, ctx, before=(Say("language.only_these"),))
    reading = said.reading
    if reading is None:
        return None
    if topic := own_topic.own(reading):
        return _do(dialogue, topic, ctx)
    if reading.confidence >= ACT and not own_topic.contested(reading):
        return _do(dialogue, reading.intent, ctx, said)
    step = guess.DidYouMean(guess.likely(reading), own_topic.asked(reading))
    unsure = (Unanswered("unsure"),)
    known = step.intents or step.topics
    return open_flow(dialogue, guess.flow, ctx, step, unsure) if known else None


def _do(dialogue: Dialogue, intent: str, ctx: Context, said: Said | None = None) -> Reaction | None:
    """Act on an intent; None where it says nothing to the question at hand."""
    if word := WORD_OF.get(intent):
        if word in (Word.YES, Word.NO) and said and said.reading and not said.reading.certain:
            return None
        return _word(dialogue, word, said, ctx)
    if intent == "out_of_scope":
        return again(dialogue, ctx, Unanswered("out_of_scope"), Say("dialogue.out_of_scope"))
    if intent in ("stop_messages", "start_messages"):
        return begin(dialogue, "subscription", ctx, subscription.asked(intent))
    if intent in triage.INTENTS:
        if unfinished(dialogue) == triage.flow.name:
            return None  # it is being asked about already
        return begin(dialogue, triage.flow.name, ctx, triage.meant(intent, said, ctx))
    dialogue, left = suspend(dialogue)
    waiting = unfinished(dialogue)
    if own_topic.known(intent):
        also = own_topic.asked(said.reading) if said else ()
        step = faq.Tell(intent, bool(waiting), also=also)
        return open_flow(dialogue, faq.flow, ctx, step, left)
    return open_flow(dialogue, told.flow, ctx, told.Told(intent, waiting), left)


def _word(dialogue: Dialogue, word: Word, said: Said | None, ctx: Context) -> Reaction | None:
    """A command by word; None if it is for the running session to understand."""
    top = top_of(dialogue)
    if said and refusing.is_no_answer(word, said.text, top):
        return None
    value = word.name.lower()
    if any(offer.value == value for offer in dialogue.offers):
        return _chose(dialogue, value, ctx)
    meaning = getattr(top and top.step, "meaning", None)
    if meaning and (meant := meaning(word)):
        return _chose(dialogue, meant, ctx)
    match word:
        case Word.MENU | Word.PERSON | Word.BACK:
            return _chose(dialogue, value, ctx)
        case Word.HELLO:
            return again(dialogue, ctx)
        case Word.THANKS:
            return again(dialogue, ctx, Say("dialogue.thanks"))
        case Word.CANCEL if top and cancels(top):
            return interrupt(dialogue, "cancel", ctx)
        case Word.MOVE | Word.CANCEL if top and top.flow == "visits":
            return None
        case Word.MOVE:
            return begin(dialogue, "visits", ctx, visits.PickVisit(wants="move"))
        case Word.BOOK if said:
            return begin(dialogue, "booking", ctx, booking.hoped(said, ctx))
    return begin(dialogue, to, ctx, first_step(dialogue, to)) if (to := FLOW_OF.get(word)) else None


# The order of `receive` ---------------------------------------------------------------------------


def _flagged(dialogue: Dialogue, flag: red_flags.RedFlag, ctx: Context) -> Reaction | None:
    """Levels only rise: after an emergency text a lesser sign only adds to what doctors know."""
    top = top_of(dialogue)
    if flag.level >= 4 or top is None or not isinstance(top.step, emergency.Emergency):
        return alarm(dialogue, flag, ctx)
    known = flag.negated or flag.rule == top.step.flag.rule
    return None if known else again(dialogue, ctx, Escalate(flag.rule, flag.level))


def _silence(dialogue: Dialogue, ctx: Context) -> Reaction:
    """Nobody answered: give back what was held, say so once, keep the session."""
    top = top_of(dialogue)
    if top is None or top.flow in PASSING - {"emergency"}:
        return Reaction(dialogue)
    if top.flow == emergency.flow.name:
        return run(below(dialogue), top, TimedOut(), ctx)
    if ctx.owner != "bot":
        return Reaction(dialogue, leave(top))
    return interrupt(dialogue, "silence", ctx)


def _owned(dialogue: Dialogue, event: Event, ctx: Context) -> Reaction:
    """The patient talks to staff: words are theirs, only the bot's own buttons are answered."""
    match event:
        case Said(said) if offered(handoff.offers(ctx), said, numbers=False):
            return take_back(dialogue, ctx)
        case Began(code) if not code:
            return Reaction(dialogue)
        case PressedOld() | Chose(navigation.PERSON):
            return react(dialogue, (handoff.waiting(ctx),), ctx)
        case Chose() | PressedAction() | Began():
            return _heard(dialogue, event, ctx)
    return Reaction(dialogue)
