"""Policy documents."""

from bootstrap import policies
from bootstrap.references import Kind, Place, Ref, Value, arn_of, resolve
from bootstrap.resources import Role, Statement


def _resolve(value: Value) -> str:
    return resolve(value, lambda ref: arn_of(ref, Place()))


def test_document_of_a_role_has_actions_and_arns() -> None:
    table = Ref(Kind.TABLE, "orders")
    statement = Statement(("dynamodb:GetItem",), (table.arn(), table.arn("/index/*")))
    assert policies.document([statement], _resolve) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem"],
                "Resource": [
                    "arn:aws:dynamodb:us-east-1:000000000000:table/orders",
                    "arn:aws:dynamodb:us-east-1:000000000000:table/orders/index/*",
                ],
            }
        ],
    }


def test_document_of_a_queue_lets_in_one_source() -> None:
    queue, topic = Ref(Kind.QUEUE, "mails"), Ref(Kind.TOPIC, "order-events")
    statement = Statement(
        ("sqs:SendMessage",), (queue.arn(),), sid="topic", principal="sns.amazonaws.com", source=topic.arn()
    )
    [rendered] = policies.document([statement], _resolve)["Statement"]
    assert rendered["Sid"] == "topic"
    assert rendered["Principal"] == {"Service": "sns.amazonaws.com"}
    assert rendered["Condition"] == {"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:000000000000:order-events"}}


def test_trust_names_the_service() -> None:
    [statement] = policies.trust(Role("shop-orders", ()))["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Action"] == "sts:AssumeRole"
