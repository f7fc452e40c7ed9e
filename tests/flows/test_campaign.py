"""Buttons under a campaign's messages: noted, and then what the patient wants begins."""

import pytest

from flows import campaign
from flows.campaign_effects import AnswerCampaign
from flows.campaign_events import CampaignAnswered, CampaignGone
from flows.effects import Say
from flows.engine import start
from flows.events import PressedAction
from flows.stack import Dialogue, run
from tests.flows.patient import Patient, booking_patient
from tests.flows.world import CTX


def pressing(answer, dialogue=None):
    """What comes of a button that the clinic answers so."""
    turn = start(campaign.flow, CTX, campaign.Pressed(7, 1))
    assert turn.session.request == AnswerCampaign(7, 1)
    return run(dialogue or Dialogue(), turn.session, answer, CTX)


def keys(reaction):
    return [it.text for it in reaction.effects if isinstance(it, Say)]


@pytest.mark.parametrize(
    ("does", "flow"),
    [
        ("book", "booking"),
        ("check_in", "triage"),
        ("readings", "readings"),
        ("stop", "subscription"),
    ],
)
def test_a_button_leads_to_its_flow(does, flow):
    reaction = pressing(CampaignAnswered(does))
    assert [it.flow for it in reaction.dialogue.stack] == [flow]
    assert reaction.request or keys(reaction)


def test_a_questionnaire_is_opened_at_once():
    reaction = pressing(CampaignAnswered("questionnaire", 31))
    assert reaction.request is not None
    assert reaction.request.request_id == 31


def test_who_wants_a_call_is_told_that_staff_will_call():
    assert keys(pressing(CampaignAnswered("call_me"))) == ["campaign.will_call"]


def test_an_old_or_foreign_button_says_so_and_changes_nothing():
    reaction = pressing(CampaignGone())
    assert keys(reaction) == ["campaign.gone"]
    assert reaction.dialogue.stack == ()


def test_a_booking_under_way_is_not_begun_anew():
    under = booking_patient().dialogue
    reaction = pressing(CampaignAnswered("book"), under)
    assert [it.flow for it in reaction.dialogue.stack] == ["booking", "pause"]


def test_the_button_is_found_by_the_router_and_waits_for_the_notice():
    patient = Patient()
    patient.happen(PressedAction("campaign", 7, 0))
    assert patient.keys == ["campaign.gone"]  # this small clinic writes to nobody
    stranger = Patient(consented=False)
    stranger.happen(PressedAction("campaign", 7, 0))
    assert stranger.flows == ["campaign", "welcome"]


def test_the_flow_itself_has_nothing_more_to_say():
    turn = start(campaign.flow, CTX, campaign.Leading("booking"))
    assert turn.effects == ()
    assert turn.session.status == "completed"
    assert campaign.flow.start() == campaign.Pressed(0, 0)
