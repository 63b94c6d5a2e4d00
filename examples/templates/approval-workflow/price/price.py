"""What an order costs in all."""


def handler(event, context):
    return {**event, "total": sum(each["price"] * each["quantity"] for each in event["items"])}
