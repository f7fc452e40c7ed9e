"""The training data as Rasa is taught: in the form in which our client asks."""

import sys
from collections.abc import Mapping
from pathlib import Path

from nlu import lexicon
from nlu.entities import KINDS
from nlu.grams import asked
from nlu.script import GROUPS, Group
from nlu.training.examples import taught

Examples = list[tuple[str, str]]
# Rasa reads [words](entity) in an example as markup.
_MARKUP = str.maketrans("[]{}", "    ")


def write(folder: Path, examples: Mapping[Group, Examples] | None = None) -> int:
    """One file a group of languages under `folder`; returns how many examples there are."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for group in GROUPS:
        intents: dict[str, dict[str, None]] = {}
        for text, intent in examples[group] if examples else taught(group):
            form = " ".join(asked(text, group).translate(_MARKUP).split())
            if form:
                intents.setdefault(intent, {})[form] = None
        lines = ['version: "3.1"', "nlu:"]
        for intent, texts in intents.items():
            lines += [f"  - intent: {intent}", "    examples: |"]
            lines += [f"      - {text}" for text in texts]
        for name, pattern in _sorts(group).items():
            lines += [f"  - regex: {name}_{group}", "    examples: |", f"      - {pattern}"]
        (folder / f"{group}.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        count += sum(map(len, intents.values()))
    return count


def _sorts(group: Group) -> dict[str, str]:
    """The sorts of words that the embedded model knows, as regular expressions."""
    topics = {topic: lexicon.pattern(group, "topic", [topic]) for topic in lexicon.lookup("topic")}
    named: dict[str, str] = {
        kind: lexicon.pattern(group, kind, [x for x in lexicon.lookup(kind) if x != "none"])
        for kind in KINDS
    }
    return {**topics, **named}


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]))} examples")  # noqa: T201
