"""A stack to test the harness against: moto's SNS and SQS, and a small Shop API in front, on one port.

`POST /_test/faults` chooses what goes wrong from then on. The API answers as the contract says and publishes
an order's stages to `order-events` from a thread of its own, with faults to choose. Run as a process of its
own: moto keeps its state in the process, and the harness under test patches its own for gevent.

    python tests/loadtests/fake_stack.py '{"lose_every": 3}'

prints its address in a line and serves until its standard input ends.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import boto3
import moto.sqs.models
from fake_shop import Customers, Refusal, Sales, Stock
from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

API = "/_aws/execute-api/shop/dev"
FUNCTIONS = {
    "accepted": "orders",
    "stock-reserved": "inventory",
    "payment-captured": "payments",
    "confirmed": "orders",
    "rejected": "orders",
    "notified": "notifications",
}
"""Which function reaches a stage."""

QUEUES = ("inventory", "payments", "orders", "notifications")


@dataclass
class Faults:
    """What goes wrong. `*_every` n: with each n-th order; 0 never. From order `stall_at` on the API answers nothing for
    `stall_s`, then everything that came meanwhile. When order `die_at` comes, the process ends, as if killed.
    `restless_usage`: an engine's usage is told, and never at rest.
    """

    lose_every: int = 0
    duplicate_every: int = 0
    contradict_every: int = 0
    reject_every: int = 0
    refuse_every: int = 0
    repeat_messages: bool = False
    silent_mails: bool = False
    overtake_every: int = 0
    late_every: int = 0
    late_s: float = 4.0
    cold_every: int = 0
    answer_delay_s: float = 0.0
    browse_delay_s: float = 0.0
    cart_delay_s: float = 0.0
    stage_delay_s: float = 0.005
    clock_ahead_s: float = 0.0
    stall_at: int = 0
    stall_s: float = 2.0
    die_at: int = 0
    no_topic: bool = False
    no_login: bool = False
    no_registration: bool = False
    restless_usage: bool = False
    no_products: bool = False
    oversell: int = 0
    functions: bool = True
    more_products: list[str] = field(default_factory=list)
    more_customers: list[str] = field(default_factory=list)
    forgotten_cents: int = 0


@dataclass
class Shop:
    """The API and what follows from it. `posts`: when each order's POST came in, for `GET /_test/posts`."""

    faults: Faults
    topic_arn: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)
    work: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    invocations: int = 0
    ran_s: float = 0.0
    customers: Customers = field(default_factory=Customers)
    stock: Stock = field(default_factory=Stock)
    sales: Sales = field(default_factory=Sales)
    stalled_until: float = 0.0

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix(API)
        self.invocations += 1
        began = time.monotonic()
        self._stall()
        try:
            return self._route(request, path)
        except Refusal as refusal:
            return _json(refusal.status, {"error": {"code": "REFUSED", "message": str(refusal), "details": []}})
        finally:
            with self.lock:
                self.ran_s += time.monotonic() - began

    def _route(self, request: Request, path: str) -> Response:
        match (request.method, path.split("/")[1:]):
            case ("POST", ["users"]) if not self.faults.no_registration:
                return _json(201, self.customers.register(request.get_json()))
            case ("POST", ["users", "login"]) if not self.faults.no_login:
                return _json(200, self.customers.log_in(request.get_json()))
            case ("POST", ["orders"]):
                return self._order(request, "orderId", request.get_json()["items"])
            case ("POST", ["async", "orders"]):
                return self._order(request, "messageId", request.get_json()["items"])
            case ("PUT", ["cart", "items", product]):
                user = self.customers.of(request)
                _pause(self.faults.cart_delay_s)
                return _json(200, self.customers.put(user, product, request.get_json()["quantity"]))
            case ("POST", ["cart", "checkout"]):
                with self.customers.checking_out(self.customers.of(request)) as items:
                    return self._order(request, "orderId", items)
            case ("PUT", ["products", "flash-1"]):
                self.customers.admin(request)
                return _json(200, {"productId": "flash-1", **self.stock.put(request.get_json())})
            case ("GET", ["analytics", "sales"]):
                self.customers.admin(request)
                return _json(200, self.sales.since(request.args["from"]))
            case ("GET", ["products"]) if self.faults.more_products:
                return _json(200, self._page(request.args.get("cursor")))
            case ("GET", ["products", *_]) if not self.faults.no_products:
                _pause(self.faults.browse_delay_s)
                return _json(200, self._products(path.removeprefix("/products")))
        raise Refusal(401 if path.startswith("/users") else 404, path)

    def begin_anew(self, faults: Faults) -> None:
        """Have other faults, and count orders from 1 again."""
        self.faults = faults
        self.posts.clear()
        self.numbers = itertools.count(1)
        self.invocations = 0
        self.ran_s = 0.0
        self.customers = Customers(self.faults.more_customers)
        self.sales = Sales(self.faults.forgotten_cents)
        self.stock = Stock(self.faults.oversell)

    def functions(self) -> Response:
        if not self.faults.functions:
            return _json(404, {})
        figures = {"invocations": self.invocations, "errors": 0, "throttles": 0, "cold_starts": 1}
        more = {
            "concurrency": 0,
            "max_concurrency": 1,
            "p50_ms": 1.0,
            "p95_ms": 2.0,
            "p99_ms": 3.0,
            "calls": {},
            "duration_s": self.ran_s,
            "ran_s": self.ran_s,
            "api_ran_s": self.ran_s,
        }
        return _json(200, {"orders": {**figures, **more}})

    def _stall(self) -> None:
        if (left := self.stalled_until - time.monotonic()) > 0:
            _pause(left)

    def _products(self, path: str) -> dict[str, Any]:
        products = [
            {
                "productId": f"product-{i:03}",
                "name": "x",
                "category": "c",
                "priceCents": 100,
                "stock": 1_000_000,
                "description": "",
            }
            for i in range(1, 21)
        ]
        scarce = {**products[0], "productId": "flash-1", "stock": self.stock.left}
        if path == "/flash-1":
            return scarce
        return products[0] if path else {"items": [*products, scarce]}

    def _page(self, cursor: str | None) -> dict[str, Any]:
        """The demo's products, then one page more."""
        if cursor is None:
            return {**self._products(""), "cursor": "more products"}
        like: dict[str, Any] = self._products("/any")
        return {"items": [{**like, "productId": product} for product in self.faults.more_products], "cursor": None}

    def _order(self, request: Request, order_id: str, items: list[dict[str, Any]]) -> Response:
        arrived = time.time()
        correlation_id = request.headers["X-Correlation-Id"]
        user = self.customers.of(request)
        assert 1 <= len(items) <= 3
        assert all(
            line["productId"].startswith(("product-", "flash-")) or line["productId"] in self.faults.more_products
            for line in items
        )
        total_cents = 100 * sum(line["quantity"] for line in items)
        with self.lock:
            number = next(self.numbers)
            self.posts.append({"at": arrived, "correlationId": correlation_id, "user": user, "items": items})
            if number == self.faults.die_at:
                os._exit(9)
            if number == self.faults.stall_at:
                self.stalled_until = time.monotonic() + self.faults.stall_s
        self._stall()
        _pause(self.faults.answer_delay_s)
        if _is_nth(number, self.faults.refuse_every):
            return _json(500, {"error": {"code": "INTERNAL_ERROR", "message": "sorry", "details": []}})
        accepted = int((time.time() + self.faults.clock_ahead_s) * 1000)
        for copy in range(2 if _is_nth(number, self.faults.duplicate_every) else 1):
            self.work.put(
                {
                    "number": number,
                    "orderId": f"{correlation_id}-{copy}",
                    "correlationId": correlation_id,
                    "at": accepted,
                    "items": items,
                    "totalCents": total_cents,
                }
            )
        return _json(202, {order_id: f"{correlation_id}-0", "status": "PENDING", "totalCents": total_cents})

    def process_for_ever(self) -> None:
        while True:
            self.process(self.work.get())

    def process(self, order: dict[str, Any]) -> None:
        """Publish the stages of one order as the real services would, faults included. Instants are in whole ms, so
        that text and number are the same.
        """
        delay = round(self.faults.stage_delay_s * 1000)
        timeline: list[dict[str, str]] = []
        legs: list[dict[str, Any]] = []
        for number, stage in enumerate(self._stages(order["number"], order["items"])):
            at = order["at"] + number * delay
            if stage == "confirmed" and _is_nth(order["number"], self.faults.overtake_every):
                at -= 3 * delay // 2
            if stage == "confirmed" and _is_nth(order["number"], self.faults.late_every):
                _pause(self.faults.late_s)
            if stage in ("confirmed", "notified") and _is_nth(order["number"], self.faults.late_every):
                at += round(self.faults.late_s * 1000)
            timeline.append({"stage": stage, "at": _iso(at)})
            if stage == "confirmed":
                self.sales.count(at / 1000, order["totalCents"])
            legs.append(self._leg(order, stage, at))
            order["trail"] = {"publishedAt": at, "legs": legs}
            for _ in range(2 if self.faults.repeat_messages else 1):
                self._publish(order, stage, timeline)

    def _stages(self, number: int, items: list[dict[str, Any]]) -> list[str]:
        if _is_nth(number, self.faults.lose_every):
            return ["accepted", "stock-reserved"]
        mail = [] if self.faults.silent_mails else ["notified"]
        if _is_nth(number, self.faults.reject_every) or not self.stock.take(items):
            return ["accepted", "rejected", *mail]
        more = ["rejected"] if _is_nth(number, self.faults.contradict_every) else []
        return ["accepted", "stock-reserved", "payment-captured", "confirmed", *more, *mail]

    def _publish(self, order: dict[str, Any], stage: str, timeline: list[dict[str, str]]) -> None:
        attributes = {"correlationId": order["correlationId"], "stage": stage, "status": "PENDING"}
        message = {
            "version": 1,
            "orderId": order["orderId"],
            "correlationId": order["correlationId"],
            **timeline[-1],
            "timeline": timeline,
            "trail": order["trail"],
        }
        self.topics().publish(
            json.dumps(message),
            self.topic_arn,
            message_attributes={name: {"Type": "String", "Value": value} for name, value in attributes.items()},
        )

    def _leg(self, order: dict[str, Any], stage: str, at: int) -> dict[str, Any]:
        """A stage is reached 1 ms after its function started, which Lambda had received 2 ms before that."""
        function = FUNCTIONS[stage]
        request_id = f"{order['orderId']}-{stage}"
        if stage == "stock-reserved" and _is_nth(order["number"], self.faults.cold_every):
            report = f"REPORT RequestId: {request_id}\tDuration: 1.00 ms\tInit Duration: 1.50 ms\t"
            self.logs().put_log_events(f"/aws/lambda/{function}", "s", [{"timestamp": at, "message": report}])
        stamps = {"receivedAt": at - 3, "startedAt": at - 1, "takenAt": at - 1}
        if stage != "accepted":
            stamps |= {"publishedAt": at - 5, "queuedAt": at - 4}
        return {"function": function, "requestId": request_id, "attempt": 1, **stamps}

    def logs(self) -> Any:
        """moto's CloudWatch Logs."""
        return get_backend("logs")[self.topic_arn.split(":")[4]]["us-east-1"]

    def topics(self) -> Any:
        """moto's SNS itself: publishing over HTTP to one's own process costs three times as much."""
        account = self.topic_arn.split(":")[4]
        return get_backend("sns")[account]["us-east-1"]


def serve(faults: Faults, announce: Callable[[str], None]) -> None:
    """Serve on a free port until standard input ends."""
    shop = Shop(faults)
    moto.sqs.models.unix_time_millis = lambda: (time.time() + shop.faults.clock_ahead_s) * 1000
    aws = DomainDispatcherApplication(create_backend_app)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith(API):
            return shop.answer(request)(environ, start_response)
        if request.path == "/_loadstack/functions":
            return shop.functions()(environ, start_response)
        if request.path == "/_loadstack/usage" and shop.faults.restless_usage:
            told = {"since": "the start", "lambda": {"sweeper": {"requests": time.monotonic_ns()}}}
            return _json(200, told)(environ, start_response)
        if request.path == "/_test/posts":
            return _json(200, {"posts": shop.posts})(environ, start_response)
        if request.path == "/_test/faults":
            shop.begin_anew(Faults(**request.get_json()))
            return _json(200, {})(environ, start_response)
        return aws(environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.port}"
    options = {
        "endpoint_url": address,
        "region_name": "us-east-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }
    sqs, sns = boto3.client("sqs", **options), boto3.client("sns", **options)
    for name in QUEUES:
        sqs.create_queue(QueueName=name)
        sqs.create_queue(QueueName=f"{name}-dlq")
    if not faults.no_topic:
        shop.topic_arn = sns.create_topic(Name="order-events")["TopicArn"]
        for name in set(FUNCTIONS.values()):
            shop.logs().create_log_group(f"/aws/lambda/{name}", {})
            shop.logs().create_log_stream(f"/aws/lambda/{name}", "s")
    for _ in range(4):
        threading.Thread(target=shop.process_for_ever, daemon=True).start()
    announce(address)
    sys.stdin.read()


class _Handler(WSGIRequestHandler):
    """Keeps connections open, as the real gateway does, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _is_nth(number: int, every: int) -> bool:
    return every > 0 and number % every == 0


def _json(status: int, body: Any) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")


def _iso(epoch_ms: int) -> str:
    at = datetime.fromtimestamp(epoch_ms // 1000, UTC).replace(microsecond=epoch_ms % 1000 * 1000)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pause(seconds: float) -> None:
    """The slowness that a fault asks for."""
    threading.Event().wait(seconds)


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(Faults(**json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}")), _announce)
