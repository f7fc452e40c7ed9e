"""A document reaches its patient in the chat: the link, the answer, the copy, the way back."""

import hashlib

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import create_app
from bot.documents import send_document
from clinic.document import service
from clinic.document.drawing import draw
from clinic.document.types import Block, Content
from clinic.staff.service import add_staff
from clinic.staff.types import Role, Staff
from tests.integration.turns.rig import Patient, Rig

pytestmark = pytest.mark.server


async def sent(rig: Rig, code: str = "consent") -> tuple[Patient, int]:
    """A patient of the clinic who was sent a document, and its id."""
    maria = rig.patient()
    await maria.comes_in()
    patient = await rig.value(
        "insert into patient (key, name) values (gen_random_uuid(), 'Maria Ito') returning id"
    )
    await rig.execute(
        """insert into link (account_id, patient_id, relation, proof)
           values ($1, $2, 'self', 'code')""",
        maria.account_id,
        patient,
    )
    env = rig.env
    async with env.database.transaction() as tx:
        staff = await add_staff(tx, "Yamada", Role.ADMIN)
        assert isinstance(staff, Staff)
        await service.install_shipped(tx, env.settings.clinic.languages)
        template = await tx.fetchval("select id from document_template where code = $1", code)
        await service.activate(tx, staff.id, template)
        content = Content("en", "Cataract surgery", (Block("text", "What is to be done"),))
        reserved = await service.reserve(tx, 2026)
        pdf = draw(content, reserved[1], "Hana Clinic")
        await service.issue(tx, env.keys, staff.id, reserved, patient, template, content, pdf)
        document = await service.find(tx, env.keys, reserved[0])
        assert document is not None
        assert await send_document(tx, env.keys, env.settings, staff, document) is None
    lines = [line.message for line in await maria.lines() if line.message]
    maria.shown = lines[-1:]
    return maria, reserved[0]


async def answers(rig: Rig) -> list[str]:
    rows = await rig.rows("select answer from document_answer order by id")
    return [row[0] for row in rows]


async def test_nothing_of_the_document_stands_in_the_message(rig: Rig) -> None:
    maria, _ = await sent(rig)
    (message,) = maria.shown
    assert "Cataract" not in message.text
    labels = [button.label for button in message.buttons]
    assert labels == ["Open the document", "I agree", "I do not agree", "I want to ask first"]


async def test_the_link_opens_once_for_one_browser_and_is_counted(rig: Rig) -> None:
    maria, document = await sent(rig, "certificate")
    question = maria.shown
    await maria.presses("Open the document")
    (link,) = maria.shown[-1].links
    path = "/d/" + link.url.rsplit("/", 1)[1]
    stored = await rig.value("select token_hash from document_link")
    assert path.removeprefix("/d/") not in stored
    async with (
        TestClient(TestServer(create_app(rig.env))) as mine,
        TestClient(TestServer(create_app(rig.env))) as other,
    ):
        looked = await mine.get(path)
        assert "Press the button to open your document." in await looked.text()
        assert (await mine.get(f"{path}/document.pdf")).status == 410, "a look uses nothing up"
        opened = await mine.post(path)
        body = await opened.read()
        assert body.startswith(b"%PDF")
        assert opened.headers["Cache-Control"] == "no-store"
        sha256 = await rig.value("select sha256 from document where id = $1", document)
        assert hashlib.sha256(body).hexdigest() == sha256
        assert (await mine.get(path)).headers["Content-Type"] == "application/pdf"
        for again in (other.get(path), other.post(path), other.get(f"{path}/document.pdf")):
            assert (await again).status == 410
        assert await rig.value("select sum(views) from document_link") == 2
        read = "select count(*) from audit where action = 'patient:document:read'"
        assert await rig.value(read) == 2
        await rig.execute("update document_link set expires_at = now()")
        late = await mine.get(path)
        assert late.status == 410
        assert "has expired" in await late.text()
        assert (await mine.get("/d/unknown")).status == 404
        maria.shown = question
        await maria.presses("Open the document")
        assert await rig.value("select count(*) from document_link") == 2
        await rig.execute("update document set state = 'void'")
        path = "/d/" + maria.shown[-1].links[0].url.rsplit("/", 1)[1]
        assert (await mine.post(path)).status == 410
        maria.shown = question
        assert "can no longer be opened" in await maria.presses("Open the document")


async def test_nobody_agrees_to_what_they_have_not_opened(rig: Rig) -> None:
    maria, _ = await sent(rig)
    assert "read the document first" in await maria.presses("I agree")
    assert await answers(rig) == []


async def test_a_consent_is_kept_with_who_when_and_what_and_can_be_taken_back(rig: Rig) -> None:
    maria, document = await sent(rig)
    question = maria.shown
    await maria.presses("Open the document")
    path = "/d/" + maria.shown[-1].links[0].url.rsplit("/", 1)[1]
    async with TestClient(TestServer(create_app(rig.env))) as browser:
        assert (await browser.post(path)).status == 200
    maria.shown = question
    assert "you agree" in await maria.presses("I agree")
    maria.shown = question
    assert "already have" in await maria.presses("I agree")
    (row,) = await rig.rows(
        """select g.account_id, g.relation, g.version, g.sha256 = d.sha256, g.key, g.pdf
           from document_answer g join document d on d.id = g.document_id where d.id = $1""",
        document,
    )
    assert row[:4] == (maria.account_id, "self", 1, True)
    pdf = rig.env.keys.open(row[5], "document_answer.pdf", row[4])
    assert pdf.startswith(b"%PDF")
    maria.shown = question
    assert "consent back" in await maria.presses("I do not agree")
    maria.shown = question
    assert "already have" in await maria.presses("I do not agree")
    assert await answers(rig) == ["agreed", "withdrawn"]


async def test_who_wants_to_ask_first_becomes_a_task(rig: Rig) -> None:
    maria, document = await sent(rig)
    await maria.presses("I want to ask first")
    (row,) = await rig.rows("select kind, detail from task where kind = 'document'")
    assert row == ("document", {"document": document})
    assert await answers(rig) == ["asked"]


async def test_an_account_that_speaks_for_the_patient_no_more_opens_and_answers_nothing(
    rig: Rig,
) -> None:
    maria, _ = await sent(rig)
    question = maria.shown
    await rig.execute("update link set proof = 'none'")
    for label in ("Open", "I agree", "I do not", "I want"):
        maria.shown = question
        assert "can no longer be opened" in await maria.presses(label)
    assert await rig.value("select count(*) from document_link") == 0
    assert await answers(rig) == []


async def test_a_link_that_was_handed_out_dies_with_the_bond_to_the_patient(rig: Rig) -> None:
    maria, _ = await sent(rig)
    await maria.presses("Open the document")
    path = "/d/" + maria.shown[-1].links[0].url.rsplit("/", 1)[1]
    async with TestClient(TestServer(create_app(rig.env))) as browser:
        assert (await browser.post(path)).status == 200
        await rig.execute("update link set ended_at = now()")
        assert (await browser.get(f"{path}/document.pdf")).status == 410


async def test_a_browser_that_opened_a_document_has_it_for_ten_minutes(rig: Rig) -> None:
    maria, _ = await sent(rig)
    await maria.presses("Open the document")
    path = "/d/" + maria.shown[-1].links[0].url.rsplit("/", 1)[1]
    async with TestClient(TestServer(create_app(rig.env))) as browser:
        assert (await browser.post(path)).status == 200
    lasts = "select expires_at - used_at = interval '10 minutes' from document_link"
    assert await rig.value(lasts) is True


async def test_nobody_agrees_to_a_document_that_was_taken_back(rig: Rig) -> None:
    maria, _ = await sent(rig)
    question = maria.shown
    await maria.presses("Open the document")
    path = "/d/" + maria.shown[-1].links[0].url.rsplit("/", 1)[1]
    async with TestClient(TestServer(create_app(rig.env))) as browser:
        assert (await browser.post(path)).status == 200
    await rig.execute("update document set state = 'void'")
    maria.shown = question
    assert "can no longer be opened" in await maria.presses("I agree")
    assert await answers(rig) == []
