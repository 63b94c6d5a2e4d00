"""In what a stack of CloudFormation's may differ from one of our deployers': all of it, each with its reason."""

from tests.describing.comparing import Allowed

ALLOWED = (
    Allowed("buckets/shop-template-artifacts", "where the template's code lies; our deployers send it themselves"),
    Allowed("functions/*/tags/lambda:createdBy", "SAM's mark on every function that it makes"),
    Allowed("layers/*/Description", "our deployers' note of the content, which CloudFormation keeps by itself"),
    Allowed(
        "rest apis/shop/tags/aws:cloudformation:*", "CloudFormation's mark on what it makes; LocalStack's on APIs alone"
    ),
    Allowed("state machines/*/tags/stateMachine:createdBy", "SAM's mark on every state machine that it makes"),
)
