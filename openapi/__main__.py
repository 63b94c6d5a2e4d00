"""``python -m openapi``: write docs/openapi.yaml and shop_client/ anew."""

import sys

from openapi import client, document
from openapi.errors import OpenApiError
from openapi.paths import CLIENT, DESCRIPTION, ROOT


def main() -> int:
    """1 when the services' declarations do not make a document, or the document no client."""
    try:
        DESCRIPTION.write_text(document.render(document.build()))
        client.generate(DESCRIPTION, CLIENT)
    except OpenApiError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    for written in (DESCRIPTION, CLIENT):
        sys.stdout.write(f"{written.relative_to(ROOT)}\n")
    return 0


sys.exit(main())
