"""Which gateway is wanted, which one runs, and where its keys go."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from bootstrap.errors import DeployError
from bootstrap.flows import Flow
from bootstrap.resources import Function, Role, Secret
from bootstrap.shop import stack
from bootstrap.shop_gateway import PAYMENTS, StripeGateway, with_gateway
from bootstrap.validate import mistakes
from sandbox.errors import UsageError
from sandbox.gateways import ANY, Wish, gateway, keep_keys, running, wish
from sandbox.paths import ROOT

BASE = "http://127.0.0.1:8420"
STRIPE = {"PAYMENT_PROVIDER": "stripe", "STRIPE_API_BASE": BASE, "STRIPE_API_KEY": "sk_test_1"}


@dataclass
class Cloud:
    """Lambda and Secrets Manager; None is what is not there."""

    environment: dict[str, str] | None = None
    secret: str | None = None
    puts: list[Any] = field(default_factory=list)
    fails: Exception | None = None

    def get_function_configuration(self, FunctionName: str) -> Any:
        assert FunctionName == "payments"
        if self.fails:
            raise self.fails
        return {"Environment": {"Variables": _there(self.environment)}}

    def get_secret_value(self, SecretId: str) -> Any:
        assert SecretId == "shop/stripe"
        if self.fails:
            raise self.fails
        return {"SecretString": _there(self.secret)}

    def put_secret_value(self, SecretId: str, SecretString: str) -> None:
        self.secret = SecretString
        self.puts.append(json.loads(SecretString))


def _there(value: Any) -> Any:
    if value is None:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Get")
    return value


def at(cloud: Cloud) -> Any:
    return SimpleNamespace(lambda_=cloud, secretsmanager=cloud)


def test_nothing_asked_for_keeps_what_runs() -> None:
    assert wish({"PAYMENT_PROVIDER": "", "STRIPE_API_KEY": ""}) == ANY
    runs = Cloud({"PAYMENT_PROVIDER": "stripe", "STRIPE_API_BASE": BASE})
    assert gateway(at(runs), ANY) == running(at(runs)) == StripeGateway(BASE)
    for other in (at(Cloud()), at(Cloud({})), None):
        assert gateway(other, ANY) is None
    assert gateway(at(runs), wish({"PAYMENT_PROVIDER": "simulated"})) is None


def test_key_that_is_kept_need_not_be_given_again() -> None:
    wanted = wish(STRIPE | {"STRIPE_API_KEY": "", "STRIPE_API_BASE": f"{BASE}/"})
    assert wanted == Wish("stripe", BASE)
    assert gateway(at(Cloud(secret='{"apiKey": "sk_test_1"}')), wanted) == StripeGateway(BASE)
    for cloud in (at(Cloud()), at(Cloud(secret="5e8f")), at(Cloud(secret='"text"')), None):
        with pytest.raises(UsageError, match="STRIPE_API_KEY is missing, and none is in the secret shop/stripe"):
            gateway(cloud, wanted)


@pytest.mark.parametrize(
    "error",
    [ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Get"), EndpointConnectionError(endpoint_url="x")],
)
def test_gateway_that_cannot_be_told_is_not_taken_for_the_simulated_one(error: Exception) -> None:
    cloud = at(Cloud({"PAYMENT_PROVIDER": "stripe", "STRIPE_API_BASE": BASE}, '{"apiKey": "sk_test_1"}', fails=error))
    for look in (lambda: running(cloud), lambda: gateway(cloud, ANY), lambda: keep_keys(cloud, wish(STRIPE))):
        with pytest.raises(DeployError):
            look()
    assert cloud.secretsmanager.puts == []


def test_given_keys_are_kept_and_the_others_stay() -> None:
    cloud = Cloud(secret="5e8f")
    keep_keys(at(cloud), wish(STRIPE))
    keep_keys(at(cloud), wish(STRIPE))
    keep_keys(at(cloud), ANY)
    keep_keys(at(cloud), wish(STRIPE | {"STRIPE_API_KEY": "", "STRIPE_WEBHOOK_SECRET": "whsec_1"}))
    assert cloud.puts == [{"apiKey": "sk_test_1"}, {"apiKey": "sk_test_1", "webhookSecret": "whsec_1"}]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PAYMENT_PROVIDER": "paypal"}, "PAYMENT_PROVIDER=paypal is unknown; there are simulated and stripe"),
        ({"STRIPE_API_BASE": BASE}, "STRIPE_API_BASE goes with PAYMENT_PROVIDER=stripe"),
        ({"STRIPE_API_KEY": "sk_live_secret"}, "STRIPE_API_KEY goes with PAYMENT_PROVIDER=stripe"),
        ({"PAYMENT_PROVIDER": "simulated", "STRIPE_WEBHOOK_SECRET": "x"}, "STRIPE_WEBHOOK_SECRET goes with"),
        ({"PAYMENT_PROVIDER": "stripe"}, "STRIPE_API_BASE is missing: make up PAYMENT_PROVIDER=stripe"),
        (STRIPE | {"STRIPE_API_BASE": "127.0.0.1:8420"}, "STRIPE_API_BASE=127.0.0.1:8420 is no URL"),
        (STRIPE | {"STRIPE_API_BASE": "http://a b"}, "is no URL of an API"),
        (STRIPE | {"STRIPE_API_BASE": f"{BASE}/v1"}, f"STRIPE_API_BASE={BASE}/v1 has a path.*: give {BASE}\\.$"),
    ],
)
def test_bad_input_is_told_in_a_line_without_the_key(settings: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        wish(settings)
    assert "\n" not in str(caught.value)
    assert "sk_live_secret" not in str(caught.value)


@pytest.mark.parametrize("flow", list(Flow))
def test_declaration_with_a_gateway_has_no_mistakes_and_differs_in_payments_alone(flow: Flow) -> None:
    plain = stack(flow)
    assert with_gateway(plain, None) is plain
    changed = with_gateway(plain, StripeGateway(BASE))
    assert mistakes(changed, ROOT) == []
    differing = [each for each in changed.resources if each not in plain.resources]
    assert {type(each) for each in differing} == {Function, Role, Secret}
    payments = changed.find(PAYMENTS)
    assert isinstance(payments, Function)
    assert payments.environment["STRIPE_API_BASE"] == BASE
    assert all("KEY" not in name for name in payments.environment)
