"""Adds products and customers to a seeded stack: up to a number of them, or those of an order log.

Nothing is changed that is there already, and nothing removed. A product's stock is written before the product, and an
address before its customer, so that what was interrupted is taken for missing, and written (again) by the next call.

All customers who are added share the demo customer's password, and its hash too, which is copied: each hash of its own
would cost tens of milliseconds of processor time, by design. That is fine for demo data, whose password everybody
knows, and for nothing else: equal hashes tell who has the same password, and whoever guesses one has all.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from itertools import batched, islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bootstrap import batches, catalogue
from bootstrap.catalogue import Customer, Product
from bootstrap.clients import Clients
from bootstrap.context import Progress, silent
from bootstrap.errors import SeedError
from bootstrap.order_log import OrderLog
from bootstrap.plausible import Plausible
from bootstrap.seed import PRODUCTS_TABLE, STOCK_TABLE, USERS_TABLE, post, product_item, seed, stock_item

_CHUNK = 1_000
_DEMO = catalogue.DEMO_USERS[0]
_DELETED_TABLE = "deleted-users"
_ADDRESS = "email#"  # how the users service begins the keys of the items that keep addresses unique


@dataclass(frozen=True, slots=True)
class Growth:
    """How many there were, and how many were added."""

    before: int
    added: int

    @property
    def now(self) -> int:
        return self.before + self.added


@dataclass(frozen=True, slots=True)
class Enlarged:
    """What happened; None for what was not asked for."""

    products: Growth | None
    users: Growth | None


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The users that are there, whose each address is, and the users whose tokens are refused."""

    users: set[str] = field(default_factory=set)
    owners: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)

    def have_room_for(self, customer: Customer) -> bool:
        """Whether there is neither such a user, nor was one, nor another one with this address."""
        return (
            customer.user_id not in self.users
            and customer.user_id not in self.deleted
            and self.owners.get(customer.email, customer.user_id) == customer.user_id
        )


def to_size(
    clients: Clients, api_url: str, products: int | None, users: int | None, progress: Progress = silent
) -> Enlarged:
    """Seed, then add products and users until there are that many in all (None: leave them). More stay more.

    Raises:
        SeedError: the API or DynamoDB refused. The next call goes on from there.
    """
    plausible = Plausible()

    def work() -> Enlarged:
        return Enlarged(
            None if products is None else _grow_products(clients, plausible.products(), products, progress),
            None if users is None else _grow_users(clients, api_url, plausible.customers(), users, progress),
        )

    return _seeded(clients, api_url, progress, work)


def from_log(clients: Clients, api_url: str, log: OrderLog, progress: Progress = silent) -> Enlarged:
    """Seed, then add the products and the customers of `log` that are not there.

    Raises:
        SeedError: as `to_size`.
    """
    return _seeded(
        clients,
        api_url,
        progress,
        lambda: Enlarged(
            _grow_products(clients, log.products, None, progress),
            _grow_users(clients, api_url, log.customers, None, progress),
        ),
    )


def _seeded(clients: Clients, api_url: str, progress: Progress, work: Callable[[], Enlarged]) -> Enlarged:
    seed(clients, api_url, progress)
    try:
        return work()
    except (BotoCoreError, ClientError, batches.ThrottledError) as error:
        raise SeedError(f"seed: DynamoDB did not take it: {error}. Call it again: it goes on from there.") from error


def _grow_products(clients: Clients, source: Iterable[Product], wanted: int | None, progress: Progress) -> Growth:
    dynamodb = clients.dynamodb
    there = {item["productId"]["S"] for item in _scan(clients, PRODUCTS_TABLE, "productId")}
    missing = (each for each in source if each.product_id not in there)

    def write(chunk: tuple[Product, ...]) -> None:
        batches.put(dynamodb, STOCK_TABLE, [stock_item(each) for each in chunk])
        batches.put(dynamodb, PRODUCTS_TABLE, [product_item(each) for each in chunk])

    return Growth(len(there), _in_chunks(_up_to(missing, wanted, there), write, "products", progress))


def _grow_users(
    clients: Clients, api_url: str, source: Iterable[Customer], wanted: int | None, progress: Progress
) -> Growth:
    accounts = _accounts(clients)
    missing = _up_to(filter(accounts.have_room_for, source), wanted, accounts.users)
    if (first := next(missing, None)) is None:
        return Growth(len(accounts.users), 0)
    pattern = _demo_account(clients, api_url, accounts)

    def write(chunk: tuple[Customer, ...]) -> None:
        batches.put(clients.dynamodb, USERS_TABLE, [_address_item(each) for each in chunk])
        batches.put(clients.dynamodb, USERS_TABLE, [_user_item(each, pattern) for each in chunk])

    def all_of_them() -> Iterator[Customer]:
        yield first
        yield from missing

    return Growth(len(accounts.users), _in_chunks(all_of_them(), write, "users", progress))


def _up_to[T](missing: Iterable[T], wanted: int | None, there: Set[str]) -> Iterator[T]:
    return islice(missing, None if wanted is None else max(wanted - len(there), 0))


def _in_chunks[T](items: Iterator[T], write: Callable[[tuple[T, ...]], None], what: str, progress: Progress) -> int:
    """Write all, a thousand at a time: no more than those are in memory. How many there were."""
    written = 0
    for chunk in batched(items, _CHUNK, strict=False):
        write(chunk)
        written += len(chunk)
        progress(what, f"{written:,} added")
    return written


def _accounts(clients: Clients) -> _Accounts:
    accounts = _Accounts(deleted={item["userId"]["S"] for item in _scan(clients, _DELETED_TABLE, "userId")})
    for item in _scan(clients, USERS_TABLE, "userId", "ownerId"):
        key = item["userId"]["S"]
        if key.startswith(_ADDRESS):
            accounts.owners[key.removeprefix(_ADDRESS)] = item["ownerId"]["S"]
        else:
            accounts.users.add(key)
    return accounts


def _demo_account(clients: Clients, api_url: str, accounts: _Accounts) -> dict[str, Any]:
    """The demo customer's item, with the hash of a password that still is the documented one."""
    login = {"email": _DEMO.email, "password": _DEMO.password}
    owner: Any = {"userId": {"S": accounts.owners.get(_DEMO.email, "nobody")}}
    item = clients.dynamodb.get_item(TableName=USERS_TABLE, Key=owner, ConsistentRead=True).get("Item")
    if item is None or post(f"{api_url}/users/login", login, 200, 401) == 401:
        raise SeedError(
            f"seed: {_DEMO.email} no longer has the password {_DEMO.password}, which seeded users share: "
            "make reset first."
        )
    return dict(item)


def _address_item(customer: Customer) -> dict[str, Any]:
    return {"userId": {"S": f"{_ADDRESS}{customer.email}"}, "ownerId": {"S": customer.user_id}}


def _user_item(customer: Customer, pattern: dict[str, Any]) -> dict[str, Any]:
    """The demo customer under another name: what else the users service keeps of a customer is in it too."""
    own = {"userId": customer.user_id, "email": customer.email, "name": customer.name}
    return {**pattern, **{name: {"S": value} for name, value in own.items()}}


def _scan(clients: Clients, table: str, *attributes: str) -> Iterator[dict[str, Any]]:
    pages = clients.dynamodb.get_paginator("scan").paginate(
        TableName=table, ConsistentRead=True, ProjectionExpression=", ".join(attributes)
    )
    for page in pages:
        yield from page["Items"]
