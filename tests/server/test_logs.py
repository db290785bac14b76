"""What the log holds: a line for each request, and nothing that anybody would have to keep secret."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.server.http.stage import SENDS_ALL, Socket, created
from tests.server.security.identities import ISSUER_KEY, Scene, signed

CANARY = "KANARIENVOGEL"


def sing(word: str) -> str:
    return f"{CANARY}-{word}"


def go_through_everything(scene: Scene) -> list[str]:
    """Ask for all there is, rightly and wrongly, with a canary in every place; the secrets that have no canary."""
    stage, owner = scene.stage, scene.owner
    producer = stage.producer(SENDS_ALL)
    content = {
        "body": sing("body"),
        "type": sing("type"),
        "link": f"https://{CANARY}.example/?secret={CANARY}",
        "data": {sing("data"): sing("data")},
        "actor": {"name": sing("actor")},
        "group": sing("group"),
        "key": sing("key"),
        "actions": [{"id": "b", "label": sing("label")}, {"id": "r", "label": "Reply", "kind": "reply"}],
    }
    sent = created(producer.notify(owner.name, sing("title"), idempotency=sing("idempotency"), **content))
    producer.notify(owner.name, sing("other"), idempotency=sing("idempotency"))  # 422
    producer.notify(sing("user"), "x")  # 404
    producer.notify(owner.name, "x", link=f"javascript:{CANARY}")
    producer.post("/v1/notifications", {"to": owner.name, "title": "x", sing("field"): 1})
    producer.call("POST", "/v1/notifications", b'{"to": "' + CANARY.encode())
    producer.post(
        "/v1/notifications/batch", f'{{"to": "{CANARY}"}}\n{CANARY}', headers={"Content-Type": "application/x-ndjson"}
    )
    producer.get(f"/v1/notifications/{CANARY}")
    producer.get(f"/{CANARY}")
    producer.delete(f"/v1/notifications?key={sing('key')}")
    for q in (CANARY, quote("\x00" + CANARY), f"{CANARY}&limit={CANARY}"):
        owner.rest.get(f"/v1/inbox?q={q}&state=all")
    owner.rest.put(f"/v1/topics/{CANARY}/subscription")
    owner.rest.get(f"/v1/sync/delta?epoch={CANARY}&rev=0&after={CANARY}")
    answer = {"action": "r", "text": sing("answer")}
    owner.rest.post(
        "/v1/actions",
        {"actions": [{"id": new_id(), "kind": "answer", "ids": [[sent["id"], 0]], "at": now_ms(), "answer": answer}]},
    )
    tokens = knock(scene)
    talk(scene)
    return [*tokens, str(producer.token), owner.token, ISSUER_KEY]


def knock(scene: Scene) -> list[str]:
    """Sign in rightly and wrongly, and come with tokens of every kind; the tokens."""
    stage = scene.stage
    about = {"user": scene.owner.name, "password": sing("password"), "device": {"name": sing("device")}}
    assert stage.rest().post("/v1/sessions", about).status == 401
    stage.rest().post("/v1/sessions", about | {"user": sing("name")})
    tokens = [
        signed(600),
        signed(-600),
        "hbd_" + CANARY.ljust(43, "x"),
        f"hbp_{'0' * 16}_{CANARY.ljust(43, 'x')}",
        CANARY,
    ]
    for token in tokens:
        stage.rest(token).get("/v1/inbox")
        stage.rest(token).notify(scene.owner.name, "x")
        stage.rest().get(f"/v1/inbox?token={token}")
        socket = Socket(stage.url, {"token": token, "protocol": 1})
        socket.refusal()
        socket.close()
    stage.rest().call(
        "GET", "/v1/inbox", headers={"Authorization": f"Basic {CANARY}", "Cookie": CANARY, "Referer": CANARY}
    )
    return tokens


def talk(scene: Scene) -> None:
    """The same over a socket."""
    socket = Socket(scene.stage.url, {"token": scene.owner.token, "protocol": 1, "epoch": CANARY})
    socket.hears("hello")
    socket.call("delta", {"epoch": CANARY, "rev": 0})
    socket.call("delta", {CANARY: CANARY})
    socket.call("act", {"actions": [{"id": CANARY, "kind": CANARY}]})
    socket.tell("position", {"epoch": CANARY, "rev": 1})
    socket.tell(CANARY, CANARY)
    socket.call("snapshot", {})
    socket.close()


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_secret_and_nothing_that_was_said_is_in_the_log(tmp_path: Path, level: str) -> None:
    scene = Scene(tmp_path, HANDBELL_LOG_LEVEL=level, HANDBELL_METRICS_TOKEN=sing("metrics"))
    try:
        secrets = go_through_everything(scene)
        scene.stage.rest(sing("metrics")).get("/metrics")
        scene.stage.rest(sing("wrong")).get("/metrics")
        scene.stage.server.stop()

        log = scene.stage.log()
        assert log.count("\n") > 40
        found = [line for line in log.splitlines() if CANARY in line or any(secret in line for secret in secrets)]
        assert found == []
        assert "Traceback" not in log and '"trace"' not in log
        assert not re.search(r"hb[dp]_[A-Za-z0-9]", log)
    finally:
        scene.close()


def test_each_request_has_a_line_that_its_answer_names(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    try:
        answers = {
            "good": scene.owner.rest.get("/v1/stats"),
            "bad": scene.owner.rest.get(f"/v1/inbox?{CANARY}=1"),
            "foreign": scene.stage.rest(scene.key).get(f"/v1/notifications/{new_id()}"),
            "nobody": scene.stage.rest("hbd_garbage").get("/v1/stats"),
        }
        scene.stage.server.stop()
        lines = [json.loads(line) for line in scene.stage.log().splitlines()]
        by_id = {line["id"]: line for line in lines if line.get("event") == "request"}
        told = {name: by_id[answer.headers["x-request-id"]] for name, answer in answers.items()}
    finally:
        scene.close()

    assert {name: (line["method"], line["route"], line["status"]) for name, line in told.items()} == {
        "good": ("GET", "/v1/stats", 200),
        "bad": ("GET", "/v1/inbox", 422),
        "foreign": ("GET", "/v1/notifications/{id}", 404),
        "nobody": ("GET", "/v1/stats", 401),
    }
    assert told["good"]["who"] == f"user:{scene.owner.name}" and told["good"]["code"] is None
    assert told["nobody"]["who"] is None and told["nobody"]["code"] == "unauthenticated"
    assert all(line["ms"] >= 0 and line["time"] > 0 for line in told.values())


UNFORESEEN = """
import threading, warnings
from handbell_server import logs
logs.start("info")
thread = threading.Thread(target=lambda: 1 / 0, name="handbell-checkpoint")
thread.start()
thread.join()
warnings.warn("half of it is missing")
logs.stop()
"""


def test_what_python_itself_has_to_say_is_a_line_of_the_log_like_all_others() -> None:
    said = subprocess.run([sys.executable, "-c", UNFORESEEN], capture_output=True, text=True, check=True, timeout=30)
    ended, warned = (json.loads(line) for line in said.stderr.splitlines())

    assert (ended["level"], ended["event"]) == ("error", "the thread handbell-checkpoint has ended")
    assert "ZeroDivisionError" in ended["trace"]
    assert (warned["level"], warned["logger"]) == ("warning", "py.warnings")
