"""Breaks the hearts of the program, one small change at a time, and names what no test notices.

``python tests/mutants.py [WORD ...]``: those whose path holds one of the words; all when none is
given. No file is touched: each change lives in the memory of a process that runs the tests, those
first that walk the changed line, the quickest of them first. A survivor is either a test that is
missing or a change that changes nothing; people tell which, and write the latter down, with the
reason, in ``equivalents.toml``. Any other survivor is red.
"""

from __future__ import annotations

import ast
import io
import json
import os
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Generator, Iterator
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import pytest

TOP = Path(__file__).resolve().parent.parent
EQUIVALENTS = TOP / "tests" / "equivalents.toml"
WORKERS = 2

_OTHER: dict[type[ast.AST], type[Any]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}


class Mutant(NamedTuple):
    """One change.

    Attributes:
        line: where.
        text: what stands in that line.
        before, after: the code there.
        tree: the whole module, changed.
    """

    line: int
    text: str
    before: str
    after: str
    tree: ast.Module

    @property
    def known_as(self) -> tuple[str, str]:
        """By what it stands among the equivalents: when the line changes, no more."""
        return self.text, f"{self.before} -> {self.after}"


def mutants(source: str) -> Iterator[Mutant]:
    """Every change of a module that is tried."""
    tree, lines = ast.parse(source), source.splitlines()
    # "frozen" and "slots" are promises to those who write the code; mypy watches over them.
    spared = {
        id(inside)
        for node in ast.walk(tree)
        for decorator in getattr(node, "decorator_list", ())
        for inside in ast.walk(decorator)
    }
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in spared:
            continue
        for choice in range(len(_changes(node))):
            copy = deepcopy(tree)
            twin = next(other for place, other in enumerate(ast.walk(copy)) if place == number)
            _changes(twin)[choice]()
            after = ast.unparse(ast.fix_missing_locations(twin))
            line: int = node.lineno  # type: ignore[attr-defined]
            yield Mutant(line, lines[line - 1].strip(), ast.unparse(node), after, copy)


def _changes(node: ast.AST) -> list[Any]:
    """What can be done to a node, each as a call that does it."""

    def put(where: Any, field: str, value: object) -> Any:
        return lambda: setattr(where, field, value)

    match node:
        case ast.Compare(ops=ops):
            return [
                lambda place=place, op=op: ops.__setitem__(place, _OTHER[type(op)]())
                for place, op in enumerate(ops)
            ]
        case ast.BoolOp() | ast.BinOp() | ast.AugAssign() if type(node.op) in _OTHER:
            return [put(node, "op", _OTHER[type(node.op)]())]
        case ast.UnaryOp(op=ast.Not()):
            # "not not x": the same as leaving the "not" out.
            return [put(node, "operand", ast.UnaryOp(ast.Not(), node.operand))]
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call() | ast.NamedExpr()):
            return [put(node, "test", ast.UnaryOp(ast.Not(), node.test))]
        case ast.Constant(value=bool()):
            return [put(node, "value", not node.value)]
        case ast.Constant(value=int() | float()):
            return [put(node, "value", node.value + 1)]
        case ast.Expr(value=ast.Call()):
            return [put(node, "value", ast.Constant(None))]
    return []


def equivalents() -> dict[str, dict[tuple[str, str], str]]:
    """For each module the changes that change nothing, and why."""
    known = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8"))
    return {
        name: {(entry["line"], entry["change"]): entry["why"] for entry in entries}
        for name, entries in known.items()
    }


class _Walk:
    """Which test walks which line of a module, and how long each takes."""

    def __init__(self, module: Path, folder: Path) -> None:
        import coverage

        self._module = str(module)
        self._known = folder / "walk.json"
        self._coverage = coverage.Coverage(
            data_file=str(folder / "coverage"), include=[self._module], config_file=False
        )
        self._seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._coverage.switch_context(item.nodeid)
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self._seconds[item.nodeid] = time.monotonic() - began

    def pytest_sessionstart(self) -> None:
        self._coverage.start()

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        lines = self._coverage.get_data().contexts_by_lineno(self._module)
        self._known.write_text(json.dumps([lines, self._seconds]), encoding="utf-8")

    @staticmethod
    def read(folder: Path) -> tuple[dict[int, list[str]], dict[str, float]]:
        lines, seconds = json.loads((folder / "walk.json").read_text(encoding="utf-8"))
        return {int(line): tests for line, tests in lines.items()}, seconds


def _statement(tree: ast.Module, line: int) -> range:
    """The lines of the smallest statement around a line; of one with a body, its head."""
    around = [range(line, line + 1)]
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            if node.lineno <= line <= end:
                around.append(range(node.lineno, end + 1))
    return min(around[1:] or around, key=len)


def _start(tests: list[str], seconds: int, plugin: object = None, **code: CodeType) -> int:
    """Start tests in a process of its own, with another code for a module; the process.

    Args:
        tests: which, in this order, until one fails.
        seconds: that each may take; those that a change makes hang, have noticed it.
        plugin: of pytest.
        code: by the module's path.
    """
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    os.setpgid(0, 0)
    usual = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> Any:
        return code.get(loader.path) or usual(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    quiet = io.StringIO()
    with redirect_stdout(quiet), redirect_stderr(quiet):
        options = ["-x", "-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=no"]
        options += ["--hypothesis-profile=mutants", f"--timeout={seconds}"]
        done = int(pytest.main([*options, *tests], plugins=[plugin] if plugin else None))
    os._exit(done)


def _survivors(todo: Iterator[tuple[Mutant, Callable[[], int]]]) -> Iterator[Mutant]:
    """Try changes, a few at once; yield those with which all tests are green."""
    running: dict[int, Mutant] = {}
    for mutant, start in todo:
        if len(running) == WORKERS:
            yield from _ended(running)
        running[start()] = mutant
    while running:
        yield from _ended(running)


def _ended(running: dict[int, Mutant]) -> Iterator[Mutant]:
    child, status = os.wait()
    mutant = running.pop(child)
    if os.waitstatus_to_exitcode(status) == 0:
        yield mutant


def _module(name: str, tests: tuple[str, ...], known: dict[tuple[str, str], str]) -> bool:
    """Try all changes of one module; whether none survived that should not."""
    module = TOP / name
    source = module.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        child = _start(list(tests), 300, _Walk(module, Path(folder)))
        if os.waitpid(child, 0)[1]:
            print(f"{name}: its tests fail as it is")
            return False
        walked, took = _Walk.read(Path(folder))
    seconds = int(4 * max(took.values())) + 5
    tree, every, stale = ast.parse(source), sorted(took, key=took.__getitem__), dict(known)
    tried = 0

    def todo() -> Iterator[tuple[Mutant, Callable[[], int]]]:
        nonlocal tried
        for mutant in mutants(source):
            tried += 1
            if mutant.known_as in known:
                stale.pop(mutant.known_as, None)
                continue
            lines = _statement(tree, mutant.line)
            near = {test for line in lines for test in walked.get(line, ())}
            # The others too: a fixture that is shared is walked by the first that asks for it.
            first = sorted(every, key=lambda test: test not in near)
            code = {str(module): compile(mutant.tree, str(module), "exec")}
            yield mutant, partial(_start, first, seconds, **code)

    survived = 0
    for mutant in _survivors(todo()):
        survived += 1
        print(f"{name}:{mutant.line}: survived: {mutant.before} -> {mutant.after}", flush=True)
    for line, change in stale:
        print(f"{name}: among the equivalents, and no such change any more: {line}: {change}")
    print(f"{name}: {tried} changes, {survived} survived, {len(known)} known to change nothing")
    return not survived and not stale


def main(words: list[str]) -> int:
    """Try all; 1 when a change survives that is not known to change nothing."""
    sys.path[:0] = [str(TOP), str(TOP / "tests")]
    os.chdir(TOP)
    from hearts import HEARTS

    known = equivalents()
    good = True
    for name, tests in HEARTS.items():
        if not words or any(word in name for word in words):
            good &= _module(name, tests, known.get(name, {}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
