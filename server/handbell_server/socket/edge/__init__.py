"""The hardened edge: HTTP and WebSocket bytes, their deadlines and their bounds; no rule of the product.

What parses bytes knows no rules, what rules knows no bytes: the application sees WSGI requests that are complete,
Socket.IO events that are well-formed and within their rate, and outlets that say when a client does not keep up.

    serving   listen and serve, around eventlet.wsgi     http*     one HTTP connection
    edge      harden(socketio) and the Edge it gives     engine    Engine.IO's and Socket.IO's servers, by subclass
    session   one client over either transport           link      one WebSocket on the hub; frames are its bytes
    guard     addresses, origins, hosts                  pulse     every deadline of every socket, in one timer
    streams   lines and texts for programs that only listen
"""

from handbell_server.socket.edge.edge import Edge, Outlet, harden
from handbell_server.socket.edge.limits import EdgeHooks, EdgeLimits, HttpLimits
from handbell_server.socket.edge.packets import Json, Push, prepare
from handbell_server.socket.edge.serving import AddressInUseError, Listening, listen, serve
from handbell_server.socket.edge.streams import Stream, StreamEnded, StreamRefused

__all__ = [
    "AddressInUseError",
    "Edge",
    "EdgeHooks",
    "EdgeLimits",
    "HttpLimits",
    "Json",
    "Listening",
    "Outlet",
    "Push",
    "Stream",
    "StreamEnded",
    "StreamRefused",
    "harden",
    "listen",
    "prepare",
    "serve",
]
