import pytest

from loadtests.address import Address, require_allowed, resolve
from loadtests.errors import UsageError

API = "/_aws/execute-api/shop/dev"


@pytest.mark.parametrize(
    ("host", "endpoint", "address"),
    [
        ("http://127.0.0.1:4566", None, Address(f"http://127.0.0.1:4566{API}", "http://127.0.0.1:4566")),
        ("http://127.0.0.1:4566/", None, Address(f"http://127.0.0.1:4566{API}", "http://127.0.0.1:4566")),
        ("http://h:1/restapis/x/dev", None, Address("http://h:1/restapis/x/dev", "http://h:1")),
        ("http://h:1/dev/", "http://e:2/", Address("http://h:1/dev", "http://e:2")),
        ("http://shop:1", "http://e:2", Address("http://shop:1", "http://e:2")),
        (
            "https://x1.execute-api.eu-west-1.amazonaws.com/dev",
            None,
            Address("https://x1.execute-api.eu-west-1.amazonaws.com/dev", None, "eu-west-1"),
        ),
        (
            "https://x1.execute-api.cn-north-1.amazonaws.com.cn/dev",
            None,
            Address("https://x1.execute-api.cn-north-1.amazonaws.com.cn/dev", None, "cn-north-1"),
        ),
        (
            "https://shop.example.com",
            "https://us-gov-west-1.amazonaws.com",
            Address("https://shop.example.com", None, "us-gov-west-1"),
        ),
    ],
)
def test_address_is_read_from_host_and_endpoint(host: str, endpoint: str | None, address: Address) -> None:
    assert resolve(host, endpoint) == address


@pytest.mark.parametrize(
    ("host", "endpoint", "told"),
    [
        ("https://x1.execute-api.eu-west-1.amazonaws.com", None, "HOST=.*/dev"),
        ("https://sns.amazonaws.com/dev", None, "names no region"),
        ("https://shop.example.com", "https://sqs.amazonaws.com", "names no region"),
        ("shop", None, "HOST=shop is no address"),
        ("http://h", "h:4566", "ENDPOINT=h:4566 is no address"),
        ("http://user:word@h", None, "HOST"),
        ("http://:word@h", None, "HOST=.* is more than an address"),
        ("http://h/?", None, "HOST=.* is more than an address"),
        ("http://h/#", None, "HOST=.* is more than an address"),
        ("http://h\\.localhost", None, "HOST=.* is more than an address"),
        ("http://[::1]x:4566", None, "HOST=.* is no address"),
    ],
)
def test_what_is_no_address_is_refused(host: str, endpoint: str | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        resolve(host, endpoint)


@pytest.mark.parametrize(
    "host",
    [
        "http://127.0.0.1:4566",
        "http://127.8.8.8",
        "http://[::1]:4566",
        "http://localhost:4566",
        "http://LOCALHOST.:4566",
        "http://shop.execute-api.localhost.localstack.cloud:4566/dev",
    ],
)
def test_this_machine_is_loaded_without_asking(host: str) -> None:
    require_allowed(resolve(host), allowed=False)


@pytest.mark.parametrize(
    ("host", "endpoint"),
    [
        ("http://192.168.0.7:4566", None),
        ("http://localhost.example.com", None),
        ("http://notlocalhost", None),
        ("http://127.0.0.1.example.com", None),
        ("http://2130706433", None),
        ("http://127.0.0.1:4566/dev", "http://10.0.0.1:4566"),
        ("http://10.0.0.1:4566/dev", "http://127.0.0.1:4566"),
        ("http://127.0.0.1:4566/dev", "https://eu-west-1.amazonaws.com"),
        ("https://x1.execute-api.eu-west-1.amazonaws.com/dev", None),
    ],
)
def test_another_machine_is_loaded_only_when_allowed(host: str, endpoint: str | None) -> None:
    address = resolve(host, endpoint)
    with pytest.raises(UsageError, match="ALLOW_REMOTE=yes"):
        require_allowed(address, allowed=False)
    require_allowed(address, allowed=True)
