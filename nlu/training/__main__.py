"""`make nlu`: trains the embedded models."""

from nlu.embedded import FOLDER
from nlu.script import GROUPS
from nlu.training.examples import digest, taught
from nlu.training.fit import accuracy, write

FOLDER.mkdir(exist_ok=True)
for group in GROUPS:
    file = FOLDER / f"{group}.gz"
    held = write(file, group, taught(group), digest(group))
    print(f"{group}: {file.stat().st_size // 1024} KB, held-out {accuracy(held):.3f}")  # noqa: T201
