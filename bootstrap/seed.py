"""Fills an empty stack with the demo catalogue and the demo users.

Users are made through the API, as anybody's are, so that no password hash is made anywhere else. `flash-1` is
written last of all: a catalogue with it is complete, and one without is filled (again) from the start.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from bootstrap import batches, catalogue
from bootstrap.catalogue import DemoUser, Product
from bootstrap.clients import Clients
from bootstrap.context import Progress, silent
from bootstrap.errors import SeedError

PRODUCTS_TABLE = "products"
STOCK_TABLE = "stock"
USERS_TABLE = "users"
_HTTP_TIMEOUT_S = 15
# A function that starts on a busy machine may time out the first time. Who refuses connections is not there.
_AGAIN = urllib3.Retry(
    total=3, connect=0, redirect=0, status_forcelist=(502, 503, 504), allowed_methods=None, backoff_factor=0.5,
    raise_on_status=False,
)  # fmt: skip


def seed(clients: Clients, api_url: str, progress: Progress = silent) -> bool:
    """Write products, stock and users unless they are there; whether anything was written.

    `api_url` is the shop API's, such as `http://127.0.0.1:4566/_aws/execute-api/shop/dev`.

    Raises:
        SeedError: the API or DynamoDB refused. The next call starts again, which does no harm.
    """
    try:
        if is_seeded(clients):
            progress("seed", "unchanged")
            return False
        _seed(clients, api_url, progress)
    except (BotoCoreError, ClientError, batches.ThrottledError) as error:
        raise SeedError(f"seed: DynamoDB did not take the catalogue: {error}") from error
    return True


def is_seeded(clients: Clients) -> bool:
    """Whether the last item of the seed is there; botocore's ResourceNotFoundException without the table."""
    key: Any = {"productId": {"S": catalogue.FLASH.product_id}}
    return "Item" in clients.dynamodb.get_item(TableName=PRODUCTS_TABLE, Key=key, ConsistentRead=True)


def _seed(clients: Clients, api_url: str, progress: Progress) -> None:
    dynamodb = clients.dynamodb
    products = catalogue.products()
    # Stock is there before the product that it is of, also for the flash sale.
    stock = [stock_item(each) for each in (*products, catalogue.FLASH)]
    work = [
        lambda: batches.put(dynamodb, STOCK_TABLE, stock),
        lambda: batches.put(dynamodb, PRODUCTS_TABLE, [product_item(each) for each in products]),
        *(_creation(clients, api_url, user) for user in catalogue.DEMO_USERS),
    ]
    _together(work)
    progress("seed", f"{len(products)} products with stock, {len(catalogue.DEMO_USERS)} users")
    batches.put(dynamodb, PRODUCTS_TABLE, [product_item(catalogue.FLASH)])
    progress("seed", "created")


def _creation(clients: Clients, api_url: str, user: DemoUser) -> Callable[[], None]:
    def create() -> None:
        _register(api_url, user)
        if user.role != "customer":
            _set_role(clients, user)

    return create


def _together(work: Sequence[Callable[[], None]]) -> None:
    """Run all side by side; raise the first error when all are through."""
    with ThreadPoolExecutor(len(work), thread_name_prefix="seed") as executor:
        futures: list[Future[None]] = [executor.submit(each) for each in work]
    for future in futures:
        future.result()


def _register(api_url: str, user: DemoUser) -> None:
    """`POST /users`; a user who is there already (409) is fine."""
    post(f"{api_url}/users", {"email": user.email, "password": user.password, "name": user.name}, 201, 409)


def post(url: str, body: dict[str, str], *expected: int) -> int:
    """Send JSON to the shop API; the status, which is one of `expected`. Raises SeedError for any other, or none.

    No answer in time, and the gateway's own errors (502 and the like), are tried again, three times: it must do no
    harm.
    """
    # Not urllib.request: that would send a loopback address to HTTP_PROXY.
    with urllib3.PoolManager(timeout=_HTTP_TIMEOUT_S, retries=_AGAIN) as http:
        try:
            headers = {"Content-Type": "application/json"}
            answer = http.request("POST", url, body=json.dumps(body), headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise SeedError(f"seed: POST {url} did not answer: {error}. Try make logs.") from error
    if answer.status not in expected:
        said = " ".join(answer.data.decode(errors="replace").split())[:300]
        raise SeedError(f"seed: POST {url} answered {answer.status}: {said}. Try make logs FUNCTION=users.")
    return answer.status


def _set_role(clients: Clients, user: DemoUser) -> None:
    """Make the user what no API lets one become. The item `email#<address>` says which id the address has."""
    dynamodb = clients.dynamodb
    key: Any = {"userId": {"S": f"email#{user.email}"}}
    address = dynamodb.get_item(TableName=USERS_TABLE, Key=key, ConsistentRead=True).get("Item")
    if address is None or "ownerId" not in address:
        raise SeedError(f"seed: the users table knows no owner of {user.email}: make reset, then try again.")
    dynamodb.update_item(
        TableName=USERS_TABLE,
        Key={"userId": address["ownerId"]},
        UpdateExpression="SET #role = :role",
        ConditionExpression="attribute_exists(userId)",
        ExpressionAttributeNames={"#role": "role"},
        ExpressionAttributeValues={":role": {"S": user.role}},
    )


def product_item(product: Product) -> dict[str, Any]:
    """A product as the products service stores it."""
    return {
        "productId": {"S": product.product_id},
        "name": {"S": product.name},
        "category": {"S": product.category},
        "priceCents": {"N": str(product.price_cents)},
        "description": {"S": product.description},
        "version": {"N": "1"},
    }


def stock_item(product: Product) -> dict[str, Any]:
    """What inventory keeps of a product that nobody has bought yet."""
    return {"productId": {"S": product.product_id}, "stock": {"N": str(product.stock)}}
