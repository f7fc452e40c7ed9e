"""Handing mails to an SMTP server: what each ending means, and that nobody listens in."""

from uuid import UUID

import pytest

from bot.channels.channel import Malformed, NotSent, Refused, Sent, Unknown
from bot.channels.email import client
from bot.channels.email.client import EmailChannel
from clinic.errors import KayoiError
from clinic.message.types import Card, Link, Message
from tests.channels.email.certificate import contexts
from tests.channels.email.server import PASSWORD, USER, MailServer

KEY = UUID(int=7)
SENDER = "desk@clinic.example"
TO = "maria@home.example"
VISIT = Message(
    "ご予約のお知らせです。\n<b>お待ちしています</b>",
    "ja",
    card=Card("ご予約", (("日時", "11月25日(水) 10:00"),)),
    links=(Link("お返事はこちら", "https://c.example/l/x"),),
)


def channel(server, **over):
    return EmailChannel(
        server.url,
        SENDER,
        lambda: "通いクリニック",
        lambda address: f"https://c.example/u/{len(address)}",
        **over,
    )


async def send(server, message=VISIT, to=TO, **over):
    return await channel(server, **over).send(to, message, key=KEY)


async def test_a_mail_arrives_as_it_was_written(server):
    assert await send(server) == Sent()
    (mail,) = server.mails
    assert server.recipients == [TO]
    assert str(mail["From"]) == f"通いクリニック <{SENDER}>"
    assert str(mail["Subject"]) == "通いクリニック: ご予約"
    assert mail["Message-ID"] == f"<{KEY}@clinic.example>"
    assert mail["List-Unsubscribe"] == "<https://c.example/u/18>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, page = mail.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == (
        "ご予約のお知らせです。\n<b>お待ちしています</b>\n\n日時: 11月25日(水) 10:00\n\n"
        "お返事はこちら\nhttps://c.example/l/x\n"
    )
    assert "&lt;b&gt;お待ちしています&lt;/b&gt;" in page.get_content()
    assert '<a href="https://c.example/l/x">' in page.get_content()
    assert server.raw[0].isascii()


async def test_the_password_goes_over_tls_only(tmp_path):
    tls, trusting = contexts(tmp_path)
    async with MailServer(tls=tls, login=True) as server:
        # 127.0.0.1 needs no TLS; here it is to be as a server elsewhere.
        there = channel(server, tls=trusting)
        there._server = client.Server("127.0.0.1", server.port, USER, PASSWORD, False, False)
        assert await there.send(TO, VISIT, key=KEY) == Sent()
        assert server.logins == [(USER.encode(), PASSWORD.encode())]


async def test_tls_from_the_first_byte(tmp_path):
    tls, trusting = contexts(tmp_path)
    async with MailServer(tls=tls, implicit=True) as server:
        assert await send(server, tls=trusting) == Sent()


async def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path):
    tls, _ = contexts(tmp_path)
    async with MailServer(tls=tls, login=True, implicit=True) as server:
        outcome = await send(server)
        assert isinstance(outcome, NotSent)
        assert (server.logins, server.mails) == ([], [])


async def test_a_server_without_tls_elsewhere_gets_nothing(server):
    there = channel(server)
    there._server = client.Server("127.0.0.1", server.port, USER, PASSWORD, False, False)
    assert isinstance(await there.send(TO, VISIT, key=KEY), NotSent)
    assert server.mails == []


async def test_a_wrong_password_is_no_patients_fault(tmp_path):
    tls, trusting = contexts(tmp_path)
    async with MailServer(tls=tls, login=True) as server:
        there = channel(server, tls=trusting)
        there._server = client.Server("127.0.0.1", server.port, USER, "wrong", False, False)
        outcome = await there.send(TO, VISIT, key=KEY)
        assert outcome == NotSent("login", client.LOGIN_PAUSE, whole_channel=True)
        assert set(server.logins) == {(USER.encode(), b"wrong")}


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_try_again_later_is_tried_again_later(server, step):
    server.once(step, "451 4.7.1 greylisted")
    outcome = await send(server)
    assert isinstance(outcome, NotSent)
    assert not outcome.whole_channel
    assert await send(server) == Sent()


async def test_a_server_that_shuts_down_holds_up_the_channel(server):
    server.once("RCPT", "421 4.3.2 shutting down")
    outcome = await send(server)
    assert isinstance(outcome, NotSent)
    assert outcome.whole_channel


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("RCPT", "550 5.1.1 no such user", Refused("recipient 550 5.1.1", gone=True)),
        ("RCPT", "550 5.1.10 null MX", Refused("recipient 550 5.1.10", gone=True)),
        ("RCPT", "552 5.2.2 mailbox full", Refused("recipient 552")),
        ("RCPT", "550 no", Refused("recipient 550")),
        ("MAIL", "553 5.1.8 bad sender", Refused("sender 553")),
        ("DATA", "554 5.7.1 looks like spam", Refused("content 554")),
    ],
)
async def test_a_no_is_a_no_and_tells_when_the_mailbox_is_gone(server, step, answer, outcome):
    server.once(step, answer)
    assert await send(server) == outcome


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
async def test_a_connection_lost_before_the_content_sent_nothing(server, step):
    server.once(step, "drop")
    assert isinstance(await send(server), NotSent)


async def test_a_connection_lost_after_the_content_tells_nothing(server):
    server.once("DATA", "kept, then drop")
    assert isinstance(await send(server), Unknown)
    assert len(server.mails) == 1


async def test_silence_before_the_content_sent_nothing(server, monkeypatch):
    monkeypatch.setattr(client, "BEFORE_CONTENT", 0.3)
    server.once("RCPT", "silence")
    assert isinstance(await send(server), NotSent)


async def test_silence_after_the_content_tells_nothing(server, monkeypatch):
    monkeypatch.setattr(client, "CONTENT", 0.3)
    server.once("DATA", "silence")
    assert isinstance(await send(server), Unknown)


async def test_no_server_means_surely_not_sent():
    async with MailServer() as gone:
        pass
    assert isinstance(await send(gone), NotSent)


@pytest.mark.parametrize(
    "to", ["a@b.example\r\nBcc: all@b.example", "a b@c.example", "<a@b.example>", "a", "a@b@c"]
)
async def test_an_address_that_is_none_never_reaches_the_server(server, to):
    assert await send(server, to=to) == Refused("bad_address", gone=True)
    assert server.mails == []


async def test_words_cannot_become_headers(server):
    evil = Message("x\r\n.\r\nMAIL FROM:<a@b>", "en", card=Card("Hi\r\nBcc: all@b.example", ()))
    assert await send(server, evil) == Sent()
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert str(mail["Subject"]) == "通いクリニック: Hi Bcc: all@b.example"
    assert "\n.\r\n" in next(mail.iter_parts()).get_content()


async def test_a_link_that_runs_something_is_not_shown(server):
    evil = Message("x", "en", links=(Link("Press", "javascript:alert(1)"),))
    assert await send(server, evil) == Sent()
    assert "javascript" not in "".join(part.get_content() for part in server.mails[0].iter_parts())


@pytest.mark.parametrize("url", ["http://h", "smtp://", "smtp://h:p", "smtp://u:secret@h/path"])
def test_a_wrong_address_of_the_server_is_told_without_its_password(url):
    with pytest.raises(KayoiError) as error:
        client.server(url)
    assert "secret" not in str(error.value)


def test_ports_and_passwords_are_read_from_the_address():
    assert client.server("smtps://a%40b:p%3A@h").port == 465
    there = client.server("smtp://a%40b:p%3A@h")
    assert (there.port, there.user, there.password, there.plain) == (587, "a@b", "p:", False)


def test_nobody_writes_to_us_by_mail(server):
    with pytest.raises(Malformed):
        channel(server).parse(b"{}")
