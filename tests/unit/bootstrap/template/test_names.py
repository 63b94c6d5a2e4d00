"""What references and ARNs of the declaration are in CloudFormation."""

import pytest

from bootstrap.references import Kind, Ref, Value
from bootstrap.template.names import expression, logical_id, part_id, sub

HERE = "${AWS::Region}:${AWS::AccountId}"


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        ("INFO", "INFO"),
        ("no ${reference} of ours", "no ${reference} of ours"),
        (Ref(Kind.TABLE, "orders"), {"Ref": "OrdersTable"}),
        (Ref(Kind.QUEUE, "orders-dlq"), {"Fn::GetAtt": ["OrdersDlqQueue", "QueueName"]}),
        (Ref(Kind.TOPIC, "alarms"), {"Fn::GetAtt": ["AlarmsTopic", "TopicName"]}),
        (Ref(Kind.SECRET, "shop/jwt"), "shop/jwt"),
        (Ref(Kind.TABLE, "orders").arn(), {"Fn::GetAtt": ["OrdersTable", "Arn"]}),
        (Ref(Kind.TABLE, "orders").arn("/index/*"), {"Fn::Sub": "${OrdersTable.Arn}/index/*"}),
        (Ref(Kind.TOPIC, "alarms").arn(), {"Ref": "AlarmsTopic"}),
        (Ref(Kind.LAYER, "shop-common").arn(), {"Ref": "ShopCommonLayer"}),
        (
            Ref(Kind.SECRET, "shop/jwt").arn("-??????"),
            {"Fn::Sub": f"arn:${{AWS::Partition}}:secretsmanager:{HERE}:secret:shop/jwt-??????"},
        ),
        (
            Ref(Kind.LOG_GROUP, "/aws/lambda/orders").arn(":*"),
            {"Fn::Sub": f"arn:${{AWS::Partition}}:logs:{HERE}:log-group:${{AwsLambdaOrdersLogGroup}}:*"},
        ),
        (
            Ref(Kind.REST_API, "shop").arn("/*/*/users*"),
            {"Fn::Sub": f"arn:${{AWS::Partition}}:execute-api:{HERE}:${{ShopRestApi}}/*/*/users*"},
        ),
        (
            Ref(Kind.STATE_MACHINE, "order-saga").arn_by_name(),
            {"Fn::Sub": f"arn:${{AWS::Partition}}:states:{HERE}:stateMachine:order-saga"},
        ),
    ],
)
def test_expression_of_each_form(value: Value, rendered: object) -> None:
    assert expression(value) == rendered


def test_expression_of_an_arn_that_there_is_not_raises() -> None:
    with pytest.raises(ValueError, match="permission orders:api has no ARN"):
        expression(Ref(Kind.PERMISSION, "orders:api").arn())


def test_expression_of_an_arn_that_no_name_tells_raises() -> None:
    with pytest.raises(ValueError, match="rest api shop: its ARN is not known by its name alone"):
        expression(Ref(Kind.REST_API, "shop").arn_by_name())


def test_literal_beside_a_variable_stays_escaped() -> None:
    assert sub("${!literal} ${OrdersTable}") == {"Fn::Sub": "${!literal} ${OrdersTable}"}


def test_rule_on_the_default_bus_does_not_name_it() -> None:
    assert logical_id(Ref(Kind.RULE, "default/cart-sweep")) == "CartSweepRule"
    assert logical_id(Ref(Kind.RULE, "shop/orders")) == "ShopOrdersRule"


def test_part_id_has_the_words_of_its_path() -> None:
    assert part_id(Ref(Kind.REST_API, "shop"), "/orders/{orderId}/{proxy+}", "path") == "ShopOrdersOrderIdProxyPath"
