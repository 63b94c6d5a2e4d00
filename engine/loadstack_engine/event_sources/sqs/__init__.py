"""SQS event source mappings as AWS runs them.

LocalStack's own poller handles one batch at a time, waits a second between two, and backs off to ten when the queue
is empty. Here a message starts its batch when it is sent, several batches are in work at once, and the number grows
and shrinks as https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html has it.
"""
