"""Hot routes: requests that are answered without LocalStack's chain of some thirty handlers.

A hot route is a callable that looks at a request and either answers it or leaves it::

    from loadstack_engine.front.hot_routes import HOT_ROUTES
    from loadstack_engine.front.messages import HttpRequest, HttpResponse

    def ping(request: HttpRequest) -> HttpResponse | None:
        if request.method != "GET" or request.path != "/ping":
            return None
        return HttpResponse(200, [("Content-Type", "text/plain")], b"pong")

    HOT_ROUTES.add(ping)        # from an on_infra_start hook

- It runs in the connection's own thread and may block; others are not held up.
- ``None`` means "not mine": the next hot route is asked, at last LocalStack's chain. A route decides that before it
  changes anything. Every request passes every route, so a route looks at the method and the path first.
- It answers with an :class:`HttpResponse`, or with a werkzeug (rolo) ``Response``, which may stream.
- What it raises is logged, and the client gets 500: the chain is not asked, for something may have been done.
- Nothing that LocalStack's handlers do has been done: no CORS check, no decoding of ``Content-Encoding``, no account,
  no region, no service loaded. A route leaves what it does not do itself (``Origin`` set, say) to the chain.
- Requests over 16 MB, those while LocalStack stops, and those over any other front never come here.
"""

from collections.abc import Callable

from werkzeug.wrappers import Response

from loadstack_engine.front.messages import HttpRequest, HttpResponse

HotRoute = Callable[[HttpRequest], HttpResponse | Response | None]


class HotRoutes:
    """The routes in the order in which they were added. Thread-safe."""

    def __init__(self) -> None:
        self._routes: tuple[HotRoute, ...] = ()

    def add(self, route: HotRoute) -> None:
        self._routes = (*self._routes, route)

    def remove(self, route: HotRoute) -> None:
        """Does nothing where it was not added."""
        self._routes = tuple(each for each in self._routes if each is not route)

    def answer(self, request: HttpRequest) -> HttpResponse | Response | None:
        """The first route's answer that is one."""
        for route in self._routes:
            answer = route(request)
            if answer is not None:
                return answer
        return None


HOT_ROUTES = HotRoutes()
