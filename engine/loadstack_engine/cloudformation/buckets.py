"""S3 buckets: what LocalStack leaves out when it creates one, and their updates."""

from typing import Any

from loadstack_engine.cloudformation.models import Model, Request

_PUBLIC_ACCESS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def finish(request: Request, model: Model) -> None:
    """Life cycle, public access, encryption, ownership; without ``AccessControl`` a bucket is private, as on AWS."""
    s3, before = request.aws_client_factory.s3, request.previous_state or {}
    bucket = {"Bucket": model["BucketName"]}
    s3.put_bucket_acl(**bucket, ACL=_access(model.get("AccessControl") or "Private"))
    if rules := (model.get("LifecycleConfiguration") or {}).get("Rules"):
        wanted = {"Rules": [_rule(rule) for rule in rules]}
        s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration=wanted)
    elif before.get("LifecycleConfiguration"):
        s3.delete_bucket_lifecycle(**bucket)
    # AWS blocks all public access of a bucket that says nothing of it.
    asked = model.get("PublicAccessBlockConfiguration")
    block = {name: _true((asked or {}).get(name, asked is None)) for name in _PUBLIC_ACCESS}
    s3.put_public_access_block(**bucket, PublicAccessBlockConfiguration=block)
    if encryption := (model.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration"):
        rules = [
            {
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                **({"BucketKeyEnabled": _true(rule["BucketKeyEnabled"])} if "BucketKeyEnabled" in rule else {}),
            }
            for rule in encryption
        ]
        s3.put_bucket_encryption(**bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    if ownership := model.get("OwnershipControls"):
        s3.put_bucket_ownership_controls(**bucket, OwnershipControls={"Rules": ownership["Rules"]})


def update(request: Request, model: Model) -> None:
    """What the template has no more goes; LocalStack's own creation then puts all that it has."""
    from localstack.services.s3.resource_providers.aws_s3_bucket import S3BucketProvider

    s3, before = request.aws_client_factory.s3, request.previous_state or {}
    bucket = {"Bucket": model["BucketName"]}
    if _gone(model, before, "NotificationConfiguration"):
        s3.put_bucket_notification_configuration(**bucket, NotificationConfiguration={})
    if _gone(model, before, "CorsConfiguration"):
        s3.delete_bucket_cors(**bucket)
    if _gone(model, before, "VersioningConfiguration"):
        s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Suspended"})
    if _gone(model, before, "Tags"):
        s3.delete_bucket_tagging(**bucket)
    if _gone(model, before, "WebsiteConfiguration"):
        s3.delete_bucket_website(**bucket)
    request.desired_state = model
    S3BucketProvider().create(request)


def _rule(rule: Model) -> dict[str, Any]:
    wanted: dict[str, Any] = {"Status": rule["Status"], "Filter": _filter(rule)}
    if rule.get("Id"):
        wanted["ID"] = rule["Id"]
    marker = "ExpiredObjectDeleteMarker"
    expires = {"Days": "ExpirationInDays", "Date": "ExpirationDate", marker: marker}
    if expiration := {theirs: rule[ours] for theirs, ours in expires.items() if rule.get(ours) is not None}:
        wanted["Expiration"] = {key: int(value) if key == "Days" else value for key, value in expiration.items()}
    if aborted := rule.get("AbortIncompleteMultipartUpload"):
        wanted["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(aborted["DaysAfterInitiation"])}
    moves = [*(rule.get("Transitions") or ()), *([rule["Transition"]] if rule.get("Transition") else ())]
    if moves:
        wanted["Transitions"] = [
            {
                "StorageClass": each["StorageClass"],
                **({"Days": int(each["TransitionInDays"])} if "TransitionInDays" in each else {}),
                **({"Date": each["TransitionDate"]} if "TransitionDate" in each else {}),
            }
            for each in moves
        ]
    old = rule.get("NoncurrentVersionExpiration") or {}
    if days := old.get("NoncurrentDays") or rule.get("NoncurrentVersionExpirationInDays"):
        wanted["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(days)}
    return wanted


def _filter(rule: Model) -> dict[str, Any]:
    parts: dict[str, Any] = {"Prefix": rule["Prefix"]} if rule.get("Prefix") else {}
    for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan"):
        if rule.get(name):
            parts[name] = int(rule[name])
    tags = rule.get("TagFilters") or []
    if len(parts) + len(tags) > 1:
        return {"And": parts | ({"Tags": tags} if tags else {})}
    return {"Tag": tags[0]} if tags else parts or {"Prefix": ""}


def _gone(model: Model, before: Model, name: str) -> bool:
    return bool(before.get(name)) and not model.get(name)


def _access(name: str) -> str:
    """``PublicRead`` is ``public-read``."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("-")


def _true(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() == "true"
