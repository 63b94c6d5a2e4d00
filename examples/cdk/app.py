"""The shop's template in a CDK app, with a queue and an alarm that are the app's own.

`cdk synth`, or `python app.py`, with `make template` before. What the template names of this machine (the code of
functions and layers) becomes assets, which `cdk deploy` uploads.
"""

import os
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sam as sam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk.cloudformation_include import CfnInclude

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(os.environ.get("SHOP_TEMPLATE", CHECKOUT / "template.yaml"))


def shop_stack(app: cdk.App) -> cdk.Stack:
    """The whole shop, and what this app adds to it."""
    stack = cdk.Stack(app, "Shop", description="Loadstack's shop, and a queue of confirmed orders")
    shop = CfnInclude(stack, "Template", template_file=str(TEMPLATE))
    upload_code(stack, shop)
    confirmed_orders(stack, shop)
    return stack


def upload_code(stack: cdk.Stack, shop: CfnInclude) -> None:
    """Local archives as assets: CloudFormation takes code from S3 only."""
    for resource in shop.node.find_all():
        if isinstance(resource, sam.CfnFunction):
            resource.code_uri = address(stack, resource, resource.code_uri)
        elif isinstance(resource, sam.CfnLayerVersion):
            resource.content_uri = address(stack, resource, resource.content_uri)


def address(stack: cdk.Stack, resource: cdk.CfnResource, path: str) -> str:
    archive = assets.Asset(stack, f"{resource.node.id}Code", path=str(TEMPLATE.parent / path))
    return archive.s3_object_url


def confirmed_orders(stack: cdk.Stack, shop: CfnInclude) -> None:
    """A queue that gets each confirmed order, and the shop's own alarm topic when nobody reads it."""
    events = sns.Topic.from_topic_arn(stack, "OrderEvents", shop.get_resource("OrderEventsTopic").ref)
    alarms = sns.Topic.from_topic_arn(stack, "Alarms", shop.get_resource("AlarmsTopic").ref)
    queue = sqs.Queue(stack, "ConfirmedOrders", visibility_timeout=cdk.Duration.seconds(30))
    only_confirmed = {"stage": sns.SubscriptionFilter.string_filter(allowlist=["confirmed"])}
    events.add_subscription(
        subscriptions.SqsSubscription(queue, raw_message_delivery=True, filter_policy=only_confirmed)
    )
    waits = queue.metric_approximate_age_of_oldest_message(period=cdk.Duration.minutes(1))
    cloudwatch.Alarm(
        stack,
        "ConfirmedOrdersUnread",
        metric=waits,
        threshold=cdk.Duration.minutes(15).to_seconds(),
        evaluation_periods=5,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    ).add_alarm_action(actions.SnsAction(alarms))


if __name__ == "__main__":
    app = cdk.App()
    shop_stack(app)
    app.synth()
