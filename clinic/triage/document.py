"""Reading a file of triage rules, and naming what it says."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import yaml

from clinic.errors import KayoiError


class RuleFault(KayoiError):
    """A file of triage rules cannot be used; names the file and every fault of it."""


class _Loader(yaml.CSafeLoader):
    """The safe loader, which refuses what would silently replace what stood before."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys differ. Raises yaml.YAMLError."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.YAMLError(f"{', '.join(sorted(twice))} twice, line {node.start_mark.line}")
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


def document(path: Path) -> Any:
    """What a YAML file says. Raises RuleFault if it cannot be read."""
    try:
        return yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  # it is a safe one
    except (OSError, UnicodeDecodeError) as error:
        raise RuleFault(f"{path.name}: {error}") from None
    except yaml.YAMLError as error:
        raise RuleFault(f"{path.name}: {' '.join(str(error).split())}") from None


def digest(content: Mapping[str, Any]) -> str:
    """Names what a document says, whatever its order, its spaces and its comments."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
