"""What all code of the product keeps to, beyond what the linters see."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from tests.architecture.repository import PRODUCT, ROOT, modules

Function = ast.FunctionDef | ast.AsyncFunctionDef
_REASONED = re.compile(r"#\s*type:\s*ignore(?P<code>\[[\w, -]+\])?(?P<reason>.*)$", re.MULTILINE)


def public_functions(tree: ast.Module) -> Iterator[Function]:
    """Functions of a module and methods of its public classes that others may call."""
    for node in tree.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (
                member
                for member in node.body
                if isinstance(member, Function)
                and not member.name.startswith("_")
                and not _told_elsewhere(member)
            )


def _told_elsewhere(method: Function) -> bool:
    """An overload, a setter, or what a protocol of ours already explains."""
    names = {ast.unparse(decorator).split(".")[-1] for decorator in method.decorator_list}
    return bool(names & {"overload", "setter"}) or method.name in _explained_by_protocols()


@cache
def _explained_by_protocols() -> frozenset[str]:
    """Methods that a Protocol or abstract class of the product declares, each with its words."""
    return frozenset(
        member.name
        for path in modules(*PRODUCT)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        and {ast.unparse(base).split("[")[0] for base in node.bases} & {"Protocol", "ABC"}
        for member in node.body
        if isinstance(member, Function) and ast.get_docstring(member) is not None
    )


def test_every_public_function_says_what_it_is_for() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in modules(*PRODUCT)
        if "migrations" not in path.parts
        for function in public_functions(ast.parse(path.read_text()))
        if ast.get_docstring(function) is None and not _obvious(function)
    ]
    assert silent == []


def _obvious(function: Function) -> bool:
    """`close` and `__aexit__` need no words; nor do the bodies `...` of a protocol's methods."""
    body = function.body[0]
    return function.name == "close" or (
        isinstance(body, ast.Expr)
        and isinstance(body.value, ast.Constant)
        and body.value.value is Ellipsis
    )


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules(*PRODUCT)
        if path.read_text().strip()
        and "migrations" not in path.parts
        and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_every_ignored_type_error_names_its_code_and_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in modules(*PRODUCT)
        for match in _REASONED.finditer(path.read_text())
        if not match["code"] or len(match["reason"].strip(" #")) < 5
    ]
    assert bare == []


def test_the_import_order_holds() -> None:
    program = "from importlinter.cli import lint_imports; exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", PRODUCT)
def test_every_package_is_known_to_the_type_checker_and_the_import_order(package: str) -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    listed = [line for line in settings.splitlines() if '"bot", "flows"' in line]
    assert len(listed) == 2
    assert all(f'"{package}"' in line for line in listed)
