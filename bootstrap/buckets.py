"""The words for S3 buckets: part of `resources`, in a module of their own for their number.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from bootstrap.references import Kind, Ref


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket that nobody may see into, but for the objects below the prefixes `public` (`thumbnails/`), which anybody
    may read. `expires` says, by prefix, after how many days objects go.

    On AWS the names of buckets are everybody's: there `name` must be one that nobody has.
    """

    kind: ClassVar[Kind] = Kind.BUCKET
    name: str
    public: tuple[str, ...] = ()
    expires: Mapping[str, int] = field(default_factory=dict)

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class BucketNotification:
    """A message to `queue` for each object that is made below `prefix`.

    Apart from the bucket, since S3 asks at once whether it may send: `policy` is what lets it in, and names the bucket.
    """

    kind: ClassVar[Kind] = Kind.BUCKET_NOTIFICATION
    bucket: Ref
    queue: Ref
    policy: Ref
    prefix: str

    @property
    def name(self) -> str:
        return f"{self.bucket.name}:{self.queue.name}"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)
