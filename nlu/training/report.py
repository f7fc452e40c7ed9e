"""`make nlu-report`: measures both backends and writes docs/nlu.md. Takes some minutes."""

import asyncio
import contextlib
import secrets
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from nlu import rasa_server
from nlu.embedded import RANKED, Embedded
from nlu.interpreter import Interpreter
from nlu.rasa import Rasa
from nlu.reading import ACT, ASK, CERTAIN, INTENTS, Reading
from nlu.script import GROUPS, Group
from nlu.training import own_topics, rasa_data
from nlu.training.examples import LANGUAGES, taught
from nlu.training.fit import cross_validate, folds, probabilities, temperature_of
from nlu.training.measure import Figures, independent

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0  # s; figures are of what Rasa says, not of how fast it is
BANDS = ((0.0, ASK), (ASK, 0.5), (0.5, ACT), (ACT, CERTAIN), (CERTAIN, 1.01))
Measured = dict[str, Figures]


async def main() -> None:
    """Measure everything and write the page."""
    embedded = Embedded()
    held = {group: await asyncio.to_thread(_held_out, group) for group in GROUPS}
    own = {language: await independent(embedded, language) for language in LANGUAGES}
    unseen = {
        language: await independent(embedded, language, unseen=True) for language in LANGUAGES
    }
    async with _rasa(rasa_server.MODEL) as rasa:
        theirs = {language: await independent(rasa, language) for language in LANGUAGES}
    rasa_held = await _rasa_held_out()
    page = _page(own, unseen, theirs, held, rasa_held)
    await asyncio.to_thread((ROOT / "docs" / "nlu.md").write_text, page, "utf-8")


def _held_out(group: Group) -> Figures:
    """The embedded model on every training example, each time without having seen it."""
    examples = taught(group)
    held = cross_validate(group, examples)
    chances = probabilities(held.evidence, temperature_of(held))
    readings = []
    for row, (_, intent) in zip(chances, examples, strict=True):
        best = row.argsort()[::-1][:RANKED]
        readings.append((Reading(tuple((INTENTS[n], float(row[n])) for n in best)), intent))
    return Figures(readings)


async def _rasa_held_out() -> dict[Group, Figures]:
    """Rasa, taught four fifths of the examples, on the fifth that is left."""
    examples = {group: taught(group) for group in GROUPS}
    split = {group: folds(group, examples[group])[0] for group in GROUPS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        learnt = {g: [examples[g][n] for n in split[g][0]] for g in GROUPS}
        await asyncio.to_thread(_train, folder, learnt)
        async with _rasa(folder / "kayoi.tar.gz") as rasa:
            return {
                group: Figures(
                    [
                        (await rasa.read(text, "zh-Hans" if group == "zh" else group), intent)
                        for text, intent in (examples[group][n] for n in split[group][1])
                    ]
                )
                for group in GROUPS
            }


def _train(folder: Path, learnt: dict[Group, rasa_data.Examples]) -> None:
    rasa_data.write(folder / "data", learnt)
    project = ROOT / "nlu" / "rasa"
    python = str(rasa_server.FOLDER / "bin" / "python")
    arguments = ["--config", str(project / "config.yml"), "--domain", str(project / "domain.yml")]
    arguments += ["--nlu", str(folder / "data"), "--out", str(folder)]
    subprocess.run(  # noqa: S603  # ours
        [python, "-I", "-m", "rasa", "train", "nlu", *arguments, "--fixed-model-name", "kayoi"],
        check=True,
        env={
            "PATH": "",
            "HOME": str(folder),
            "RASA_TELEMETRY_ENABLED": "false",
            "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class _Nobody:
    """Stands behind Rasa, so that no figure of another interpreter passes for one of Rasa's."""

    local = True

    async def read(self, text: str, language: str) -> Reading:  # noqa: ARG002  # the protocol
        raise RuntimeError("Rasa did not answer")

    async def close(self) -> None:
        """It holds nothing."""


@contextlib.asynccontextmanager
async def _rasa(model: Path) -> AsyncIterator[Interpreter]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    program, environment = rasa_server.command(port, token, model)
    process = await asyncio.create_subprocess_exec(
        *program, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await _started(url, token)
        client = Rasa(url, token, _Nobody(), timeout=PATIENCE)
        yield client
        await client.close()
    finally:
        process.terminate()
        await process.wait()


async def _started(url: str, token: str) -> None:
    async with asyncio.timeout(180), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/status", params={"token": token}) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.5)


def _page(
    own: Measured,
    unseen: Measured,
    theirs: Measured,
    held: dict[Group, Figures],
    rasa_held: dict[Group, Figures],
) -> str:
    every = Figures([pair for figures in own.values() for pair in figures.readings])
    return f"""# How well texts are understood

Written by `make nlu-report`; do not edit. *Accuracy*: the best intent of a sentence in scope is the
one meant. *Refused*: a sentence out of scope is neither acted on nor asked about (best intent
`out_of_scope`, or confidence under {ASK}). *Acted on*: confidence of {ACT} or more in scope.
*Wrongly*: of all sentences, those acted on as what they do not mean.

## Independent sentences
`tests/nlu/data/intents_*.yml` were written before the training data; no model is taught them.

{_table("embedded", own)}
Without the sentences that stand in the training data too, as "hi" is bound to:

{_table("embedded, unseen", unseen)}
{_table("rasa", theirs)}
## Training data, held out
These are far more varied than what patients usually write: odd spellings, rare words, every sort of
slip. Embedded: {len(folds("en", taught("en")))}-fold cross-validation. Rasa: one of these folds,
as its training takes minutes. The sorts of words (`nlu/data/lookup/topic.yml`) were widened after a
look at such held-out errors of en and ja, so these figures flatter both backends somewhat.

{_table("embedded", held)}
{_table("rasa", rasa_held)}
## Reliability of the embedded model's confidence
A confidence is calibrated (temperature) on held-out training examples.

| confidence | independent: sentences | right | held out: sentences | right |
|---|---|---|---|---|
{_reliability(every, Figures([pair for one in held.values() for pair in one.readings]))}
From {ACT} on an intent is acted on, from {ASK} on it is asked about, from {CERTAIN} on a yes is
taken for a yes (`nlu/reading.py`).

{own_topics.section()}
## What is taken for what
Most frequent confusions of the embedded model, held out:

{_confusions(held)}
"""


def _table(name: str, measured: Measured | dict[Group, Figures]) -> str:
    head = "| language | sentences | accuracy | refused | acted on | wrongly |\n"
    head += "|---|---|---|---|---|---|\n"
    rows = [
        f"| {language} | {len(one.readings)} | {one.accuracy:.3f} | {one.refused:.3f} "
        f"| {one.acted:.3f} | {one.acted_wrongly:.3f} |"
        for language, one in measured.items()
    ]
    return f"**{name}**\n\n{head}" + "\n".join(rows) + "\n"


def _reliability(independent_: Figures, held: Figures) -> str:
    rows = []
    for low, high in BANDS:
        cells = [f"{low:.2f} to {min(high, 1.0):.2f}"]
        for figures in (independent_, held):
            count, right = figures.reliability(low, high)
            cells += [str(count), f"{right:.2f}" if count else "-"]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _confusions(held: dict[Group, Figures]) -> str:
    rows = ["| meant | taken for | " + " | ".join(held) + " |", "|---|---|" + "---|" * len(held)]
    whole: Counter[tuple[str, str]] = Counter()
    for figures in held.values():
        whole.update(figures.confusions)
    for pair, _ in whole.most_common(25):
        counts = " | ".join(str(figures.confusions[pair]) for figures in held.values())
        rows.append(f"| {pair[0]} | {pair[1]} | {counts} |")
    return "\n".join(rows)


if __name__ == "__main__":
    asyncio.run(main())
