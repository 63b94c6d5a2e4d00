"""How the ledger and the owners are kept in DynamoDB."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from common.dynamodb import to_wire
from payments.domain import Entry, Kind, Opening, Payment, Status
from payments.store import DynamoLedger, DynamoOwners

AT = "2026-11-21T10:15:31.000Z"
CHARGE = Entry(Kind.CHARGE, 2500, AT)
ITEM = {"orderId": "o", "entry": "outcome", "type": "charge", "amountCents": 2500, "at": AT}


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
def ledger(client: Any) -> DynamoLedger:
    """The ledger under test."""
    return DynamoLedger(client, "payments")


def test_charge_decline_and_void_are_one_key() -> None:
    slots = [Entry(kind, 1, AT).slot for kind in Kind]
    assert slots == ["authorization", "outcome", "outcome", "outcome", "refund"]


def test_entry_is_written_if_its_slot_is_free(stub: Stubber, ledger: DynamoLedger) -> None:
    expected = {
        "TableName": "payments",
        "Item": to_wire(ITEM),
        "ConditionExpression": "attribute_not_exists(orderId)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    stub.add_response("put_item", {}, expected)
    assert ledger.enter("o", CHARGE) == CHARGE


def test_entry_that_is_there_stands(stub: Stubber, ledger: DynamoLedger) -> None:
    void = ITEM | {"type": "void"}
    stub.add_client_error("put_item", "ConditionalCheckFailedException", modeled_fields={"Item": to_wire(void)})
    assert ledger.enter("o", CHARGE) == Entry(Kind.VOID, 2500, AT)


def test_write_that_fails_otherwise_is_no_decision(stub: Stubber, ledger: DynamoLedger) -> None:
    stub.add_client_error("put_item", "ProvisionedThroughputExceededException")
    with pytest.raises(ClientError):
        ledger.enter("o", CHARGE)


def test_payment_is_what_the_entries_come_to(stub: Stubber, ledger: DynamoLedger) -> None:
    refund = ITEM | {"entry": "refund", "type": "refund"}
    attempts = {"orderId": "o", "entry": "attempts", "attempts": 2}
    stub.add_response("query", {"Items": [to_wire(item) for item in (attempts, ITEM, refund)]})
    stub.add_response("query", {"Items": []})
    payment = ledger.payment("o")
    assert payment == Payment(outcome=CHARGE, refund=Entry(Kind.REFUND, 2500, AT))
    assert payment.status is Status.REFUNDED
    assert ledger.payment("o").status is None


def test_opening_comes_with_the_entries(stub: Stubber, ledger: DynamoLedger) -> None:
    opening = {"orderId": "o", "entry": "opening", "amountCents": 2500, "at": AT}
    stub.add_response("query", {"Items": [to_wire(ITEM), to_wire(opening | {"token": "tok_ok"})]})
    stub.add_response("query", {"Items": [to_wire(opening)]})
    assert ledger.payment("o") == Payment(outcome=CHARGE, opening=Opening(2500, AT, "tok_ok"))
    assert ledger.payment("o") == Payment(opening=Opening(2500, AT))


def test_owner_is_all_that_is_read_of_an_order(client: Any, stub: Stubber) -> None:
    expected = {
        "TableName": "orders",
        "Key": to_wire({"orderId": "o"}),
        "ProjectionExpression": "customerId",
        "ConsistentRead": True,
    }
    stub.add_response("get_item", {"Item": to_wire({"customerId": "alice"})}, expected)
    stub.add_response("get_item", {}, expected)
    owners = DynamoOwners(client, "orders")
    assert owners.of("o") == "alice"
    assert owners.of("o") is None
