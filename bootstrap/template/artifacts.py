"""The local files that a template names, and the same template with their addresses in S3.

As `aws cloudformation package` does it, for functions, layers, OpenAPI documents and state machines: a folder becomes
a zip, a zip is taken as it is, any other file of code becomes a zip with it alone. Assets of `cdk synth` are found by
their metadata (`aws:asset:path`), or by the manifest beside the template (`*.assets.json`), which apps that are run
without the CDK's command have too. Keys hold the content's hash, so what is there already is not sent again, and a
template changes exactly where its code does.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

import copy
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from bootstrap.errors import PackageError
from bootstrap.package import zip_bytes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

type Template = dict[str, Any]

_NO_CODE = frozenset({"__pycache__", ".git", ".DS_Store"})
_REMOTE = ("s3://", "https://", "http://")
_ABSENT = {"404", "NoSuchKey", "NotFound"}


class Location(Enum):
    """How a property says where in S3 its content lies."""

    URI = "s3://bucket/key"
    S3_BUCKET = "S3Bucket, S3Key"
    BUCKET = "Bucket, Key"

    def write(self, bucket: str, key: str) -> Any:
        match self:
            case Location.URI:
                return f"s3://{bucket}/{key}"
            case Location.S3_BUCKET:
                return {"S3Bucket": bucket, "S3Key": key}
            case Location.BUCKET:
                return {"Bucket": bucket, "Key": key}


class _Place(NamedTuple):
    property: str
    location: Location
    is_code: bool


_PLACES = {
    "AWS::Serverless::Function": _Place("CodeUri", Location.URI, True),
    "AWS::Serverless::LayerVersion": _Place("ContentUri", Location.URI, True),
    "AWS::Serverless::Api": _Place("DefinitionUri", Location.URI, False),
    "AWS::Serverless::HttpApi": _Place("DefinitionUri", Location.URI, False),
    "AWS::Serverless::StateMachine": _Place("DefinitionUri", Location.URI, False),
    "AWS::Lambda::Function": _Place("Code", Location.S3_BUCKET, True),
    "AWS::Lambda::LayerVersion": _Place("Content", Location.S3_BUCKET, True),
    "AWS::ApiGateway::RestApi": _Place("BodyS3Location", Location.BUCKET, False),
    "AWS::ApiGatewayV2::Api": _Place("BodyS3Location", Location.BUCKET, False),
    "AWS::StepFunctions::StateMachine": _Place("DefinitionS3Location", Location.BUCKET, False),
}
# SAM takes these for all resources of a type at once.
_GLOBALS = {"Function": "AWS::Serverless::Function", "Api": "AWS::Serverless::Api"}


@dataclass(frozen=True, slots=True)
class Artifact:
    """A local file or folder that the template names.

    `where` leads to the property from the template's root (`Resources`, logical id, `Properties`, `CodeUri`); `path`
    is there and has content. `is_code`: Lambda unpacks it, so what is no zip becomes one.
    """

    where: tuple[str, ...]
    path: Path
    location: Location
    is_code: bool

    @property
    def label(self) -> str:
        """What messages call it: `OrdersFunction.CodeUri`, `Globals.Function.CodeUri`."""
        return ".".join(each for each in self.where if each not in ("Resources", "Properties"))


type Pack = Callable[[Artifact], bytes]


def find(template: Mapping[str, Any], base: Path) -> tuple[Artifact, ...]:
    """Every local file and folder that `template` names, relative to the folder `base`; nothing is read or packed.

    What is in S3 already, inline or written by an intrinsic function is left alone.

    Raises:
        PackageError: with one line for each that is missing, or empty, or for a manifest that is none.
    """
    found, problems = [], []
    for where, place, value in _named(template, _assets(base)):
        artifact = Artifact(where, base / value, place.location, place.is_code)
        if problem := _problem(artifact):
            problems.append(f"{artifact.label}: {value}: {problem}.")
        else:
            found.append(artifact)
    if problems:
        raise PackageError(problems)
    return tuple(found)


def pack(artifact: Artifact) -> bytes:
    """The bytes to upload, the same for the same content on any day.

    A script of a folder that its owner may execute stays executable: custom runtimes start one.
    """
    path = artifact.path
    if path.is_dir():
        return zip_bytes(files_of(path), zipfile.ZIP_DEFLATED, keeps_executables=True)
    if artifact.is_code and not zipfile.is_zipfile(path):
        return zip_bytes({path.name: path}, zipfile.ZIP_DEFLATED, keeps_executables=True)
    return path.read_bytes()


def upload(
    template: Template,
    artifacts: Sequence[Artifact],
    s3: "S3Client",
    bucket: str,
    *,
    pack: Pack = pack,
    owner: str | None = None,
    progress: Callable[[str, str], None] = lambda label, what: None,
) -> Template:
    """The template with the artifacts' addresses in `bucket`, which must be there, and has them afterwards.

    `owner` is the account that the bucket must belong to (a bucket's name can be somebody else's), None for any;
    `progress` hears of each artifact whether it is `uploaded` or `there`. An interrupted call leaves objects that the
    next one uses.

    Raises:
        ClientError: S3 refused.
    """
    packaged = copy.deepcopy(template)
    for artifact in artifacts:
        data = pack(artifact)
        key = key_of(data, ".zip" if artifact.is_code else artifact.path.suffix)
        sent = put(s3, bucket, key, data, owner)
        progress(artifact.label, "uploaded" if sent else "there")
        _set(packaged, artifact.where, artifact.location.write(bucket, key))
    return packaged


def key_of(data: bytes, suffix: str) -> str:
    """The key of an object with this content."""
    return f"{hashlib.sha256(data).hexdigest()}{suffix}"


def put(s3: "S3Client", bucket: str, key: str, data: bytes, owner: str | None = None) -> bool:
    """Send an object whose key says its content, unless it is there; whether it was sent."""
    expected: dict[str, Any] = {"ExpectedBucketOwner": owner} if owner else {}
    try:
        s3.head_object(Bucket=bucket, Key=key, **expected)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
    else:
        return False
    s3.put_object(Bucket=bucket, Key=key, Body=data, **expected)
    return True


def _named(template: Mapping[str, Any], assets: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], _Place, str]]:
    """Where a local path is named, and the path. What is no template at all names none: others say so."""
    for section, kind in _GLOBALS.items():
        place = _PLACES[kind]
        value = _get(template, "Globals", section, place.property)
        if path := _local(value, assets):
            yield ("Globals", section, place.property), place, path
    for name, resource in _mapping(template.get("Resources")).items():
        if (given := _place_of(resource)) is None:
            continue
        place, asset = given
        value = asset or _get(resource, "Properties", place.property)
        if path := _local(value, assets):
            yield ("Resources", name, "Properties", place.property), place, path


def _place_of(resource: Any) -> tuple[_Place, str | None] | None:
    """Where such a resource names its content, and the asset of the CDK that this is."""
    kind = _get(resource, "Type")
    place = _PLACES.get(kind) if isinstance(kind, str) else None
    if place is None:
        return None
    is_asset = _get(resource, "Metadata", "aws:asset:property") == place.property
    return place, _get(resource, "Metadata", "aws:asset:path") if is_asset else None


def _local(value: Any, assets: Mapping[str, str]) -> str | None:
    """The path that a property names, or that `assets` have for its key in S3; None for what is elsewhere."""
    match value:
        case str():
            return None if value.startswith(_REMOTE) else value
        case {"S3Key": str(key)} | {"Key": str(key)}:
            return assets.get(key)
        case {"Fn::Sub": str(address)} if address.startswith("s3://"):
            return assets.get(address.split("/", 3)[-1])
        case _:
            return None


def _assets(base: Path) -> dict[str, str]:
    """What `cdk synth` put beside its template: paths, by the keys that `cdk deploy` would upload them to."""
    found = {}
    for manifest in sorted(base.glob("*.assets.json")):
        try:
            files = _mapping(_get(json.loads(manifest.read_bytes()), "files"))
        except ValueError as error:
            raise PackageError([f"{manifest.name} is no manifest of assets: {error}."]) from error
        for each in files.values():
            for destination in _mapping(_get(each, "destinations")).values():
                found[_get(destination, "objectKey")] = _get(each, "source", "path")
    return found


def _problem(artifact: Artifact) -> str | None:
    path = artifact.path
    if path.is_dir() and not artifact.is_code:
        return "is a folder, and must be a file"
    if not path.exists():
        return f"there is no such file or folder (looked for {path.resolve()})"
    files = files_of(path) if path.is_dir() else {path.name: path}
    unreadable = [name for name, file in files.items() if not os.access(file, os.R_OK)]
    if unreadable:
        return f"{unreadable[0]} cannot be read"
    return None if files else "the folder is empty"


def files_of(folder: Path) -> dict[str, Path]:
    """The files below, also behind links, by their names in the zip; nothing of what Python compiled by itself."""
    found = {}
    for parent, folders, names in folder.walk(follow_symlinks=True):
        here = parent.resolve()
        folders[:] = [
            name
            for name in folders
            if name not in _NO_CODE and not here.is_relative_to((parent / name).resolve())  # a link upwards never ends
        ]
        for name in names:
            if name not in _NO_CODE:
                found[(parent / name).relative_to(folder).as_posix()] = parent / name
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _get(value: Any, *keys: str) -> Any:
    for key in keys:
        value = _mapping(value).get(key)
    return value


def _set(template: Template, where: Sequence[str], value: Any) -> None:
    *parents, last = where
    inner = template
    for each in parents:
        inner = inner[each]
    inner[last] = value
