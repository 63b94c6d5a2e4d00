"""All sections of an endpoint."""

from concurrent.futures import ThreadPoolExecutor

from tests.describing.apis import describe_apis
from tests.describing.code import describe_code
from tests.describing.data import describe_data
from tests.describing.messages import describe_messages
from tests.describing.operation import describe_operation
from tests.describing.reading import Aws, Described

_READERS = (describe_code, describe_apis, describe_messages, describe_data, describe_operation)
_SERVICES = (
    *("apigateway", "cloudwatch", "dynamodb", "events", "iam", "lambda", "logs", "s3", "secretsmanager", "ses"),
    *("sns", "sqs", "stepfunctions"),
)


def everything(aws: Aws) -> Described:
    """What the endpoint holds of all kinds that the readers know; botocore's errors where it does not tell."""
    clients = {service: aws(service) for service in _SERVICES}  # a session may not be shared between threads
    with ThreadPoolExecutor(len(_READERS)) as readers:
        read = [readers.submit(reader, clients.__getitem__) for reader in _READERS]
        return {section: found for each in read for section, found in each.result().items()}
