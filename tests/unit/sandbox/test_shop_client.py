"""The shop's client, against an API that says what a test wants."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from sandbox.shop_client import ShopClient, ShopError

type Stocked = Callable[..., ShopClient]


@pytest.fixture
def stocked() -> Iterator[Stocked]:
    """A shop whose list has a product of each of these stocks, named by its place in the list."""
    servers = []

    def start(*stocks: int) -> ShopClient:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                items = [{"productId": str(place), "stock": stock} for place, stock in enumerate(stocks)]
                content = json.dumps({"items": items} if self.path == "/products?limit=100" else {}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return ShopClient(f"http://127.0.0.1:{server.server_port}")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_products_that_are_sold_out_are_passed_over(stocked: Stocked) -> None:
    shop = stocked(0, 3, 0, 1, 7)
    assert [product["productId"] for product in shop.in_stock(2)] == ["1", "3"]


def test_fewer_than_wanted_are_given(stocked: Stocked) -> None:
    assert [product["productId"] for product in stocked(0, 3).in_stock(2)] == ["1"]


@pytest.mark.parametrize("stocks", [(), (0, 0)])
def test_shop_without_stock_is_told_in_a_line(stocked: Stocked, stocks: tuple[int, ...]) -> None:
    with pytest.raises(ShopError, match=r"^None of the shop's first 100 products is in stock: make reset .*\.$"):
        stocked(*stocks).in_stock(2)
