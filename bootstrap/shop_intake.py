"""`POST /async/orders`: API Gateway checks the order and hands it to the queue `order-intake` itself.

The service behind the queue (`functions/orders`) is told the rest in message attributes: whose order it is, as the
authorizer found out, and `orderId`, the request's id, which is answered as `messageId` and survives a redrive.
"""

import json

from bootstrap.references import Kind, Ref
from bootstrap.rest_api import AwsIntegration, IntegrationResponse, Model

ORDER_INTAKE = Ref(Kind.QUEUE, "order-intake")
INTAKE_ROLE = Ref(Kind.ROLE, "shop-api-order-intake")
# As large as the bodies that the services take; beyond that SQS refuses.
MAX_MESSAGE_BYTES = 256 * 1024
_MAX_ENCODED = 3 * MAX_MESSAGE_BYTES  # %22

# What half a character is in JSON ("\ud800") can be neither stored nor hashed, and would only fail behind the queue.
_TEXT = {"type": "string", "minLength": 1, "pattern": "^[^\\ud800-\\udfff]*$"}
_LINE = {
    "type": "object",
    "required": ["productId", "quantity"],
    "properties": {
        "productId": {**_TEXT, "maxLength": 64},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 10_000},
    },
}
_PAYMENT = {
    "type": "object",
    "required": ["method", "token"],
    "properties": {
        "method": {**_TEXT, "maxLength": 32},
        "token": {"type": "string", "enum": ["tok_ok", "tok_declined", "tok_slow", "tok_flaky"]},
    },
}
# The `OrderRequest` of orders, in draft 4; but that lines are of different products no schema can say.
ORDER_REQUEST = Model(
    "OrderRequest",
    {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "OrderRequest",
        "type": "object",
        "required": ["items", "payment"],
        "properties": {
            "items": {"type": "array", "minItems": 1, "maxItems": 100, "items": _LINE},
            "payment": _PAYMENT,
        },
    },
)

# As it is written, and as HTTP/2 has it: AWS's map of headers has a case.
_CORRELATION_ID = (
    "#set($correlationId = $context.requestId)"
    '#foreach($given in [$input.params().header.get("X-Correlation-Id"),'
    ' $input.params().header.get("x-correlation-id")])'
    '#if($given && $given.matches("[A-Za-z0-9._-]{1,64}"))#set($correlationId = $given)#end'
    "#end"
)
# By name, the variable whose value each has.
_ATTRIBUTES = {
    "orderId": "context.requestId",
    "customerId": "context.authorizer.userId",
    "customerEmail": "context.authorizer.email",
    "correlationId": "correlationId",
}
# Empty where nobody asked the authorizer (stock LocalStack).
_NOBODY = '"$!context.authorizer.userId" == ""'


def _attribute(number: int, name: str, value: str) -> str:
    prefix = f"&MessageAttribute.{number}"
    text = f'$util.urlEncode("$!{value}")'
    return f"{prefix}.Name={name}{prefix}.Value.DataType=String{prefix}.Value.StringValue={text}"


def _send_message() -> str:
    """SendMessage in SQS's query protocol. In one line: a line's end would be part of the form."""
    attributes = (_attribute(number, *each) for number, each in enumerate(_ATTRIBUTES.items(), 1))
    # Some MB of a form are refused by whatever is in front of SQS, in ways of its own: without them SQS itself refuses.
    message = "#set($message = $util.urlEncode($input.body))"
    body = f"#if($message.length() <= {_MAX_ENCODED})&MessageBody=$message#end"
    return f"{message}Action=SendMessage{body}{_CORRELATION_ID}{''.join(attributes)}"


def _error(code: str, message: str, field: str = "") -> str:
    details = [{"field": field, "message": message}] if field else []
    return json.dumps({"error": {"code": code, "message": message, "details": details}})


_UNAVAILABLE = _error("SERVICE_UNAVAILABLE", "No order can be taken right now: try again.")


def _refused() -> str:
    """What SQS's 400 means: of what passed the model, it takes neither some characters nor what is too large."""
    nobody = _error("UNAUTHORIZED", "The header Authorization must be: Bearer <token>, with a valid token: sign in.")
    characters = _error("INVALID_REQUEST", "has characters that SQS does not take", "body")
    too_large = _error("PAYLOAD_TOO_LARGE", f"The body is over {MAX_MESSAGE_BYTES} bytes.")
    status = "#set($context.responseOverride.status = %d)"
    return (
        f"#if({_NOBODY}){status % 401} {nobody}"
        f' #elseif($input.body.contains("InvalidMessageContents")){status % 400} {characters}'
        f' #elseif($input.body.contains("InvalidParameterValue")) {too_large}'
        f' #elseif($input.body.contains("MissingParameter")) {too_large}'
        f" #else{status % 503} {_UNAVAILABLE} #end"
    )


SEND_TO_INTAKE = AwsIntegration(
    service="sqs",
    resource=ORDER_INTAKE,
    path="path/{account}/{name}",
    credentials=INTAKE_ROLE,
    request_templates={"application/json": _send_message()},
    request_parameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
    responses=(
        IntegrationResponse(202, '{"messageId": "$context.requestId"}', r"2\d{2}"),
        IntegrationResponse(413, _refused(), "400"),
        IntegrationResponse(503, _UNAVAILABLE),
    ),
)
