"""``make seed``: more products and users on a running stack, or those of an order log."""

import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bootstrap import enlarge, order_log
from bootstrap.clients import Clients
from bootstrap.enlarge import Enlarged, Growth
from bootstrap.order_log import OrderLog
from retail_log.errors import OrderLogError
from sandbox.errors import EXIT_OK, UsageError
from sandbox.exclusive import only_one
from sandbox.paths import CHANGING
from sandbox.shop_client import PASSWORD
from sandbox.target import Target

_EXAMPLE = "make seed PRODUCTS=10000 USERS=1000, or make seed FROM=orders.csv"


def run(target: Target, wishes: Mapping[str, str], console: Console) -> int:
    """Bring the stack to ``PRODUCTS`` and ``USERS`` in all, or add what the order log ``FROM`` names.

    With none of them, only the default seed is looked after.

    Raises:
        UsageError: a number is none, both ways at once, or the log cannot be read.
        NotRunningError: there is no stack.
        SeedError: the stack refused; calling again goes on from there.
    """
    products, users = _number(wishes, "PRODUCTS"), _number(wishes, "USERS")
    source = wishes.get("FROM")
    if source and (products, users) != (None, None):
        raise UsageError(
            "FROM= takes all that the file names: give PRODUCTS= and USERS= to a second make seed after it."
        )
    if not source and (products, users) == (None, None):
        raise UsageError(f"make seed wants to know what to add: {_EXAMPLE}.")
    started = time.monotonic()
    log = _read(source, console) if source else None
    target.require_running()
    waiting = "Another command changes the stack; waiting for it …"
    clients = Clients(target.endpoint)
    with only_one(CHANGING, waiting), console.status("Looking at what is there") as status:

        def progress(what: str, how: str) -> None:
            status.update(f"Seeding {what}: {how}")

        if log:
            done = enlarge.from_log(clients, target.api_url, log, progress)
        else:
            done = enlarge.to_size(clients, target.api_url, products, users, progress)
    _tell(done, products, users, console)
    if done.users and done.users.added:
        address = "customer-<CustomerID>@example.com" if log else "user-0001@example.com and so on"
        console.print(f"  They log in as {address} with the password {PASSWORD}", markup=False)
    console.print(f"Done in {time.monotonic() - started:.1f} s. make reset brings the default seed back.")
    return EXIT_OK


def _number(wishes: Mapping[str, str], name: str) -> int | None:
    text = wishes.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise UsageError(f"{name}={text} is no number of {name.lower()}: {_EXAMPLE}.")
    return int(text)


def _read(source: str, console: Console) -> OrderLog:
    with console.status("Reading the order log") as status:
        try:
            log = order_log.read(
                Path(source).expanduser(), lambda _, how: status.update(f"Reading the order log: {how}")
            )
        except OrderLogError as error:
            raise UsageError(str(error)) from error
    console.print(
        f"  {log.lines:,} lines, {log.sales:,} of them sales of {len(log.products):,} products "
        f"to {len(log.customers):,} customers"
    )
    return log


def _tell(done: Enlarged, products: int | None, users: int | None, console: Console) -> None:
    for what, growth, wanted in (("products", done.products, products), ("users", done.users, users)):
        if growth is not None:
            console.print(f"  {escape(_summary(what, growth, wanted))}")


def _summary(what: str, growth: Growth, wanted: int | None) -> str:
    if wanted is not None and growth.before > wanted:
        return f"There are {growth.before:,} {what}, more than {what.upper()}={wanted}: none is removed"
    if not growth.added:
        return f"{growth.now:,} {what}, unchanged"
    return f"{growth.added:,} {what} added, {growth.now:,} in all"
