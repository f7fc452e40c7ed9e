"""How the Rasa server is started: with the model that was trained here, on loopback only."""

import hashlib
import os
from pathlib import Path

FOLDER = Path(__file__).parent / ".venv-rasa"  # where `make rasa` puts everything
MODEL = FOLDER / "models" / "kayoi.tar.gz"
# The token is read from the environment: other users of the machine see arguments.
_PROGRAM = """
import os, sys
sys.argv += ["--auth-token", os.environ.pop("RASA_TOKEN")]
from rasa.__main__ import main
main()
"""


def fault(model: Path = MODEL) -> str | None:
    """Why the server cannot be started; None if it can."""
    if not (FOLDER / "bin" / "python").exists() or not model.exists():
        return "Rasa is not installed here: make rasa"
    # A model is code: whoever changed it could run what they like.
    told = model.with_name(f"{model.name}.sha256")
    if not told.exists() or told.read_text().split()[0] != digest(model):
        return f"{model.name} is not the model that was trained: make rasa"
    return None


def digest(model: Path) -> str:
    """The SHA-256 of a model's file."""
    return hashlib.sha256(model.read_bytes()).hexdigest()


def command(port: int, token: str, model: Path = MODEL) -> tuple[list[str], dict[str, str]]:
    """Program with arguments, and the environment to run it in."""
    python = str((FOLDER / "bin" / "python").absolute())
    arguments = ["run", "--enable-api", "--interface", "127.0.0.1", "--port", str(port)]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(FOLDER.absolute()),
        "RASA_TOKEN": token,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "LOG_LEVEL": "WARNING",  # its debug lines hold texts
        "PYTHONWARNINGS": "ignore",
    }
    # Isolated: our own module rasa must not stand in for theirs.
    program = [python, "-I", "-c", _PROGRAM, *arguments, "--model", str(model.absolute())]
    return program, environment
