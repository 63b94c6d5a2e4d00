"""Service models, read once a process."""

import botocore.session
import pytest
from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader

from loadstack_engine import service_models


@pytest.fixture(autouse=True)
def _sharing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JSONFileLoader, "load_file", JSONFileLoader.load_file)
    service_models.use()


def test_model_read_by_one_session_serves_the_next() -> None:
    first, second = (botocore.session.Session().get_component("data_loader") for _ in range(2))
    assert first.load_data("sqs/2012-11-05/service-2") is second.load_data("sqs/2012-11-05/service-2")


def test_session_sees_the_same_service_as_without_sharing(monkeypatch: pytest.MonkeyPatch) -> None:
    session = botocore.session.Session()
    for _ in range(2):
        shared = botocore.session.Session().get_service_model("s3")
    monkeypatch.undo()
    alone = session.get_service_model("s3")
    assert shared.operation_names == alone.operation_names
    assert shared.operation_model("PutObject").input_shape.members.keys() == (
        alone.operation_model("PutObject").input_shape.members.keys()
    )


def test_missing_model_stays_missing() -> None:
    loader = botocore.session.Session().get_component("data_loader")
    for _ in range(2):
        with pytest.raises(DataNotFoundError):
            loader.load_data("no-such-service/service-2")
