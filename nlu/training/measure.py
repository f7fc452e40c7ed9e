"""How well an interpreter reads, on sentences that no model was taught."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.grams import folded
from nlu.interpreter import Interpreter
from nlu.reading import ACT, ASK, Reading
from nlu.training.examples import LANGUAGES, read, taught

INDEPENDENT = Path(__file__).parents[2] / "tests" / "nlu" / "data"
OUTSIDE = "out_of_scope"


@dataclass(frozen=True)
class Figures:
    """Readings of some examples, each with the intent that was meant."""

    readings: Sequence[tuple[Reading, str]]

    @property
    def accuracy(self) -> float:
        """The share of examples in scope whose best intent is the one meant."""
        return _share([reading.intent == intent for reading, intent in self._inside])

    @property
    def refused(self) -> float:
        """The share of examples out of scope that are neither acted on nor asked about."""
        return _share(
            [
                reading.intent == OUTSIDE or reading.confidence < ASK
                for reading, intent in self.readings
                if intent == OUTSIDE
            ]
        )

    @property
    def acted(self) -> float:
        """The share of examples in scope that are sure enough to be acted on."""
        return _share([reading.confidence >= ACT for reading, _ in self._inside])

    @property
    def acted_wrongly(self) -> float:
        """The share of all examples that are acted on, and wrongly."""
        return _share(
            [
                reading.intent not in (intent, OUTSIDE) and reading.confidence >= ACT
                for reading, intent in self.readings
            ]
        )

    @property
    def confusions(self) -> Counter[tuple[str, str]]:
        """How often an intent that was meant was taken for another."""
        return Counter(
            (intent, reading.intent)
            for reading, intent in self.readings
            if reading.intent != intent
        )

    def reliability(self, low: float, high: float) -> tuple[int, float]:
        """How many readings have such a confidence, and what share of them is right."""
        right = [
            reading.intent == intent
            for reading, intent in self.readings
            if low <= reading.confidence < high
        ]
        return len(right), _share(right)

    @property
    def _inside(self) -> list[tuple[Reading, str]]:
        return [pair for pair in self.readings if pair[1] != OUTSIDE]


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")


async def independent(interpreter: Interpreter, language: str, *, unseen: bool = False) -> Figures:
    """Read the independent sentences of a language.

    `unseen`: without those that stand in the training data too, as "hi" is bound to.
    """
    group = LANGUAGES[language]
    known = {folded(text, group) for text, _ in taught(group)} if unseen else set()
    return Figures(
        [
            (await interpreter.read(text, language), intent)
            for text, intent in read(INDEPENDENT / f"intents_{language}.yml")
            if folded(text, group) not in known
        ]
    )
