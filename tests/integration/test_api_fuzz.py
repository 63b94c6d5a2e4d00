"""The API against its description, docs/openapi.yaml: whatever it is sent, it answers what is written there."""

import os
import subprocess
import sys
from pathlib import Path

import jwt
import pytest

from bootstrap.catalogue import FLASH
from bootstrap.clients import Clients
from bootstrap.seed import PRODUCTS_TABLE, seed
from sandbox.paths import ROOT

HERE = Path(__file__).parent


@pytest.fixture
def catalogue(stack):
    """What an admin's fuzzed PUT changes and DELETE takes away is as it was for the tests that follow."""
    yield
    clients = Clients(stack.endpoint)
    # Where its last item is missing, the seed is written whole.
    clients.dynamodb.delete_item(TableName=PRODUCTS_TABLE, Key={"productId": {"S": FLASH.product_id}})
    assert seed(clients, stack.api_url)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("catalogue")
def test_fuzzed_api_answers_as_described(stack, register, admin, tmp_path):
    schemathesis = Path(sys.executable).with_name("schemathesis")
    configuration = HERE / "schemathesis.toml"
    description = ROOT / "docs" / "openapi.yaml"
    tokens = {
        name: someone._session.headers["Authorization"].removeprefix("Bearer ")
        for name, someone in (("SHOP_CUSTOMER", register()), ("SHOP_ADMIN", admin))
    }

    claims = jwt.decode(tokens["SHOP_CUSTOMER"], options={"verify_signature": False})

    result = subprocess.run(
        [schemathesis, f"--config-file={configuration}", "run", description, f"--url={stack.api_url}", "--no-color"],
        cwd=tmp_path,
        env={
            **os.environ,
            **tokens,
            "SHOP_CUSTOMER_ID": claims["sub"],
            "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py"),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
