"""Réglages: the rules, the accounts and the night, as forms."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from offcirc.i18n import N_
from offcirc.practice import accounts
from offcirc.practice.acts import night, rulebook
from offcirc.practice.acts.night import NightPlan
from offcirc.practice.acts.rulebook import Rules
from offcirc.practice.errors import ActError
from offcirc.practice.library.library import MANAGER, ROLES
from offcirc.practice.library.policy import DAYS
from offcirc.practice.web.pages.frame import PageAsk, PageFrame

_RULE = ("location", "group", "days", "max_days")
_LIMIT = ("most", "group", "library", "material_type", "exception")
_LENGTHS = ("hours", "days")


class SettingsPages:
    """What a manager may change."""

    def __init__(self, frame: PageFrame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Their addresses."""
        route = self._frame.route
        return [
            route("/settings", self.index, role=MANAGER, desk=False),
            route("/settings/library", self.library, "POST", role=MANAGER, desk=False),
            route("/settings/rules", self.rules, "POST", role=MANAGER, desk=False),
            route("/settings/exceptions", self.exceptions, "POST", role=MANAGER, desk=False),
            route("/settings/limits", self.limits, "POST", role=MANAGER, desk=False),
            route("/settings/account", self.account, "POST", role=MANAGER, desk=False),
            route("/settings/night", self.night, "POST", role=MANAGER, desk=False),
            route("/settings/night/run", self.run_night, "POST", role=MANAGER, desk=False),
        ]

    async def index(self, ask: PageAsk) -> Response:
        """Everything as it stands."""
        text, plan, people = await ask.read(_standing)
        return ask.page(
            "settings.html.j2",
            rules=tomllib.loads(text),
            days=DAYS,
            plan=asdict(plan),
            accounts=people,
            all_roles=ROLES,
        )

    async def _change(self, ask: PageAsk, edit: Callable[[Rules], None]) -> Response:
        """Change the rules: they hold once they are on disk."""
        ask.home = "/settings"
        policy = await ask.read(rulebook.change, edit)
        self._frame.house.adopt(policy)
        return ask.back("/settings", N_("The rules are changed: they hold from now on."))

    async def library(self, ask: PageAsk) -> Response:
        """Calendar, grace and fixed return dates of a library."""
        code = ask.text("code")

        def edit(rules: Rules) -> None:
            if code not in rules["libraries"]:
                raise ActError(N_("There is no such library."))
            table = rules["libraries"][code]
            table["name"] = ask.text("name")
            table["hours"] = {day: ask.text(day) for day in DAYS if ask.text(day)}
            for key in ("grace_days", "short_loan_grace_days"):
                table[key] = _number(ask.text(key))
            _spans(table, "closures", ("from", "to"), ask.text("closures"))
            _spans(table, "fixed_returns", ("from", "to", "due"), ask.text("fixed_returns"))

        return await self._change(ask, edit)

    async def rules(self, ask: PageAsk) -> Response:
        """Loan lengths, and from where a renewal counts."""

        def edit(rules: Rules) -> None:
            rules["renewal"] = ask.text("renewal")
            rules["rules"] = _rows(ask, _RULE, "location")

        return await self._change(ask, edit)

    async def exceptions(self, ask: PageAsk) -> Response:
        """What an item's exception puts in place of the rule."""

        def edit(rules: Rules) -> None:
            rules["exceptions"] = {
                row.pop("code"): _exception(row)
                for row in _rows(ask, ("code", "kind", "length", "renewable", "max_days"), "code")
            }

        return await self._change(ask, edit)

    async def limits(self, ask: PageAsk) -> Response:
        """How much a reader may have at once."""

        def edit(rules: Rules) -> None:
            rules.pop("limits", None)
            found = _rows(ask, _LIMIT, "most")
            if found:
                rules["limits"] = found

        return await self._change(ask, edit)

    async def account(self, ask: PageAsk) -> Response:
        """Change an account or make one; whoever is signed in with it is out."""
        ask.home = "/settings"
        login, password = ask.text("login"), ask.form.get("password", "")
        await ask.read(
            rulebook.set_account,
            self._frame.house.policy,
            login=login,
            name=ask.text("name"),
            role=ask.text("role"),
            desks=ask.texts("desks"),
            password=password if isinstance(password, str) else "",
        )
        entry = await ask.read(accounts.find, login)
        self._frame.sessions.end_others(
            lambda one: one.account.login == login and one is not ask.visit
        )
        self._frame.house.uploaders.end_others(lambda one: one.login == login)
        if entry is not None and ask.signed.account.login == login:
            ask.signed.account = entry.account
        return ask.back("/settings", N_("The account is kept."))

    async def night(self, ask: PageAsk) -> Response:
        """What the night does, and when."""
        ask.home = "/settings"
        first, second, third = (ask.number(f"overdue_{number}") for number in (1, 2, 3))
        hour = ask.text("hour")
        plan = NightPlan(
            ask.number("courtesy"),
            (first, second, third),
            ask.number("lost"),
            ask.number("hour") if hour else -1,
        )
        await ask.read(night.set_plan, plan)
        return ask.back("/settings", N_("The night is set."))

    async def run_night(self, ask: PageAsk) -> Response:
        """Let the night come now."""
        ask.home = "/settings"
        result = await ask.do(night.run)
        return ask.back(
            "/settings",
            N_(
                "The night is over: {letters} letters, {lost} items lost, {readers} new readers,"
                " {contacts} contacts overwritten."
            ),
            **asdict(result),
            readers=result.patrons,
        )


def _standing(
    connection: sqlite3.Connection,
) -> tuple[str, NightPlan, list[sqlite3.Row]]:
    return rulebook.text(connection), night.plan(connection), rulebook.accounts(connection)


def _number(text: str) -> Any:
    """A number where it is one; the check of the rules says what is wrong with anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _rows(ask: PageAsk, columns: tuple[str, ...], needed: str) -> list[dict[str, Any]]:
    """The rows of a table of fields; one whose first cell is empty is taken away."""
    cells = {name: ask.texts(name) for name in columns}
    count = len(cells[needed])
    if any(len(each) != count for each in cells.values()):
        raise ActError(N_("The form could not be read. Nothing was done."))
    rows = []
    for index in range(count):
        row = {name: cells[name][index].strip() for name in columns}
        if row[needed]:
            rows.append(
                {
                    name: _number(text) if name in _NUMBERS else text
                    for name, text in row.items()
                    if text
                }
            )
    return rows


_NUMBERS = {"days", "max_days", "most", "length"}


def _exception(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("kind") == "excluded":
        return {"excluded": True}
    found: dict[str, Any] = {}
    if row.get("kind") in _LENGTHS:
        found[row["kind"]] = row.get("length", "")
    if row.get("renewable") == "no":
        found["renewable"] = False
    if "max_days" in row:
        found["max_days"] = row["max_days"]
    return found


def _spans(table: Rules, key: str, names: tuple[str, ...], text: str) -> None:
    """Lines of days into a list of tables."""
    table.pop(key, None)
    spans = []
    for line in text.splitlines():
        words = line.split()
        if words:
            if len(words) != len(names):
                raise ActError(N_("A line of days is not complete: {line}"), line=line.strip())
            spans.append(dict(zip(names, words, strict=True)))
    if spans:
        table[key] = spans
