"""Which way the stack of an endpoint was made (``DEPLOY=``), and what goes with it.

A stack keeps the way that it was made: CloudFormation does not take over what others made, and does not know what
others change. ``make down`` ends it, and the next ``make up`` makes it the other way.
"""

from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.clients import Clients
from bootstrap.deploy import explain
from bootstrap.flows import Flow
from bootstrap.observed import Observed
from bootstrap.references import arn_of
from bootstrap.shop import ORDER_EVENTS
from bootstrap.shop_gateway import StripeGateway
from bootstrap.shop_saga import DEAD_LETTERS, ORDER_SAGA
from bootstrap.shop_sizes import AS_DECLARED, Sizes
from bootstrap.template import stacks
from bootstrap.ways import Way
from sandbox.errors import UsageError

STACK = "shop"
"""CloudFormation's name of the stack that a template made."""

BUCKET = "shop-template-artifacts"
"""Where its code and its template lie."""

USUAL = Way.API


def of(clients: Clients) -> Way | None:
    """The way that the stack that is there was made; None where there is none.

    Raises:
        DeployError: the endpoint did not answer, or failed.
    """
    observed = Observed(clients)
    try:
        # Only where there is the bucket: to be asked at all costs LocalStack's CloudFormation its start.
        if BUCKET in observed.buckets() and stacks.describe(clients, STACK):
            return Way.TEMPLATE
        return Way.API if arn_of(ORDER_EVENTS, clients.place) in observed.topics() else None
    except (BotoCoreError, ClientError) as error:
        raise explain(f"stack {STACK}", error) from error


def choose(asked: Way | None, there: Way | None) -> Way:
    """The way to go.

    Raises:
        UsageError: the stack that is there was made the other way.
    """
    if asked and there and asked is not there:
        raise UsageError(
            f"This stack was made with DEPLOY={there}, and stays so: make down, then make up DEPLOY={asked}; "
            f"or leave DEPLOY out."
        )
    return asked or there or USUAL


def require_as_declared(way: Way, gateway: StripeGateway | None, sizes: Sizes) -> None:
    """Raises UsageError for what the template does not say: it has the shop as it is declared."""
    if way is not Way.TEMPLATE:
        return
    if gateway is not None:
        raise UsageError(
            "PAYMENT_PROVIDER=stripe goes with DEPLOY=api: the template has the simulated provider. "
            "make down, then make up PAYMENT_PROVIDER=stripe …"
        )
    if sizes != AS_DECLARED:
        raise UsageError(
            "MEMORY and BATCH change a stack of DEPLOY=api, and this one was made with DEPLOY=template: "
            "make down, then make load-matrix."
        )


def require_no_sagas(clients: Clients, flow: Flow) -> None:
    """Raises UsageError where a template without the saga would delete what it still has to do: CloudFormation deletes
    the state machine and its dead letters, where our deployers leave them.
    """
    try:
        going_on = clients.stepfunctions.list_executions(
            stateMachineArn=arn_of(ORDER_SAGA, clients.place), statusFilter="RUNNING", maxResults=1
        )["executions"]
        url = clients.sqs.get_queue_url(QueueName=DEAD_LETTERS.name)["QueueUrl"]
        letters = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    except (BotoCoreError, ClientError) as error:
        raise explain(str(ORDER_SAGA), error) from error
    if going_on:
        raise UsageError(f"FLOW={flow} would delete the state machine, and orders are under way by it: wait for them.")
    if int(letters["Attributes"]["ApproximateNumberOfMessages"]):
        raise UsageError(
            f"FLOW={flow} would delete {DEAD_LETTERS.name}, where failed orders lie: "
            f"make redrive QUEUE={DEAD_LETTERS.name} first."
        )
