"""What is read and written."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ROOT / "functions"
DESCRIPTION = ROOT / "docs" / "openapi.yaml"
CLIENT = ROOT / "shop_client"
