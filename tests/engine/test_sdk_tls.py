"""The AWS SDK of function processes over TLS, and without it."""

import datetime
import http.server
import ipaddress
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import loadstack_engine
from sandbox.paths import DEVELOPMENT

RUNTIME = Path(loadstack_engine.__file__).parent / "runtime"

PROGRAM = """
import sys
import _loadstack_sdk
_loadstack_sdk.prepare()
import boto3, botocore.httpsession

made = []
create = botocore.httpsession.create_urllib3_context
botocore.httpsession.create_urllib3_context = lambda *a, **k: made.append(1) or create(*a, **k)
session = boto3.Session("key", "secret", region_name="us-east-1")
clients = [session.client("sqs", endpoint_url=sys.argv[1], verify=sys.argv[2] or None) for _ in range(3)]
try:
    print(clients[0].list_queues().get("QueueUrls"))
    print(clients[0].list_queues().get("QueueUrls"))
except Exception as error:
    print(type(error).__name__)
print(len(made))
"""


class _Sqs(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "20")
        self.end_headers()
        self.wfile.write(b'{"QueueUrls": ["q"]}')

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture(params=["http", "https"])
def endpoint(request: pytest.FixtureRequest, certificate: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Sqs) as server:
        server.daemon_threads = True
        if request.param == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"{request.param}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _run(endpoint: str, trusted: str, **variables: str) -> list[str]:
    run = subprocess.run(
        [DEVELOPMENT.runtime_python, "-c", PROGRAM, endpoint, trusted],
        env={"PYTHONPATH": str(RUNTIME), "HOME": "/nowhere", "AWS_MAX_ATTEMPTS": "1", **variables},
        capture_output=True,
        check=True,
        text=True,
    )
    return run.stdout.split("\n")[:-1]


@pytest.mark.parametrize("trusted", [True, False])
def test_certificates_are_checked_as_by_the_sdk_as_it_is(endpoint: str, certificate: Path, trusted: bool) -> None:
    authority = str(certificate) if trusted else ""

    *found, contexts = _run(endpoint, authority)
    *expected, made_before = _run(endpoint, authority, LOADSTACK_SDK="0")

    over_tls = endpoint.startswith("https")
    assert found == expected
    assert found == (["SSLError"] if over_tls and not trusted else ["['q']", "['q']"])
    assert (contexts, made_before) == ("1" if over_tls else "0", "3")
