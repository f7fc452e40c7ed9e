"""Why somebody did not get a campaign's message is said in words of the one who reads it."""

import pytest

from admin.campaigns.shown import faults, why
from admin.i18n import LANGUAGES, speech
from clinic.campaign.types import Fault
from clinic.policy.types import LEFT_OUT

# What ends a recipient besides: while it waits, and as the message or chunk that it became.
OTHERS = (
    *("told_already", "campaign_cancelled", "too_late_on_enrolment", "late_to_decide"),
    *("link_changed", "visit_changed", "visit_not_booked", "visit_over", "visit_moved"),
    *("patient_deceased", "patient_moved", "no_channel", "unauthorised", "timeout"),
    "retry_key_dead",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_recipient_is_said_in_words(language: str) -> None:
    speaks = speech(language)
    for reason in (*LEFT_OUT, *OTHERS):
        assert why(speaks, reason) != speaks("campaign_reason_said", said=reason), reason
    assert why(speaks, None) == ""


def test_what_a_platform_said_is_shown_as_its_words() -> None:
    assert why(speech("en"), "bot was blocked by the user") == (
        "the channel said: bot was blocked by the user"
    )


def test_what_is_wrong_in_several_languages_is_said_once_with_their_names() -> None:
    speaks = speech("en")
    found = [
        Fault("content.variants.0.texts.ja", "unwritten"),
        Fault("content.variants.0.texts.ja", "empty_phone"),
        Fault("content.variants.0.texts.ru", "unwritten"),
        Fault("content.variants.1.texts.ru", "unwritten"),
        Fault("trigger.at", "needed"),
    ]
    unwritten, phone, other = faults(speaks, found)
    assert unwritten.endswith(" (日本語, Русский)")
    assert phone.endswith(" (日本語)")
    assert "日本語" not in other
