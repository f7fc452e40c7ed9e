"""The id of this installation in the data folder, by which a copied database shows."""

import os
from pathlib import Path
from uuid import UUID

FILE = "instance"


def read_instance(folder: Path) -> UUID | None:
    """The id that was written here; None if there is none."""
    try:
        return UUID((folder / FILE).read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return None


def write_instance(folder: Path, instance: UUID) -> None:
    """Keep the id here, whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{FILE}.{os.getpid()}"
    new.write_text(f"{instance}\n", encoding="ascii")
    new.replace(folder / FILE)
