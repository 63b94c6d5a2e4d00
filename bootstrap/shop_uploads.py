"""`PUT /products/{productId}/image`: API Gateway checks the picture and hands it to S3 itself.

No function could take such a body: Lambda's limit is 6 MB, and 5 MB are 6.7 in base64. API Gateway takes 10 MB and
sends the base64 to S3; the function behind the bucket's queue (`functions/images`) undoes it. What the template refuses
is sent on without the body, and with a digest that is none: S3 stores nothing, and says InvalidDigest with that digest.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
"""

import json

from bootstrap.references import Kind, Ref
from bootstrap.rest_api import AwsIntegration, IntegrationResponse

IMAGES = Ref(Kind.BUCKET, "shop-product-images")
MEDIA_TYPES = ("image/jpeg", "image/png")
MAX_IMAGE_BYTES = 5 * 1024 * 1024
UPLOADS = "uploads/"
UPLOAD_ROLE = Ref(Kind.ROLE, "shop-api-images")

# 5 MiB are one short of a multiple of three: with one byte more the base64 is as long, and ends without padding.
_MAX_ENCODED = (MAX_IMAGE_BYTES + 2) // 3 * 4
# What the first bytes of a PNG and of a JPEG are in base64.
_PNG, _JPEG = "iVBORw0KGgo", "/9j/"
_NOBODY, _NOT_ADMIN, _NO_PRODUCT, _TOO_LARGE, _NO_IMAGE = "NOBODY", "NOT-ADMIN", "NO-PRODUCT", "TOO-LARGE", "NO-IMAGE"


def _upload() -> str:
    """The base64 of the body, or what refuses it. In one line: a line's end would be part of the object.

    In quotes, since LocalStack's own kind of texts lacks most methods of Java's.
    """
    given = '$input.params().header.get("X-Correlation-Id")'
    return (
        '#set($image = "$input.body")#set($product = "$input.params(\'productId\')")#set($size = $image.length())'
        f'#set($png = $image.startsWith("{_PNG}"))#set($jpeg = $image.startsWith("{_JPEG}"))'
        '#set($known = $product.matches("[A-Za-z0-9][A-Za-z0-9._~-]{0,63}"))'
        # Mapped as well, which is enough for AWS; LocalStack maps texts alone, and this is a number.
        '#set($context.requestOverride.path.time = "$context.requestTimeEpoch")'
        f'#set($last = "=")#if($size == {_MAX_ENCODED})#set($last = $image.substring({_MAX_ENCODED - 1}))#end'
        '#set($refused = "")'
        f'#if("$!context.authorizer.userId" == "")#set($refused = "{_NOBODY}")'
        f'#elseif("$!context.authorizer.role" != "admin")#set($refused = "{_NOT_ADMIN}")'
        f'#elseif($known == false)#set($refused = "{_NO_PRODUCT}")'
        f'#elseif($size > {_MAX_ENCODED} || $last != "=")#set($refused = "{_TOO_LARGE}")'
        f'#elseif($png == false && $jpeg == false)#set($refused = "{_NO_IMAGE}")#end'
        f'#if({given} && {given}.matches("[A-Za-z0-9._-]{{1,64}}"))'
        f"#set($context.requestOverride.path.correlationId = {given})#end"
        '#if($refused == "")$image'
        '#else#set($context.requestOverride.header["Content-MD5"] = $refused)'
        '#set($context.requestOverride.path.product = "refused")-#end'
    )


def _error(code: str, message: str, field: str = "", wrong: str = "") -> str:
    details = [{"field": field, "message": wrong}] if field else []
    return json.dumps({"error": {"code": code, "message": message, "details": details}})


_UNAVAILABLE = _error("SERVICE_UNAVAILABLE", "No image can be taken right now: try again.")
_ANSWERS = {
    _NOBODY: (401, _error("UNAUTHORIZED", "The header Authorization must be: Bearer <token>, with a valid token.")),
    _NOT_ADMIN: (403, _error("FORBIDDEN", "This is for others than you.")),
    _NO_PRODUCT: (404, _error("NOT_FOUND", "There is nothing with this id.")),
    _TOO_LARGE: (413, _error("PAYLOAD_TOO_LARGE", f"The image is over {MAX_IMAGE_BYTES} bytes.")),
    _NO_IMAGE: (
        400,
        _error("INVALID_REQUEST", "body: is neither a PNG nor a JPEG", "body", "is neither a PNG nor a JPEG"),
    ),
}


def _refused() -> str:
    """What S3's 400 means, by the digest that it names."""
    answers = " ".join(
        f'#{"if" if number == 0 else "elseif"}($input.body.contains("{mark}"))'
        f"#set($context.responseOverride.status = {status}){body}"
        for number, (mark, (status, body)) in enumerate(_ANSWERS.items())
    )
    return f"{answers} #else#set($context.responseOverride.status = 503){_UNAVAILABLE}#end"


SEND_TO_BUCKET = AwsIntegration(
    service="s3",
    resource=IMAGES,
    # The time makes uploads of one product sort as they came; the request's id tells two of one moment apart.
    path="path/{name}/" + UPLOADS + "{{product}}/{{time}}_{{request}}/{{correlationId}}",
    credentials=UPLOAD_ROLE,
    method="PUT",
    request_parameters={
        "integration.request.path.product": "method.request.path.productId",
        "integration.request.path.time": "context.requestTimeEpoch",
        "integration.request.path.request": "context.requestId",
        "integration.request.path.correlationId": "context.requestId",
        "integration.request.header.Content-Type": "'text/plain'",
    },
    request_templates=dict.fromkeys(MEDIA_TYPES, _upload()),
    content_handling="CONVERT_TO_TEXT",
    responses=(
        IntegrationResponse(202, '{"uploadId": "$context.requestId"}', r"2\d{2}"),
        IntegrationResponse(400, _refused(), "400"),
        IntegrationResponse(503, _UNAVAILABLE),
    ),
)
