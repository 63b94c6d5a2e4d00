"""What the bus keeps of the shop's events, so that `make replay` can send them again."""

from bootstrap.archives import Archive
from bootstrap.resources import Resource
from bootstrap.shop_services import BUS

ARCHIVE = Archive("shop-events", BUS, {"source": [{"prefix": "shop."}]}, retention_days=1)


def archive() -> tuple[Resource, ...]:
    return (ARCHIVE,)
