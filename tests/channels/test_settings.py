"""The channels' settings: what makes one ready, and that no secret is printed."""

import json

import pytest
from pydantic import SecretStr, ValidationError

from bot import start
from bot.commands.check import redacted
from clinic.config import Channels, Email, Settings, Sms
from clinic.errors import KayoiError

SMS = Sms(account="AC1", token=SecretStr("canary-token"), sender="+815012345678")
EMAIL = Email(smtp_url=SecretStr("smtps://u:canary-password@h"), sender="desk@clinic.example")


async def wake(_):
    """No web chat here."""


def test_check_shows_what_is_ready_and_hides_passwords():
    told = redacted(Settings(channels=Channels(sms=SMS, email=EMAIL)))
    assert (told["ready"]["sms"], told["ready"]["email"]) == (True, True)
    assert "canary" not in json.dumps(told)
    names = ("line", "telegram", "webchat", "email", "sms")
    bare = redacted(Settings())["ready"]
    assert bare == dict.fromkeys(names, False) | {"webchat": True}


async def test_a_channel_is_there_once_it_is_set_up(tmp_path):
    settings = Settings(data_dir=tmp_path, channels=Channels(sms=SMS, email=EMAIL))
    found = start.channels(settings, wake)
    assert set(found) == {"webchat", "email", "sms"}
    assert found["sms"].rate == 1.0
    off = Channels(sms=SMS.model_copy(update={"enabled": False}), email=Email())
    assert set(start.channels(Settings(data_dir=tmp_path, channels=off), wake)) == {"webchat"}


def test_a_wrong_mail_server_is_told_without_its_password(tmp_path):
    wrong = Email(smtp_url=SecretStr("http://u:canary@h"), sender="desk@clinic.example")
    with pytest.raises(KayoiError) as error:
        start.channels(Settings(data_dir=tmp_path, channels=Channels(email=wrong)), wake)
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("sender", ["desk", "Desk <desk@clinic.example>", "a@b\r\nBcc: c@d"])
def test_a_sender_is_one_plain_address(sender):
    with pytest.raises(ValidationError):
        Email(sender=sender)
