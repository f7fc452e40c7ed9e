"""The scripts that a finding can be about, and what they are called."""

from collections.abc import Mapping

from admin.i18n import Speech
from clinic.db import Tx
from clinic.quality.rules import script
from clinic.quality.types import RULE_SETS
from clinic.staff.access.questionnaires import access_forms
from clinic.staff.types import Staff
from clinic.triage.load import catalogue
from flows.reasons import reason
from flows.texts import CATALOGUES
from nlu.red_flags.lexicon import rules

LABEL_LENGTH = 60  # characters of a text


async def known_scripts(tx: Tx, staff: Staff, speech: Speech) -> Mapping[str, str]:
    """Every script with its name in the staff's language."""
    language = speech.language
    texts = CATALOGUES[language]
    named = {
        **{script("presentation", one.id): one.title[language] for one in catalogue().values()},
        **{
            script("questionnaire", form.name): form.title
            for form in await access_forms(tx, staff, language)
        },
        **{script("red_flag", rule): reason(rule, (), language) for rule in rules()},
        **{script("text", key): forms[-1][:LABEL_LENGTH] for key, forms in texts.items()},
    }
    return {name: f"{_kind(name, speech)}: {words}" for name, words in named.items()}


def called(name: str, known: Mapping[str, str], speech: Speech) -> str:
    """What a script, or a set of them, is called; as it was written if it is there no more."""
    return speech(f"quality.set.{name}") if name in RULE_SETS else known.get(name, name)


def _kind(name: str, speech: Speech) -> str:
    return speech(f"quality.script.{name.partition(':')[0]}")
