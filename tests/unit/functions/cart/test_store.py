"""What the store asks of DynamoDB, and how it reads the refusals."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from cart.domain import Cart, CartFullError, Checkout, NotInCartError
from cart.store import DynamoCarts, DynamoCheckouts
from common.dynamodb import BusyError, to_wire
from common.events import Line, Payment
from tests.unit.functions.factories import ACCEPTED_AT

EXPIRES_AT = {"N": "1797848130"}  # ACCEPTED_AT plus 30 days
REMIND_AT = {"S": "2026-11-22T10:15:30.123Z"}  # ACCEPTED_AT plus a day
CART = Cart("alice", {"p1": 2}, 4, "order-0")
CHECKOUT = Checkout(
    order_id="order-1",
    customer_id="alice",
    customer_email="alice@example.com",
    items=(Line(product_id="p1", quantity=2, price_cents=101),),
    total_cents=202,
    payment=Payment(method="card", token="tok_ok"),
    checked_out_at=ACCEPTED_AT,
    correlation_id="corr-1",
    outbox="pending",
    due_at="2026-11-21T10:16:00.123Z",
)


@pytest.fixture
def client() -> Any:
    """A client that is never connected."""
    return boto3.client("dynamodb")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    """Its prepared answers; all of them must be asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def carts(client: Any) -> DynamoCarts:
    """The store under test."""
    return DynamoCarts(client, "carts", "checkouts", 86_400)


def item(cart: Cart = CART) -> dict[str, Any]:
    """A cart as it is stored."""
    more = {"lastOrderId": cart.last_order_id} if cart.last_order_id else {}
    return to_wire({"customerId": "alice", "lines": dict(cart.quantities), "version": cart.version, **more})


def change(update: str, condition: str, names: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    """The expected update."""
    return {
        "TableName": "carts",
        "Key": {"customerId": {"S": "alice"}},
        "UpdateExpression": "ADD version :one SET expiresAt = :expiresAt, reminder = :waiting, remindAt = :remindAt"
        + update,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#lines": "lines", **names},
        "ExpressionAttributeValues": {
            ":one": {"N": "1"},
            ":expiresAt": EXPIRES_AT,
            ":waiting": {"S": "waiting"},
            ":remindAt": REMIND_AT,
            **values,
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


PUT = change(
    ", #lines.#product = :quantity",
    "attribute_exists(#lines.#product) OR size(#lines) < :max",
    {"#product": "p1"},
    {":quantity": {"N": "2"}, ":max": {"N": "100"}},
)
FIRST = change(", #lines = :none", "attribute_not_exists(#lines)", {}, {":none": {"M": {}}})


def refused(stub: Stubber, found: dict[str, Any] | None) -> None:
    """The next update does not happen; `found` stood in the way."""
    fields = {"Item": found} if found else {}
    stub.add_client_error("update_item", "ConditionalCheckFailedException", modeled_fields=fields)


def test_cart_is_read_consistently(stub: Stubber, carts: DynamoCarts) -> None:
    request = {"TableName": "carts", "Key": {"customerId": {"S": "alice"}}, "ConsistentRead": True}
    stub.add_response("get_item", {"Item": item()}, request)
    stub.add_response("get_item", {}, request)
    assert carts.get("alice") == CART
    assert carts.get("alice") == Cart("alice")


def test_quantity_is_set_by_its_path(stub: Stubber, carts: DynamoCarts) -> None:
    stub.add_response("update_item", {"Attributes": item()}, PUT)
    assert carts.put("alice", "p1", 2, ACCEPTED_AT) == CART


def test_first_product_gets_a_map_to_be_in(stub: Stubber, carts: DynamoCarts) -> None:
    refused(stub, None)
    stub.add_response("update_item", {"Attributes": item(Cart("alice", {}, 1))}, FIRST)
    stub.add_response("update_item", {"Attributes": item()}, PUT)
    assert carts.put("alice", "p1", 2, ACCEPTED_AT) == CART


def test_first_product_beside_another_first_one(stub: Stubber, carts: DynamoCarts) -> None:
    refused(stub, None)
    refused(stub, item(Cart("alice", {"p2": 1}, 2)))
    stub.add_response("update_item", {"Attributes": item()}, PUT)
    assert carts.put("alice", "p1", 2, ACCEPTED_AT) == CART


def test_full_cart_takes_no_other_product(stub: Stubber, carts: DynamoCarts) -> None:
    refused(stub, item())
    with pytest.raises(CartFullError):
        carts.put("alice", "p1", 2, ACCEPTED_AT)


def test_products_are_removed_together_or_not_at_all(stub: Stubber, carts: DynamoCarts) -> None:
    names = {"#p0": "p1", "#p1": "p2"}
    condition = "attribute_exists(#lines.#p0) AND attribute_exists(#lines.#p1)"
    stub.add_response(
        "update_item", {"Attributes": item()}, change(" REMOVE #lines.#p0, #lines.#p1", condition, names, {})
    )
    assert carts.remove("alice", ["p1", "p2"], ACCEPTED_AT) == CART
    refused(stub, None)
    with pytest.raises(NotInCartError):
        carts.remove("alice", ["p1", "p2"], ACCEPTED_AT)


def test_change_waits_for_a_checkout_that_holds_the_cart(stub: Stubber, carts: DynamoCarts) -> None:
    stub.add_client_error("update_item", "TransactionConflictException")
    stub.add_response("update_item", {"Attributes": item()}, PUT)
    assert carts.put("alice", "p1", 2, ACCEPTED_AT) == CART
    for _ in range(6):
        stub.add_client_error("update_item", "TransactionConflictException")
    with pytest.raises(BusyError):
        carts.remove("alice", ["p1"], ACCEPTED_AT)


def test_other_refusals_pass(stub: Stubber, carts: DynamoCarts) -> None:
    stub.add_client_error("update_item", "AccessDeniedException")
    with pytest.raises(ClientError):
        carts.put("alice", "p1", 2, ACCEPTED_AT)


def test_checkout_is_one_transaction(stub: Stubber, carts: DynamoCarts) -> None:
    emptied = {
        "Update": {
            "TableName": "carts",
            "Key": {"customerId": {"S": "alice"}},
            "UpdateExpression": "ADD version :one SET #lines = :none, lastOrderId = :order, expiresAt = :expiresAt "
            "REMOVE reminder, remindAt",
            "ConditionExpression": "version = :version",
            "ExpressionAttributeNames": {"#lines": "lines"},
            "ExpressionAttributeValues": {
                ":version": {"N": "4"},
                ":one": {"N": "1"},
                ":none": {"M": {}},
                ":order": {"S": "order-1"},
                ":expiresAt": EXPIRES_AT,
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    stored = {
        "Put": {
            "TableName": "checkouts",
            "Item": to_wire(CHECKOUT.model_dump(by_alias=True, mode="json")),
            "ConditionExpression": "attribute_not_exists(orderId)",
        }
    }
    stub.add_response("transact_write_items", {}, {"TransactItems": [emptied, stored]})
    assert carts.check_out(CART, CHECKOUT) is None


def cancelled(stub: Stubber, *codes: str, found: dict[str, Any] | None = None) -> None:
    """The next transaction is cancelled for these reasons; `found` is the cart as it is."""
    reasons: list[dict[str, Any]] = [{"Code": code} for code in codes]
    if found:
        reasons[0]["Item"] = found
    fields = {"CancellationReasons": reasons}
    stub.add_client_error("transact_write_items", "TransactionCanceledException", modeled_fields=fields)


def test_checkout_of_a_cart_that_has_changed_returns_the_cart(stub: Stubber, carts: DynamoCarts) -> None:
    now = Cart("alice", {}, 5, "order-9")
    cancelled(stub, "ConditionalCheckFailed", "None", found=item(now))
    assert carts.check_out(CART, CHECKOUT) == now
    cancelled(stub, "ConditionalCheckFailed", "None")
    assert carts.check_out(CART, CHECKOUT) == Cart("alice")


def test_checkout_that_meets_its_own_write_is_done(stub: Stubber, carts: DynamoCarts) -> None:
    cancelled(stub, "ConditionalCheckFailed", "ConditionalCheckFailed", found=item(Cart("alice", {}, 5, "order-1")))
    assert carts.check_out(CART, CHECKOUT) is None


def test_checkout_that_collides_is_tried_again(stub: Stubber, carts: DynamoCarts) -> None:
    cancelled(stub, "TransactionConflict", "None")
    stub.add_response("transact_write_items", {})
    assert carts.check_out(CART, CHECKOUT) is None


def test_checkout_is_read_as_it_was_written_and_deleted_when_it_is_out(client: Any, stub: Stubber) -> None:
    checkouts = DynamoCheckouts(client, "checkouts")
    stub.add_response("query", {"Items": [to_wire(CHECKOUT.model_dump(by_alias=True, mode="json"))]})
    assert checkouts.due(CHECKOUT.due_at, 10) == [CHECKOUT]
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert not checkouts.postpone(CHECKOUT, "2999-01-01T00:00:00.000Z")
    stub.add_response("delete_item", {}, {"TableName": "checkouts", "Key": {"orderId": {"S": "order-1"}}})
    checkouts.published(CHECKOUT)
