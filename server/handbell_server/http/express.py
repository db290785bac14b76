"""The two ways from WSGI to an endpoint.

Flask routes everything. Three endpoints are asked for thousands of times a second, and there the framework's context
costs as much as the work itself; those are found by one dictionary look-up before Flask sees the request. Both ways end
in the same `pipeline.perform`, so there is one behaviour and no second contract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import BaseConverter, WebsocketMismatch

from handbell_server.errors import NotFound, Problem
from handbell_server.http.endpoint import Endpoint
from handbell_server.http.pipeline import Reply, perform, refuse
from handbell_server.services import Services
from handbell_shared.codes import Code
from handbell_shared.ids import new_id

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
_SWITCHING = 101
_NO_WEBSOCKET = Problem("There is no WebSocket at this address.", code=Code.MALFORMED, status=400)
_SLASHES = re.compile("//+")
_PARAMETER = re.compile(r"\{(\w+)\}")


def install(app: Flask, endpoints: Iterable[Endpoint], services: Services) -> None:
    """Give every endpoint to Flask, and the hot ones to the express lane in front of it."""
    known = tuple(endpoints)
    paths = [path for one in known for path in (one.path, *(path for _, path in one.also))]
    own = {first for path in paths if (first := path.split("/")[1]) and not first.startswith("{")} | _KEPT
    app.url_map.converters["free"] = _converter(own)
    app.url_map.merge_slashes = False  # by redirects, which many senders do not follow; see `_lane`
    for endpoint in known:
        for method, path in ((endpoint.method, endpoint.path), *endpoint.also):
            app.add_url_rule(
                _rule(path),
                endpoint=f"{method} {path}",
                view_func=_view(endpoint, services),
                methods=[method, "HEAD"] if method == "GET" else [method],  # as monitors ask
                provide_automatic_options=False,
            )
            if _SWITCHING in endpoint.answers:  # Flask tells these requests apart, and wants a rule for each
                app.add_url_rule(
                    _rule(path), endpoint=f"{method} {path} by WebSocket", view_func=_view(endpoint, services),
                    methods=[method], provide_automatic_options=False, websocket=True,
                )  # fmt: skip
    app.register_error_handler(404, lambda _: _flask(refuse(NotFound("There is nothing here."), new_id())))
    app.register_error_handler(405, lambda error: _flask(_wrong_method(error, own)))
    app.register_error_handler(WebsocketMismatch, lambda _: _flask(refuse(_NO_WEBSOCKET, new_id())))
    app.register_error_handler(Exception, lambda _: _flask(refuse(Problem("Something went wrong here."), new_id())))
    hot = {(e.method, e.path): e for e in known if e.hot}
    app.wsgi_app = _lane(app.wsgi_app, hot, services)  # type: ignore[method-assign, assignment]  # Flask's own way to wrap it


def _lane(inner: WsgiApp, hot: dict[tuple[str, str], Endpoint], services: Services) -> WsgiApp:
    def lane(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        endpoint = hot.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if endpoint is None:
            if "//" in environ["PATH_INFO"]:  # of a base address with a slash at its end, and a path with one before
                environ["PATH_INFO"] = _SLASHES.sub("/", environ["PATH_INFO"])
            return inner(environ, start_response)
        reply = perform(services, endpoint, environ, {})
        start_response(_STATUS[reply.status], reply.headers)
        return [reply.body]

    return lane


def _view(endpoint: Endpoint, services: Services) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        if request.method == "HEAD" and endpoint.speaks is not None:  # of a GET that tells somebody something
            raise MethodNotAllowed(["GET"])
        return _flask(perform(services, endpoint, request.environ, path))

    return view


def _flask(reply: Reply) -> Response:
    response = Response(reply.body, status=reply.status)
    response.headers.clear()
    for name, value in reply.headers:
        response.headers[name] = value
    return response


def _rule(path: str) -> str:
    """The path as Flask writes it. A parameter that comes first takes every word but our own."""
    rule = _PARAMETER.sub(r"<\1>", path)
    return rule.replace("/<", "/<free:", 1) if rule.startswith("/<") else rule


def _converter(own: set[str]) -> type[BaseConverter]:
    class Free(BaseConverter):
        part_isolating = True  # one word between slashes
        regex = rf"(?!(?:{'|'.join(map(re.escape, sorted(own)))})\Z)[^/]+"

    return Free


def _wrong_method(error: Any, own: set[str]) -> Reply:
    if request.path.split("/")[1] not in own:  # a topic, or the root: something can be sent there, and nothing seen
        return refuse(NotFound("There is nothing here."), new_id())
    allowed = ", ".join(sorted(error.valid_methods or ()))
    problem = Problem(
        f"This address answers to {allowed}.", code=Code.METHOD_NOT_ALLOWED, status=405, headers={"Allow": allowed}
    )
    return refuse(problem, new_id())


# First words of paths that no name of a sender's may take: those of pages and systems that may come here.
_KEPT = {
    "v1", "v2", "api", "app", "assets", "static", "favicon.ico", "robots.txt", "manifest.json", "sw.js", ".well-known",
    "socket.io", "hooks", "hook", "services", "notify", "message", "messages", "stream", "health", "version", "application",
    "client", "plugin", "image", "current", "gotify", "ntfy", "apprise", "slack", "account", "settings", "signup", "login",
    "logout", "file", "config.js", "1",
}  # fmt: skip
_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
