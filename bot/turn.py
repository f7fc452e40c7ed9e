"""What comes together in one turn of a conversation."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.answers.asker import Asker
from bot.deeds import DEEDS
from bot.environment import Environment
from bot.tokens import Tokens
from bot.turn_store import Loaded
from clinic.consent.rules import fill
from clinic.conversation.rules import desk_opens_at
from clinic.db import Tx
from flows import effects, events
from flows.dialogue import Dialogue
from flows.engine import Context
from flows.progress import Noted, progress


@dataclass(slots=True)
class Turn:
    """Who asks, what steps know, and what is to be said. Deeds change the first two at once."""

    asker: Asker
    ctx: Context
    tokens: Tokens
    says: list[effects.Say] = field(default_factory=list)
    timeout: timedelta | None = None
    answers: list[events.Answer] = field(default_factory=list)
    handed: bool = False  # to staff
    progress: tuple[Noted, ...] = ()  # for the figures

    @classmethod
    def begin(cls, env: Environment, loaded: Loaded, said: str = "") -> "Turn":
        """The turn of a locked conversation, with nothing said yet. `said`: the event's words."""
        settings, now = env.settings, env.local(loaded.now)
        language = loaded.language or settings.clinic.languages[0]
        named = settings.clinic.name, settings.clinic.phone
        ctx = Context(
            now=now,
            language=language,
            languages=settings.clinic.languages,
            clinic_name=settings.clinic.name,
            clinic_phone=settings.clinic.phone,
            emergency_number=settings.clinic.emergency_number,
            notice_version=settings.clinic.notice_in_force,
            channel=loaded.channel,
            consented=loaded.consent_version == settings.clinic.notice_in_force,
            opted_out=loaded.opted_out,
            language_chosen=loaded.language_chosen,
            owner=loaded.owner,
            owner_name=loaded.owner_name,
            staff=loaded.staff,
            patients=loaded.patients,
            desk_opens_at=desk_opens_at(now, env.desk_hours, settings.clinic.desk_weekdays),
            crisis_lines=settings.clinic.crisis_lines,
            own_greeting=fill(settings.clinic.own_greeting, *named),
            own_notice=fill(settings.clinic.own_notice, *named),
            limits=settings.readings.limits,
        )
        asker = Asker(
            account_id=loaded.account_id,
            conversation_id=loaded.conversation_id,
            language=language,
            patients=loaded.patients,
            now=now,
            settings=settings,
            keys=env.keys,
            staff=loaded.staff,
            scope=loaded.scope,
            event_id=loaded.event.id if loaded.event else None,
            said=said,
        )
        return cls(asker, ctx, Tokens(env.keys, loaded.account_id))

    async def do(self, tx: Tx, deeds: tuple[effects.Deed, ...]) -> None:
        """Carry out what a flow asks for; what it says is kept for the end of the turn."""
        for deed in deeds:
            if isinstance(deed, effects.Say):
                self.says.append(deed)
                continue
            await DEEDS[type(deed)](tx, self.asker, deed)
            match deed:
                case effects.SetLanguage(language):
                    self.ctx = replace(self.ctx, language=language, language_chosen=True)
                    self.asker = replace(self.asker, language=language)
                case effects.GiveConsent():
                    self.ctx = replace(self.ctx, consented=True, opted_out=False)
                case effects.OptOut():
                    self.ctx = replace(self.ctx, opted_out=True)
                case effects.Handoff():
                    self.handed = True
                case effects.OptIn():
                    self.ctx = replace(self.ctx, opted_out=False)

    def count(self, before: Dialogue, after: Dialogue, event: events.Event) -> None:
        """Note for the figures how far the patient came."""
        self.progress = progress(before, after, event, self.answers, handed=self.handed)

    def learn(self, answer: events.Answer) -> None:
        """Later steps of this turn may act for whom an earlier one added."""
        self.answers.append(answer)
        if isinstance(answer, events.FormOpened):
            self.ctx = replace(self.ctx, forms={**self.ctx.forms, answer.form_id: answer.form})
        if isinstance(answer, events.PatientAdded | events.Linked):
            others = [one for one in self.ctx.patients if one.id != answer.patient.id]
            patients = (*others, answer.patient)
            self.ctx = replace(self.ctx, patients=patients)
            self.asker = replace(self.asker, patients=patients)
