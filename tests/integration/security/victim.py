"""A patient whom every table tells of, in a clinic where others write, and what others may see."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.environment import Environment
from clinic.message.service import transcript
from clinic.message.types import Button, Message
from clinic.record.fates import OF_PATIENT
from nlu.training.examples import DATA, read
from tests.integration.admin.house import KEYS, House
from tests.integration.booking.clinic import make
from tests.integration.record.canary import CANARIES, Canary
from tests.integration.turns.rig import Patient, Rig

# A visit at a minute at which none begins and until which none is held now, and one in a year that
# no calendar shows.
ODD_MINUTE = ":47" if datetime.now(UTC).minute < 30 else ":17"
ODD_TIME, FAR_YEAR = f"13{ODD_MINUTE}", "2036"
SECRETS = (*CANARIES, ODD_MINUTE, FAR_YEAR)
HELD_OUT = Path(__file__).parents[2] / "nlu" / "data"
Way = tuple[str, tuple[str, ...]]  # what was written, and the kinds of buttons pressed then
DEEP, AGAIN = 12, 4  # buttons pressed one after the other, and how often from the beginning


@dataclass(frozen=True, slots=True)
class Scene:
    """The clinic, and the ids of its victim: the record and one that was joined into it."""

    rig: Rig
    patients: tuple[int, ...]

    @classmethod
    async def set_up(cls, env: Environment) -> "Scene":
        """Open the clinic and write the victim's record."""
        rig, house = Rig(replace(env, keys=KEYS)), House(env.database)
        clinic = await make(env.database, doctors=2, patients=0)
        victim = await Canary(house).write()
        doctor = await house.practitioner("伊藤")
        await house.visit(victim.id, doctor, at=ODD_TIME, on=clinic.opened_on + timedelta(days=5))
        return cls(rig, (victim.id, victim.alias))

    async def forgets(self) -> None:
        """Nobody of the victim's names and numbers is known any more."""
        await self.rig.execute(
            """update patient set name = 'Nobody', kana = '', chart = null, phone = null,
                 phone_end = null, phone_index = null where id = any($1)""",
            list(self.patients),
        )

    async def record(self) -> dict[str, str]:
        """All rows of the victim as they stand, by the column that names them."""
        found = {}
        for place in OF_PATIENT:
            table, column = place.split(".")
            rows = await self.rig.rows(
                f"select t::text from {table} t where {column} = any($1) order by 1",
                list(self.patients),
            )
            found[place] = str(rows)
        return found

    async def largest_id(self) -> int:
        """Of all that a button can be about."""
        tables = "appointment questionnaire_request escalation triage_run slot_offer recipient"
        tables += " care_plan_activity document patient"
        counts = [await self.rig.value(f"select max(id) from {it}") for it in tables.split()]
        return max(filter(None, counts))

    async def stranger(self, language: str, name: str, *, linked: bool) -> "Stranger":
        """Somebody at a chat of their own; `linked`: it speaks for another patient."""
        chat = self.rig.patient(name)
        chat.language = language
        await chat.starts()
        await chat.presses_first()
        if linked:
            other = await House(self.rig.env.database).patient("Olga Brown")
            await self.rig.execute(
                """insert into link (account_id, patient_id, relation, proof)
                   values ($1, $2, 'self', 'code')""",
                chat.account_id,
                other,
            )
        return Stranger(chat)


@dataclass
class Stranger:
    """Writes, and presses every kind of button that is offered on the way."""

    chat: Patient
    ways: dict[str, Way] = field(default_factory=dict)  # to where a kind was offered first
    pressed: set[str] = field(default_factory=set)

    async def begins_anew(self) -> None:
        """The conversation is the bot's, nothing is asked, nothing was stopped or changed."""
        await self.chat.rig.execute(
            """with talk as (
                 update conversation set owner = 'bot', queued_at = null, handoff_reason = null,
                   state = null where account_id = $1)
               update chat_account set opted_out_at = null, language = $2 where id = $1""",
            self.chat.account_id,
            self.chat.language,
        )

    async def writes(self, text: str) -> None:
        """Say it, and press what is new under the answers, again while there is something new."""
        for _ in range(AGAIN):
            if not await self._goes((text, ())):
                return

    async def presses_the_rest(self, most: int) -> None:
        """Go back to where buttons were offered that were not pressed, to so many of them."""
        tried: set[str] = set()
        for _ in range(most):
            left = self.ways.keys() - self.pressed - tried
            if not left:
                return
            kind = min(left)
            tried.add(kind)
            text, steps = self.ways[kind]
            await self._goes((text, (*steps, kind)))

    async def _goes(self, way: Way) -> bool:
        """Begin anew, go that way and on from there; False if nothing new was to be pressed."""
        text, steps = way
        await self.begins_anew()
        await self.chat.says(text)
        for kind in steps:
            if kind not in (offered := self._offered()):
                return False
            await self._press(offered[kind])
            self.pressed.add(kind)
        known = len(self.pressed)
        for _ in range(DEEP):
            offered = self._offered()
            for kind in offered:
                self.ways.setdefault(kind, (text, steps))
            kind = next((it for it in offered if it not in self.pressed), None)
            if kind is None:
                break
            self.pressed.add(kind)
            await self._press(offered[kind])
            steps = (*steps, kind)
        return len(self.pressed) > known

    def _offered(self) -> dict[str, Button]:
        buttons = [it for message in self.chat.shown for it in message.buttons]
        found: dict[str, Button] = {}
        for button in sorted(buttons, key=lambda it: it.role == "navigation"):  # leads away
            found.setdefault(_kind(button), button)
        return found

    async def _press(self, button: Button) -> None:
        await self.chat.does(kind="press", token=button.token, label=button.label)

    async def received(self) -> str:
        """Everything that ever went to the chat, but for tokens: those are numbers and signs."""
        env = self.chat.rig.env
        async with env.database.transaction() as tx:
            lines = await transcript(tx, env.keys, self.chat.account_id, limit=1_000_000)
        return "\n".join(seen(line.message) for line in lines if line.message)


def seen(message: Message) -> str:
    """All of a message that anybody can see; of addresses not the random part at their end."""
    labels = [one.label for one in (*message.buttons, *message.links)]
    addresses = [link.url.rsplit("/", 1)[0] for link in message.links]
    picture = message.picture and message.picture.alt
    return f"{message.text} {message.card} {labels} {addresses} {picture}"


def _kind(button: Button) -> str:
    """Times and days of the same question are one kind of button."""
    return "".join(sign for sign in button.label if not sign.isdigit())


def leaked(received: str, typed: str = "") -> list[str]:
    """What is the victim's in what a chat received, but for what it had typed itself."""
    return [one for one in SECRETS if one in received and one not in typed]


def utterances(language: str, count: int) -> list[str]:
    """What patients say: half of what the models learn from, half of what they are tested with."""
    taught = [text for file in sorted((DATA / language).glob("*.yml")) for text, _ in read(file)]
    tested = [text for text, _ in read(HELD_OUT / f"intents_{language}.yml")]
    tested += (HELD_OUT / f"neutral_{language}.txt").read_text("utf-8").splitlines()
    chance = random.Random(f"stranger {language}")
    chosen = chance.sample(taught, count - count // 2) + chance.sample(tested, count // 2)
    chance.shuffle(chosen)
    return chosen
