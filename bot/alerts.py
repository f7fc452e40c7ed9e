"""What staff are told of an escalation, in their language: alerts, who has it, the patient's words.

Messages to a staff member's own chat: rows of the outbox in the transaction of what caused them.
"""

import logging
from datetime import timedelta

from bot.channels.channel import Inbound
from bot.environment import Environment
from bot.tokens import Tokens
from bot.turn_store import Loaded
from clinic.db import Tx
from clinic.escalation.accounts import Reachable
from clinic.escalation.service import Due
from clinic.ids import new_key
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from flows import on_call, reasons, texts
from flows.effects import Choice, Say, Value

log = logging.getLogger(__name__)
USEFUL = timedelta(hours=1)  # an alert; later ones of the ladder stand for it
SAID = 600  # characters of the patient's words in an alert: a screen; all of it is in the panel
YEARS_FROM = 2  # younger children are told by their age in months
ALERT = {"k": on_call.acknowledge, "d": on_call.called, "t": on_call.take_over, "z": on_call.close}
OWNERS = {"d": on_call.called, "t": on_call.take_over, "z": on_call.close}
RELAYED = {"b": Choice("hand_back", "on_call.hand_back", role="navigation")}
TEXTS = {3: "on_call.alert_3", 4: "on_call.alert_4"}


async def alert(tx: Tx, env: Environment, due: Due, to: Reachable) -> bool:
    """Alert one person of an open escalation, once a round; False if that was done already."""
    language = _language(env, to)
    waited = due.age // timedelta(minutes=1) if due.round else 0
    params: dict[str, Value] = {
        "reason": reasons.reason(due.rule, due.reasons, language),
        "who": _who(due, language),
        "said": _cut(due.said),
        "minutes": str(waited) if waited else "",
    }
    text = TEXTS.get(due.level, "on_call.alert_4")
    message = _message(env, to, Say(text, params, urgent=True), language, ALERT, due.id)
    name = name_of(due.id, due.round, to.staff_id)
    return await _write(tx, env, to, message, name, "alert", due.id)


def name_of(escalation_id: int, round: int, staff_id: int) -> str:
    """What makes an alert go out once: its dedup_key."""
    return f"alert:{escalation_id}:{round}:{staff_id}"


async def tell(tx: Tx, env: Environment, due: Due, to: Reachable) -> bool:
    """Tell one person who has an escalation of which they were alerted."""
    language = _language(env, to)
    params: dict[str, Value] = {
        "name": due.owner_name,
        "reason": reasons.reason(due.rule, due.reasons, language),
        "who": due.name,
    }
    message = _message(env, to, Say("on_call.told", params), language, {}, due.id)
    name = f"told:{due.id}:{due.round}:{to.staff_id}"
    return await _write(tx, env, to, message, name, "on_call", due.id)


async def remind(tx: Tx, env: Environment, due: Due, to: Reachable) -> bool:
    """Remind the owner of an escalation that it is not closed."""
    language = _language(env, to)
    params: dict[str, Value] = {
        "reason": reasons.reason(due.rule, due.reasons, language),
        "who": due.name,
        "minutes": str(due.since_acknowledged // timedelta(minutes=1)),
    }
    message = _message(env, to, Say("on_call.remind", params), language, OWNERS, due.id)
    name = f"remind:{due.id}:{due.round}:{to.staff_id}"
    return await _write(tx, env, to, message, name, "on_call", due.id)


async def relay(
    tx: Tx, env: Environment, loaded: Loaded, inbound: Inbound | None, transcript: str | None
) -> int | None:
    """Pass what the patient wrote on to the own chat of the staff member who answers.

    The account that it was written to, None if nobody answers from a chat, or nothing was said.
    """
    if loaded.owner != "staff" or inbound is None or not transcript:
        return None
    kind, _, words = transcript.partition(":")
    if kind in ("button", "date", "action"):
        return None
    row = await tx.fetchrow(
        """select s.id as staff_id, s.name, s.role, a.id as account_id,
                  coalesce(s.language, a.language) as language, a.link_version,
                  a.channel, e.id as escalation, p.name as patient
           from conversation c join staff s on s.id = c.owner_staff_id and s.disabled_at is null
           join staff_account o on o.staff_id = s.id
           join chat_account a on a.id = o.account_id and a.unreachable_at is null
           -- theirs, or nobody's, as one that rose while they write is
           join escalation e on e.conversation_id = c.id
             and (e.owner_id = s.id or e.owner_id is null and e.state = 'open')
           left join patient p on p.id = e.patient_id
           where c.id = $1 and c.owner_until > now() 
           order by e.owner_id is null, e.id desc, o.id desc limit 1""",
        loaded.conversation_id,
    )
    if row is None or row["channel"] not in env.channels:
        return None
    to = Reachable(*(row[n] for n in range(6)))
    language = _language(env, to)
    who = row["patient"] or texts.text("on_call.patient", {}, language)
    if kind in ("text", "edited"):
        say = Say("on_call.relay", {"who": who, "said": words})
    else:
        say = Say("on_call.relay_media", {"who": who})
    whole = _message(env, to, say, language, RELAYED, row["escalation"])
    for message in env.channels[row["channel"]].split(whole):
        await _write(tx, env, to, message, f"relay:{new_key()}", "on_call", row["escalation"])
    return to.account_id


def _message(
    env: Environment,
    to: Reachable,
    say: Say,
    language: str,
    buttons: dict[str, Choice],
    escalation_id: int,
) -> Message:
    """One message with buttons that stay good; their tokens are of this chat alone."""
    tokens, actions = Tokens(env.keys, to.account_id), list(buttons)
    said = Say(say.text, say.params, tuple(buttons.values()), urgent=say.urgent)
    (message,), _ = texts.compose(
        [said], language, lambda i: tokens.standing(actions[i], escalation_id, 0)
    )
    return message


async def _write(
    tx: Tx,
    env: Environment,
    to: Reachable,
    message: Message,
    name: str,
    purpose: str,
    escalation_id: int,
) -> bool:
    written = await enqueue(
        tx,
        env.keys,
        Outgoing(
            account_id=to.account_id,
            message=message,
            dedup_key=name,
            purpose=purpose,
            useful_for=USEFUL,
            link_version=to.link_version,
            escalation_id=escalation_id,
            ahead=True,
        ),
    )
    return written is not None


def _language(env: Environment, to: Reachable) -> str:
    return to.language or env.settings.clinic.languages[0]


def _who(due: Due, language: str) -> str:
    """Name, age and sex, as far as they are known."""
    sex = {"female": "on_call.female", "male": "on_call.male", "other": "on_call.other"}
    params: dict[str, Value] = {
        "name": due.name or texts.text("on_call.patient", {}, language),
        "age": "",
        "sex": texts.text(sex[due.sex], {}, language) if due.sex in sex else "",
    }
    if due.birth_on is not None:
        today, born = due.now.date(), due.birth_on
        months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
        key, age = ("on_call.age_months", months)
        if months >= YEARS_FROM * 12:
            key, age = ("on_call.age_years", months // 12)
        params["age"] = texts.text(key, {"age": age}, language)
    return texts.text("on_call.who", params, language)


def _cut(said: str) -> str:
    return said if len(said) <= SAID else said[:SAID].rstrip() + "…"
