"""Buttons under a document's message: a link is made, an answer kept, and an old one says so."""

import pytest

from flows import document
from flows.document_effects import AnswerDocument, OpenDocument
from flows.document_events import DocumentAnswered, DocumentGone, DocumentOpened
from flows.effects import Say
from flows.engine import start
from flows.events import PressedAction
from flows.stack import Dialogue, run
from tests.flows.patient import Patient
from tests.flows.world import CTX


def pressing(number, answer):
    turn = start(document.flow, CTX, document.Pressed(7, number))
    return turn.session.request, run(Dialogue(), turn.session, answer, CTX)


def said(reaction):
    return [it for it in reaction.effects if isinstance(it, Say)]


@pytest.mark.parametrize(("asks", "key"), [(False, "document.link"), (True, "document.link_asks")])
def test_the_document_comes_as_a_link(asks, key):
    asked, reaction = pressing(0, DocumentOpened("https://clinic.example/d/x", asks))
    assert asked == OpenDocument(7)
    (say,) = said(reaction)
    assert (say.text, say.links[0].url) == (key, "https://clinic.example/d/x")


@pytest.mark.parametrize(("number", "answer"), [(1, "agreed"), (2, "refused"), (3, "asked")])
def test_an_answer_is_kept(number, answer):
    asked, reaction = pressing(number, DocumentAnswered(answer))
    assert asked == AnswerDocument(7, answer)
    assert [it.text for it in said(reaction)] == [f"document.{answer}"]


@pytest.mark.parametrize("outcome", ["withdrawn", "unread", "same"])
def test_what_else_an_answer_may_come_to_is_said(outcome):
    _, reaction = pressing(2, DocumentAnswered(outcome))
    assert [it.text for it in said(reaction)] == [f"document.{outcome}"]


def test_a_number_that_no_button_has_opens_the_document():
    asked, _ = pressing(9, DocumentGone())
    assert asked == OpenDocument(7)


def test_an_old_or_foreign_button_says_so_and_changes_nothing():
    patient = Patient()
    patient.happen(PressedAction("document", 7, 1))
    assert patient.keys == ["document.gone"]
    assert document.flow.start() == document.Pressed(0, 0)


def test_a_consent_has_three_answers_beside_opening_it():
    assert [it.value for it in document.choices_of(asks=False)] == ["open"]
    values = [it.value for it in document.choices_of(asks=True)]
    assert values == list(document.NUMBERS)
