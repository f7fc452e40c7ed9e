"""The clinic of these tests, in this process, on real stores."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot import start
from bot.app import create_app
from bot.local.simulators.sms import ACCOUNT, SENDER, TOKEN, SmsSimulator
from bot.outbox import Sender
from clinic.config import Channels, Clinic, Email, Policy, Server, Settings, Sms
from tests.channels.email.server import MailServer
from tests.integration.booking.clinic import make
from tests.integration.contact.house import PUBLIC, House


def settings(
    database_url: str, redis_url: str, folder: Path, sms: SmsSimulator, mail: MailServer
) -> Settings:
    return Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=folder,
        clinic=Clinic(phone="+81312345678"),
        server=Server(public_url=PUBLIC),
        policy=Policy(quiet_hours=("00:00", "00:00")),
        channels=Channels(
            email=Email(smtp_url=SecretStr(mail.url), sender="desk@clinic.example"),
            sms=Sms(
                account=ACCOUNT,
                token=SecretStr(TOKEN),
                sender=SENDER,
                api_base=sms.url,
                rate=100,
            ),
        ),
    )


@pytest.fixture
async def house(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with SmsSimulator() as sms, MailServer() as mail:
        env = await start.environment(settings(database_url, redis_url, tmp_path, sms, mail))
        await make(env.database, patients=0)
        server = TestServer(create_app(env))
        async with TestClient(server) as client:
            sms.webhook = f"{PUBLIC}/webhooks/sms"
            sms.delivered_to = str(client.make_url("/webhooks/sms"))
            yield House(env, Sender(env), sms, mail, client)
        assert sms.problems == []
        await start.close(env)
