"""Buckets and what they tell queues, on moto."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bootstrap.buckets import Bucket, BucketNotification
from bootstrap.clients import Clients
from bootstrap.context import Outcome
from bootstrap.deploy import Report, deploy
from bootstrap.describe import missing
from bootstrap.package import Artifacts
from bootstrap.references import Kind, Ref
from bootstrap.reset import reset
from bootstrap.resources import DeadLetter, Queue, QueuePolicy, Resource, Stack
from bootstrap.shop_services import let_in
from bootstrap.validate import mistakes
from tests.unit.bootstrap.shop_api import ShopApi

DLQ = Queue("pictures-dlq")
QUEUE = Queue("pictures", dead_letter=DeadLetter(DLQ.ref))
BUCKET = Bucket("pictures", public=("small/",), expires={"new/": 15})
POLICY = QueuePolicy(QUEUE.ref, (let_in(QUEUE.ref, "s3.amazonaws.com", BUCKET.ref.arn()),))
NOTIFICATION = BucketNotification(BUCKET.ref, QUEUE.ref, POLICY.ref, "new/")
GOOD = (DLQ, QUEUE, BUCKET, POLICY, NOTIFICATION)
type Ship = Callable[..., Report]


def with_(*changed: Resource) -> Stack:
    """GOOD, where a resource of the same reference is replaced."""
    refs = {each.ref for each in changed}
    return Stack("buckets", (*(each for each in GOOD if each.ref not in refs), *changed))


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        (Bucket("No_Bucket"), "bucket No_Bucket: "),
        (Bucket("two..dots"), "bucket two..dots: "),
        (replace(BUCKET, public=("small",)), "bucket pictures: the public prefix 'small' must end with '/'"),
        (replace(BUCKET, expires={"new/": 0}), "bucket pictures: objects below new/ go after 0 days: AWS takes 1"),
        (replace(NOTIFICATION, prefix=""), "bucket notification pictures:pictures: tells of every object"),
        (replace(NOTIFICATION, policy=QUEUE.ref), "its policy must be a queue policy, and queue pictures is not"),
        (replace(NOTIFICATION, bucket=Ref(Kind.BUCKET, "no")), "refers to bucket no, which is not declared"),
        (QueuePolicy(QUEUE.ref, ()), "queue pictures"),
    ],
)
def test_mistake_gives_one_line(changed: Resource, mistake: str, tmp_path: Path) -> None:
    lines = mistakes(with_(changed), tmp_path)
    assert [line for line in lines if mistake in line], lines


def test_good_bucket_has_no_mistakes(tmp_path: Path) -> None:
    assert mistakes(with_(), tmp_path) == []


@pytest.fixture
def ship(empty: None, clients: Clients, artifacts: Callable[..., Artifacts]) -> Ship:
    """Deploy a stack to an empty account."""
    return lambda stack: deploy(clients, stack, artifacts(stack))


def seen(clients: Clients) -> dict[str, Any]:
    """What S3 has of the bucket: what anybody may read, what goes when, what is told to whom."""
    s3 = clients.s3
    policy = json.loads(s3.get_bucket_policy(Bucket="pictures")["Policy"])
    rules = s3.get_bucket_lifecycle_configuration(Bucket="pictures")["Rules"]
    told: Any = s3.get_bucket_notification_configuration(Bucket="pictures")
    return {
        "public": [each["Resource"] for each in policy["Statement"]],
        "expires": {rule["Filter"]["Prefix"]: rule["Expiration"]["Days"] for rule in rules},  # type: ignore[typeddict-item]
        "told": [each["QueueArn"].rpartition(":")[2] for each in told["QueueConfigurations"]],
    }


def test_bucket_is_made_once_as_it_is_declared(ship: Ship, clients: Clients) -> None:
    assert {BUCKET.ref, NOTIFICATION.ref} <= set(missing(clients, with_()))
    assert len(ship(with_()).with_outcome(Outcome.CREATED)) == len(GOOD)
    assert seen(clients) == {
        "public": [["arn:aws:s3:::pictures/small/*"]],
        "expires": {"new/": 15},
        "told": ["pictures"],
    }
    assert not ship(with_()).changed
    assert missing(clients, with_()) == []


def test_bucket_is_changed_in_place(ship: Ship, clients: Clients) -> None:
    ship(with_())
    changed = replace(BUCKET, public=("small/", "tiny/"), expires={"new/": 3, "old/": 4})
    assert ship(with_(changed)).with_outcome(Outcome.UPDATED) == (BUCKET.ref,)
    assert seen(clients)["public"] == [["arn:aws:s3:::pictures/small/*", "arn:aws:s3:::pictures/tiny/*"]]
    assert seen(clients)["expires"] == {"new/": 3, "old/": 4}
    closed = replace(BUCKET, public=(), expires={})
    assert ship(with_(closed)).with_outcome(Outcome.UPDATED) == (BUCKET.ref,)
    assert not ship(with_(closed)).changed
    block = clients.s3.get_public_access_block(Bucket="pictures")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    for ask in (clients.s3.get_bucket_policy, clients.s3.get_bucket_lifecycle_configuration):
        with pytest.raises(clients.s3.exceptions.ClientError):
            ask(Bucket="pictures")


def test_notification_follows_the_prefix(ship: Ship) -> None:
    ship(with_())
    other = replace(NOTIFICATION, prefix="other/")
    assert ship(with_(other)).with_outcome(Outcome.UPDATED) == (NOTIFICATION.ref,)
    assert not ship(with_(other)).changed


def test_reset_empties_buckets(api: ShopApi, clients: Clients, data: Stack, artifacts: Callable[..., Any]) -> None:
    stack = Stack("data", (*data.resources, BUCKET))
    deploy(clients, stack, artifacts(stack))
    for number in range(5):
        clients.s3.put_object(Bucket="pictures", Key=f"small/{number}", Body=b"")
    reset(clients, lambda: stack, api.url)
    assert clients.s3.list_objects_v2(Bucket="pictures")["KeyCount"] == 0
