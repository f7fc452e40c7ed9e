"""Asks the rounds of research cohorts whose day has come, by the usual questionnaire requests."""

from bot.environment import Environment
from clinic.cohort import service
from clinic.questionnaire.service import request


async def ask_rounds(env: Environment) -> int:
    """Make a request of each round that is due; how many rounds were settled.

    Who took back the consent to research, died or has no form to answer is skipped, with the
    reason. Sending, quiet hours and chats are the request's. Raises DatabaseDown.
    """
    async with env.database.transaction() as tx:
        today = env.local(await tx.fetchval("select now()")).date()
        due = await service.due_rounds(tx, today)
        for round_id, patient_id, form, why in due:
            asked = None
            if why is None:
                questionnaire = await tx.fetchval(
                    "select id from questionnaire where url = $1 and status = 'active'", form
                )
                if questionnaire is None:
                    why = "no_form"
                else:
                    key = f"cohort:{round_id}"
                    asked = await request(tx, key, questionnaire, patient_id)
            await service.settle_round(tx, round_id, asked, why)
    return len(due)
