"""``make iam-check``: what functions, APIs and state machines called, held against the roles that are deployed.

The calls are those that the engine recorded since its start or the last reset, whoever caused them: the integration
suite on the sandbox, `make load`, a browser.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bootstrap.clients import Clients
from bootstrap.deploy import explain
from sandbox.counted import counted
from sandbox.errors import EXIT_FAILED, EXIT_OK, UsageError
from sandbox.iam import configured, deployed
from sandbox.iam.check import Call, Missing, Result, Unused, check
from sandbox.own_stack import record
from sandbox.own_stack.record import OwnStack
from sandbox.target import Target, nothing_answers

_TIMEOUT_S = 10
_CALLERS = {"function": "function", "api": "API", "states": "Step Functions", "events": "EventBridge"}


def run(target: Target, environment: Mapping[str, str], console: Console) -> int:
    """Exit code 1 where a call has no grant; grants that nobody used are told.

    Raises:
        NotRunningError: there is no sandbox.
        UsageError: the endpoint records no calls, none was made yet, or ``JSON`` cannot be written.
    """
    file = _writable(environment.get("JSON"))
    target.require_running()
    recorded = record_of(target)
    own = record.read(target.engine.run) if target.engine else None
    if not recorded["calls"]:
        calls = f"run make order, make load, or the integration suite (make test ENDPOINT={target.endpoint})"
        raise UsageError(
            f"Nothing was called since {_time(recorded['since'])}: {'use your stack' if own else calls}, then make"
            " iam-check again."
        )
    result = held(target, recorded)
    if file:
        file.write_text(json.dumps(as_dict(result, target, recorded), indent=2) + "\n")
    _print(result, recorded, own, console)
    return EXIT_OK if result.ok else EXIT_FAILED


def held(target: Target, recorded: Mapping[str, Any]) -> Result:
    """What is recorded of callers that are there, and what the functions' configuration asks for, against the roles as
    they are now.

    Raises:
        DeployError: IAM or Lambda did not answer, or failed.
    """
    clients = Clients(target.endpoint)
    try:
        there = configured.callers(clients)
        roles = deployed.roles(clients)
        calls = [_call(each) for each in recorded["calls"] if _is_there(each, there, roles)]
        return check(roles, [*calls, *configured.needs(clients)], configured.welcome(clients))
    except (ClientError, BotoCoreError) as error:
        raise explain("roles and functions", error) from error


def record_of(target: Target) -> Mapping[str, Any]:
    """What the engine's ``/_loadstack/iam/calls`` says.

    Raises:
        NotRunningError: nobody answers.
        UsageError: it is no engine of ours, or it was told not to record.
    """
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the user's is for the way out, not for the loopback
            answer = session.get(f"{target.endpoint}/_loadstack/iam/calls", timeout=_TIMEOUT_S)
        content: Any = answer.json()
    except requests.JSONDecodeError:
        content = {}
    except requests.RequestException as error:
        raise nothing_answers(target.endpoint, error) from error
    if not isinstance(content, dict) or "calls" not in content:
        raise UsageError(
            f"{target.endpoint} records no calls: make iam-check needs this sandbox's engine (where an older one runs:"
            " make down, make up), without LOADSTACK_IAM=0."
        )
    return content


def as_dict(result: Result, target: Target, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """For programs: all of the result."""
    return {
        "endpoint": target.endpoint,
        "since": recorded["since"],
        "ok": result.ok,
        "left_out": recorded["left_out"],
        "lost": recorded["lost"],
        "grants": dict(result.grants),
        "missing": [asdict(each.call) | {"reason": each.reason} for each in result.missing],
        "unused": [
            {
                "role": each.role,
                "policy": each.grant.policy,
                "action": str(each.grant.action),
                "resource": str(each.grant.resource),
            }
            for each in result.unused
        ],
        "calls": [asdict(each) for each in result.calls],
    }


def _writable(name: str | None) -> Path | None:
    if not name:
        return None
    file = Path(name)
    if file.is_dir() or not file.parent.is_dir():
        raise UsageError(f"JSON={name} is no file that can be written: give one in a folder that is there.")
    return file


def _is_there(recorded: Mapping[str, Any], there: Collection[str], roles: Collection[str]) -> bool:
    """What was called by a function or an API that is gone says nothing of the stack that is there. Step Functions,
    EventBridge and its Scheduler call for what has a role: without that it is gone.
    """
    kind, _, name = recorded["caller"].partition(":")
    if kind in ("function", "api"):
        return f"{kind}:{name.partition(':')[0]}" in there
    return configured.role_name(recorded["role"]) in roles


def _call(recorded: Mapping[str, Any]) -> Call:
    kind, _, name = recorded["caller"].partition(":")
    return Call(
        configured.role_name(recorded["role"]),
        " ".join(filter(None, (_CALLERS.get(kind, kind.capitalize()), name))),
        recorded["action"],
        recorded["resource"],
        recorded["count"],
    )


def _print(result: Result, recorded: Mapping[str, Any], own: OwnStack | None, console: Console) -> None:
    console.print(_table(result))
    for unused in result.unused:
        console.print(f"[yellow]Never used[/]  {escape(_grant(unused))}")
    for missing in result.missing:
        console.print(f"[red]No grant[/]  {escape(_refused(missing))}")
    if recorded["left_out"]:
        console.print(
            f"[yellow]Not looked at[/]  {counted(recorded['left_out'], 'call')} on further objects of the same kind:"
            " the engine keeps 20 of a folder, and 20 folders of a bucket."
        )
    if recorded["lost"]:
        console.print(
            f"[yellow]Not looked at[/]  {counted(recorded['lost'], 'call')} after 10,000 different ones, which is what"
            " the engine keeps: make reset, and call the rest again."
        )
    total = sum(result.grants.values())
    console.print(
        f"{counted(len(result.calls), 'different call')} since {_time(recorded['since'])};"
        f" {total - len(result.unused)} of {counted(total, 'grant')} used."
    )
    if result.ok and recorded["lost"]:
        console.print("Each call that was looked at has a grant.")
    elif result.ok:
        console.print("[green]Each call has a grant.[/]")
    else:
        where = "the declaration (docs/least-privilege.md), make up"
        if own:
            where = f"your template, make up TEMPLATE={escape(own.template)}"
        console.print(
            f"[red]{counted(len(result.missing), 'call')} without a grant[/]: AWS would refuse them. Grant them in"
            f" {where}, and make iam-check again: what was called is kept."
        )


def _table(result: Result) -> Table:
    table = Table("role", box=None, header_style="bold")
    for column in ("grants", "never used", "calls", "no grant"):
        table.add_column(column, justify="right")
    names = {*result.grants, *(call.role for call in result.calls)}
    for name in sorted(names):
        unused = sum(each.role == name for each in result.unused)
        missing = sum(each.call.role == name for each in result.missing)
        calls = sum(call.role == name for call in result.calls)
        style = "red" if missing else "yellow" if unused else None
        table.add_row(name, str(result.grants.get(name, 0)), str(unused), str(calls), str(missing), style=style)
    return table


def _grant(unused: Unused) -> str:
    return f"{unused.role}: {unused.grant.action} on {unused.grant.resource}"


def _refused(missing: Missing) -> str:
    call = missing.call
    asked = f"for {call.why}" if call.why else counted(call.count, "time")
    reason = "" if missing.reason == "no grant" else f": {missing.reason}"
    return f"{call.caller}: {call.action} on {call.resource or 'what is unknown'} (role {call.role}, {asked}){reason}"


def _time(since: str) -> str:
    return datetime.fromisoformat(since).astimezone(UTC).strftime("%H:%M:%S UTC")
