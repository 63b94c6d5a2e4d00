"""The zips that are deployed."""

import io
import sysconfig
import zipfile
from pathlib import Path

import pytest

from benchmarks import archives
from benchmarks.errors import ContenderError


def test_function_lies_at_the_top_under_its_name() -> None:
    assert zipfile.ZipFile(io.BytesIO(archives.function("ping"))).namelist() == ["ping.py"]


def test_layer_has_powertools_where_lambda_looks_for_it() -> None:
    layer = archives.powertools_layer(Path(sysconfig.get_path("purelib")))
    names = zipfile.ZipFile(io.BytesIO(layer)).namelist()
    assert "python/aws_lambda_powertools/__init__.py" in names
    assert "python/typing_extensions.py" in names


def test_layer_that_is_not_installed_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ContenderError, match="make bench"):
        archives.powertools_layer(tmp_path)
