"""Names, and tables with an index."""

import uuid


def a_name():
    return f"test-{uuid.uuid4().hex[:8]}"


def a_table(dynamodb, items=0, **arguments):
    name = a_name()
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "by", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-index",
                "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        **arguments,
    )
    for start in range(0, items, 25):
        puts = [{"PutRequest": {"Item": {"id": {"S": str(n)}, "by": {"S": "x"}}}} for n in range(start, start + 25)]
        dynamodb.batch_write_item(RequestItems={name: puts})
    return name
