"""Event source mappings of DynamoDB Streams and Kinesis.

LocalStack's own poller reads one shard a second and delivers while it waits. Here shards are read side by side, often
while something is written and seldom while not, and each delivers in order on its own.
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html, …/with-kinesis.html
"""
