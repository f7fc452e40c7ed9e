"""Requests and deeds about questionnaires that patients answer."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.answers.asker import Asker
from clinic.db import Tx
from clinic.questionnaire import service
from clinic.questionnaire.types import Questionnaire
from flows import effects, events
from flows.dialogue import Dialogue
from flows.form_effects import ListForms, OpenForm, SubmitForm
from flows.questionnaire import Filling


async def forms_of(tx: Tx, dialogue: Dialogue) -> dict[int, Questionnaire]:
    """The questionnaires that a dialogue is in the middle of, by id."""
    what = [getattr(session.step, "what", None) for session in dialogue.stack]
    ids = {one.form_id for one in what if isinstance(one, Filling)}
    return {form_id: await service.load(tx, form_id) for form_id in ids}


async def _list(tx: Tx, asker: Asker, request: ListForms) -> events.FormsListed:  # noqa: ARG001
    # Not what else waits for the patient of a one-time link: that was not sent there.
    linked = asker.scope and asker.scope.patient.id
    found = await service.waiting(tx, [it for it in asker.patient_ids if it != linked])
    return events.FormsListed(
        tuple(
            events.FormOption(one.request_id, _title(one.title, asker.language), one.patient_name)
            for one in found
        )
    )


async def _open(tx: Tx, asker: Asker, request: OpenForm) -> events.Answer:
    theirs = asker.ids_for_form(request.request_id)
    opened = await service.open_request(tx, asker.keys, request.request_id, theirs)
    if opened is None:
        return events.FormGone()
    return events.FormOpened(
        opened.questionnaire_id,
        opened.patient_id,
        opened.patient_name,
        _title(opened.title, asker.language),
        opened.draft,
        await service.load(tx, opened.questionnaire_id),
    )


async def _submit(tx: Tx, asker: Asker, request: SubmitForm) -> events.Answer:
    submitted = service.Submitted(
        request_id=request.request_id,
        account_id=asker.account_id,
        language=asker.language,
        answers=request.given,
        scores=request.scores,
        flags=request.flags,
    )
    theirs = asker.ids_for_form(request.request_id)
    written = await service.submit(tx, asker.keys, theirs, submitted)
    return events.FormGone() if written is None else events.FormSubmitted()


async def _keep(tx: Tx, asker: Asker, deed: effects.KeepDraft) -> None:
    theirs = asker.ids_for_form(deed.request_id)
    await service.keep_draft(tx, asker.keys, deed.request_id, theirs, deed.answers)


def _title(titles: Any, language: str) -> str:
    title: str = titles.get(language) or titles.get("en") or next(iter(titles.values()), "")
    return title


ANSWERS: dict[type, Callable[[Tx, Asker, Any], Awaitable[events.Answer]]] = {
    ListForms: _list,
    OpenForm: _open,
    SubmitForm: _submit,
}
DEEDS: dict[type, Callable[[Tx, Asker, Any], Awaitable[None]]] = {effects.KeepDraft: _keep}
