"""The folder of S3's larger objects is this instance's.

LocalStack has one for the whole machine, by the buckets' names, whatever ``TMPDIR`` says: who deletes a bucket there
takes the folder from under another instance's, whose larger objects then fail.
"""

import tempfile
from pathlib import Path

from localstack.services.s3 import provider


def use() -> None:
    """Before the service is loaded."""
    provider.DEFAULT_S3_TMP_DIR = str(Path(tempfile.gettempdir(), Path(provider.DEFAULT_S3_TMP_DIR).name))
