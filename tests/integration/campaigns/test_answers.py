"""What patients do with a campaign's message: press, write, book."""

from uuid import uuid4

import pytest

from clinic.questionnaire.service import install_shipped
from tests.integration.booking.clinic import make
from tests.integration.campaigns.clinic import Clinic
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server

ASK = {"texts": {"ja": "お元気ですか。", "en": "How are you?"}}


class Person:
    """Somebody at the web chat with a record of their own."""

    def __init__(self, clinic: Clinic, chat: Patient, id: int) -> None:
        self.clinic, self.chat, self.id = clinic, chat, id

    async def gets(self, *buttons: dict[str, str]) -> None:
        """A campaign's message with these buttons arrives."""
        await self.clinic.begin(
            audience={"patients": [self.id]}, content={**ASK, "buttons": list(buttons)}
        )
        await self.clinic.work()
        self.chat.shown = (await self.clinic.messages(self.id))[-1:]

    async def answered(self) -> bool:
        return bool(
            await self.clinic.value(
                "select answered_at is not null from recipient where patient_id = $1", self.id
            )
        )


async def person(clinic: Clinic, name: str = "a") -> Person:
    chat = Rig(clinic.env).patient(name)
    await chat.comes_in()
    patient = await clinic.value(
        """insert into patient (key, name, language) values ($1, 'Anna Ito', 'en')
           returning id""",
        uuid4(),
    )
    await clinic.value(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', 'staff')""",
        chat.account_id,
        patient,
    )
    return Person(clinic, chat, patient)


@pytest.fixture
async def anna(clinic: Clinic) -> Person:
    await make(clinic.env.database, patients=0)
    async with clinic.env.database.transaction() as tx:
        await install_shipped(tx)
    return await person(clinic)


async def test_a_button_opens_the_booking_and_is_noted(anna: Person) -> None:
    await anna.gets({"does": "book"}, {"does": "stop"})
    assert [it.label for it in anna.chat.shown[-1].buttons] == ["Book a visit", "Stop messages"]
    await anna.chat.presses("Book")
    assert await anna.answered()
    assert len(anna.chat.shown[-1].buttons) > 1  # what can be booked


async def test_a_questionnaire_is_opened_once_however_often_it_is_pressed(anna: Person) -> None:
    url = await anna.clinic.value("select url from questionnaire where name = 'gad_7'")
    await anna.gets({"does": "questionnaire", "form": url})
    message = list(anna.chat.shown)
    for _ in range(2):
        anna.chat.shown = list(message)
        await anna.chat.presses("Answer")
    rows = await anna.clinic.rows("select patient_id, state from questionnaire_request")
    assert rows == [(anna.id, "in_progress")]


async def test_who_wants_a_call_is_on_the_list_of_staff_once(anna: Person) -> None:
    await anna.gets({"does": "call_me"})
    message = list(anna.chat.shown)
    assert "call you" in await anna.chat.presses("Please call")
    anna.chat.shown = message
    await anna.chat.presses("Please call")
    rows = await anna.clinic.rows("select kind, patient_id, state from task")
    assert rows == [("call_me", anna.id, "open")]


@pytest.mark.parametrize(
    "change",
    [
        "update link set ended_at = now()",
        "update recipient set settled_at = now() - interval '61 days'",
        "update recipient set account_id = null",
        "update campaign set content = content - 'buttons'",
    ],
)
async def test_an_old_or_foreign_button_says_so_and_notes_nothing(
    anna: Person, change: str
) -> None:
    await anna.gets({"does": "call_me"})
    await anna.clinic.value(change)
    assert "no longer works" in await anna.chat.presses("Please call")
    assert not await anna.answered()
    assert await anna.clinic.rows("select kind from task") == []


async def test_a_button_of_somebody_elses_chat_is_nothing(anna: Person) -> None:
    await anna.gets({"does": "call_me"})
    other = await person(anna.clinic, "b")
    (button,) = anna.chat.shown[-1].buttons
    await other.chat.does(kind="press", token=button.token, label=button.label)
    assert not await anna.answered()


async def test_words_after_a_message_are_its_answer(anna: Person) -> None:
    silent = await person(anna.clinic, "b")
    await anna.gets()
    await silent.gets()
    await anna.chat.says("menu")
    await anna.clinic.work()
    assert await anna.answered()
    assert not await silent.answered()


async def test_words_before_it_or_long_after_it_are_none(anna: Person) -> None:
    await anna.chat.says("menu")
    await anna.gets()
    await anna.clinic.work()
    assert not await anna.answered()
    await anna.clinic.value("update recipient set due_at = now() - interval '8 days'")
    await anna.chat.says("menu")
    await anna.clinic.work()
    assert not await anna.answered()


async def test_a_booking_within_thirty_days_counts_for_the_message_before_it(
    anna: Person,
) -> None:
    await anna.gets()
    visit = await anna.clinic.book(anna.id)
    await anna.clinic.work()
    assert await anna.clinic.rows("select booked_id from recipient") == [(visit,)]


async def test_a_booking_long_after_it_does_not(anna: Person) -> None:
    await anna.gets()
    await anna.clinic.value("update recipient set settled_at = now() - interval '31 days'")
    await anna.clinic.book(anna.id)
    await anna.clinic.work()
    assert await anna.clinic.rows("select booked_id from recipient") == [(None,)]
