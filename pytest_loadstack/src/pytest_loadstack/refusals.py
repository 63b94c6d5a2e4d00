"""What AWS refuses of what a test has asked ``wait_for``."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError, ParamValidationError


@contextmanager
def told_in_a_line(call: str) -> Iterator[None]:
    """Fail with AWS's words and ``call``, instead of with the SDK's source."""
    try:
        yield
    except ClientError as error:
        refused = error.response["Error"]
        said = f"{refused.get('Code', '?')}: {refused.get('Message') or 'no message'} ({error.operation_name})"
    except ParamValidationError as error:
        said = str(error)
    else:
        return
    raise pytest.fail.Exception(f"{call}: {' '.join(said.split())}", pytrace=False) from None
