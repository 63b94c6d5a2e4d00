"""Pictures of products: the bucket, what tells of an upload, and the function that makes thumbnails.

How pictures get there is in `shop_uploads`.
"""

from bootstrap.buckets import Bucket, BucketNotification
from bootstrap.references import Kind, Ref
from bootstrap.resources import (
    DeadLetter,
    EventSourceMapping,
    Layer,
    Queue,
    QueuePolicy,
    Requirements,
    Resource,
    Role,
)
from bootstrap.shop_services import allow, allow_consuming, dead_letters_of, kept_longest, let_in, service, table_ref
from bootstrap.shop_uploads import IMAGES, UPLOAD_ROLE, UPLOADS

THUMBNAILS = "thumbnails/"
_ORIGINALS, _SET_ASIDE = "originals/", "set-aside/"
_QUEUE = Ref(Kind.QUEUE, "images")
_LAYER = Ref(Kind.LAYER, "shop-images-dependencies")


def images() -> tuple[Resource, ...]:
    """All of them."""
    products = table_ref("products")
    policy = QueuePolicy(_QUEUE, (let_in(_QUEUE, "s3.amazonaws.com", IMAGES.arn()),))
    return (
        Bucket(IMAGES.name, public=(THUMBNAILS,), expires={UPLOADS: 15, _SET_ASIDE: 30}),
        BucketNotification(IMAGES, _QUEUE, policy.ref, UPLOADS),
        Role(UPLOAD_ROLE.name, (allow(IMAGES.arn(f"/{UPLOADS}*"), "s3:PutObject"),), "apigateway.amazonaws.com"),
        # Six times the function's time-out, as AWS advises.
        Queue(_QUEUE.name, visibility_timeout=120, dead_letter=DeadLetter(dead_letters_of(_QUEUE.name))),
        kept_longest(dead_letters_of(_QUEUE.name)),
        policy,
        # One picture takes a processor: a heap of uploads must not take all of them.
        EventSourceMapping(_QUEUE, Ref(Kind.FUNCTION, "images"), batch_size=1, maximum_concurrency=2),
        Layer(_LAYER.name, Requirements("requirements/layer-images.txt")),
        *service(
            "images",
            environment={"PRODUCTS_TABLE": products, "IMAGES_BUCKET": IMAGES},
            may=(
                allow(IMAGES.arn(f"/{UPLOADS}*"), "s3:GetObject", "s3:DeleteObject"),
                allow(IMAGES.arn(f"/{_ORIGINALS}*"), "s3:PutObject", "s3:DeleteObject"),
                allow(IMAGES.arn(f"/{THUMBNAILS}*"), "s3:PutObject", "s3:DeleteObject"),
                allow(IMAGES.arn(f"/{_SET_ASIDE}*"), "s3:PutObject"),
                allow(products, "dynamodb:UpdateItem"),
                allow_consuming(_QUEUE.name),
            ),
            timeout=20,
            memory_size=1024,
            layers=(_LAYER,),
        ),
    )
