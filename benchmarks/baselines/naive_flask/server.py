"""The first baseline: a notification server as tutorials for Flask-SocketIO build it.

Monkey-patched eventlet, a Flask-SQLAlchemy model, one insert and one commit per request, a COUNT for the badge, an
emit to the room of the user. Where a tutorial's defaults would only make it look worse, it gets the better setting:
enough connections for the benchmark, SQLite's write-ahead log, and psycopg's wait function that suits eventlet.
"""

# ruff: noqa: E402 — monkey-patching comes before every other import

import os

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")  # the default stops every greenlet during a query

import eventlet

eventlet.monkey_patch()

import sys
from datetime import UTC, datetime
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from flask_socketio import SocketIO, join_room
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
socketio = SocketIO(app, async_mode="eventlet", cors_allowed_origins="*")


class Notification(db.Model):  # type: ignore[name-defined, misc]
    """A stored notification; without a recipient it is for everyone."""

    id = db.Column(db.Integer, primary_key=True)
    recipient = db.Column(db.String(64), index=True)
    type = db.Column(db.String(50), nullable=False, default="info")
    title = db.Column(db.String(255), nullable=False)
    body = db.Column(db.Text)
    link = db.Column(db.String(500))
    is_read = db.Column(db.Boolean, nullable=False, default=False)
    created_at = db.Column(db.DateTime, nullable=False, default=lambda: datetime.now(UTC).replace(tzinfo=None))

    def to_dict(self) -> dict[str, Any]:
        """What a device is told."""
        return {
            "id": self.id,
            "type": self.type,
            "title": self.title,
            "body": self.body,
            "link": self.link,
            "read": self.is_read,
            "createdAt": self.created_at.isoformat(),
        }


def notify(data: dict[str, Any]) -> dict[str, Any]:
    """Store one notification, count what is unread, tell the user's devices."""
    notification = Notification(
        recipient=data["to"], type=data["type"], title=data["title"], body=data["body"], link=data["link"]
    )
    db.session.add(notification)
    db.session.commit()
    unread = Notification.query.filter_by(recipient=data["to"], is_read=False).count()
    payload = {**notification.to_dict(), "unread": unread}
    socketio.emit("notification", payload, to=data["to"])
    return payload


@app.post("/notifications")
def create() -> ResponseReturnValue:
    return jsonify(notify(request.get_json())), 201


@app.post("/notifications/batch")
def create_batch() -> ResponseReturnValue:
    return jsonify([notify(item)["id"] for item in request.get_json()["notifications"]]), 201


@app.post("/notifications/broadcast")
def create_broadcast() -> ResponseReturnValue:
    data = request.get_json()
    notification = Notification(type=data["type"], title=data["title"], body=data["body"], link=data["link"])
    db.session.add(notification)
    db.session.commit()
    socketio.emit("notification", notification.to_dict())
    return jsonify(id=notification.id), 201


@app.get("/healthz")
def healthy() -> ResponseReturnValue:
    return jsonify(ok=True)


@socketio.on("connect")  # type: ignore[untyped-decorator]
def connect(auth: dict[str, str]) -> None:
    join_room(auth["user"])


if __name__ == "__main__":
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            db.session.execute(text("PRAGMA journal_mode=WAL"))
        db.create_all()
    # Without max_size the server silently stops at its 1,024th connection.
    socketio.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_output=False, max_size=8192)
