"""Breaks the hearts of the program, one small change at a time, and names what no test notices.

``python tests/mutants.py [WORD ...]``: those whose path holds one of the words; all when none is
given. No file is touched: each change lives in the memory of a process that runs the tests. A
survivor is either a test that is missing or a change that changes nothing; people tell which.
"""

from __future__ import annotations

import ast
import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

TOP = Path(__file__).resolve().parent.parent

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
        before, after: the code there.
        tree: the whole module, changed.
    """

    line: int
    before: str
    after: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every change of a module that is tried."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for choice in range(len(_changes(node))):
            copy = deepcopy(tree)
            twin = next(other for place, other in enumerate(ast.walk(copy)) if place == number)
            _changes(twin)[choice]()
            after = ast.unparse(ast.fix_missing_locations(twin))
            yield Mutant(node.lineno, ast.unparse(node), after, copy)  # type: ignore[attr-defined]


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


def _tests(module: Path | None, code: CodeType | None, tests: tuple[str, ...], seconds: int) -> int:
    """Run tests in a process of its own, with another code for one module; the signal or 0/1/…"""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.alarm(seconds)
    os.setpgid(0, 0)
    usual = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> Any:
        return code if module and Path(loader.path) == module else usual(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    import pytest

    quiet = io.StringIO()
    with redirect_stdout(quiet), redirect_stderr(quiet):
        options = ["-x", "-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=no"]
        options.append("--hypothesis-profile=mutants")
        done = int(pytest.main([*options, *tests]))
    os._exit(done)


def main(words: list[str]) -> int:
    """Try all; the number of survivors decides nothing, red tests to begin with do."""
    sys.path[:0] = [str(TOP), str(TOP / "tests")]
    os.chdir(TOP)
    import pytest  # noqa: F401 - once for all children
    from hearts import HEARTS

    for name, tests in HEARTS.items():
        if words and not any(word in name for word in words):
            continue
        began = time.monotonic()
        if _tests(None, None, tests, 600):
            print(f"{name}: its tests fail as it is")
            return 1
        seconds = int(3 * (time.monotonic() - began)) + 10
        tried = survived = 0
        for mutant in mutants((TOP / name).read_text(encoding="utf-8")):
            tried += 1
            code = compile(mutant.tree, str(TOP / name), "exec")
            if not _tests(TOP / name, code, tests, seconds):
                survived += 1
                print(f"{name}:{mutant.line}: survived: {mutant.before} -> {mutant.after}")
        print(f"{name}: {tried} changes, {survived} survived")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
