"""GitHub, Gitea, Forgejo, GitLab: what is told of their events, and whom they must prove to be."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import pytest

from handbell_server.http.dialects import github, gitlab, signatures
from handbell_server.http.dialects.saying import Said
from tests.server.http.dialects.speaking import Speaker, form, recorded
from tests.server.http.stage import Person, Stage

SECRET = "a secret, ü"
REPOSITORY = {"full_name": "shop/web", "html_url": "https://github.com/shop/web"}
THREAD = {
    "number": 12,
    "title": "Fix the login",
    "body": "It failed.",
    "html_url": "https://github.com/shop/web/pull/12",
}
NOBODY, SOMEBODY = "0" * 40, "4f2c1e7" + "0" * 33
PROJECT = {"path_with_namespace": "shop/web", "web_url": "https://gitlab.example/shop/web"}


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.digest(secret.encode(), body, "sha256").hex()


def of_github(event: str, **sent: Any) -> Said | None:
    body = {"repository": REPOSITORY, "sender": {"login": "ana"}} | sent
    report = github.report_of(event, json.dumps(body).encode())
    return None if report is None else report.said


def of_gitlab(kind: str, **sent: Any) -> Said | None:
    body = {"object_kind": kind, "project": PROJECT, "user": {"username": "ana"}} | sent
    report = gitlab.report_of(json.dumps(body).encode())
    return None if report is None else report.said


# ---- the running server


def test_a_pull_request_is_told_once_however_often_it_is_delivered(sender: Speaker, ana: Person) -> None:
    assert sender.replay("github-pull-request").body["told"] == 1
    assert sender.replay("github-pull-request").body["repeated"] == 1

    [one] = ana.inbox()
    assert one["title"] == "ana-on-github opened shop/web#12: Fix the login"
    assert one["body"] == "It failed for names with an ü.\n\nCloses #11"
    assert (one["link"], one["actor"]["name"]) == ("https://github.com/shop/web/pull/12", "ana-on-github")


def test_nobody_is_told_of_what_they_did_themselves(stage: Stage, ana: Person, ben: Person) -> None:
    sender = Speaker.of(stage, to=[ana.name, ben.name], people={"ana-on-github": ana.name})

    sender.replay("github-pull-request")
    sender.replay("github-run-failed")  # but whoever broke it hears of it

    assert ana.titles() == ["CI failed: shop/web (main)"]
    assert len(ben.inbox()) == 2


def test_a_failed_run_is_over_when_the_workflow_succeeds_on_that_branch(sender: Speaker, ana: Person) -> None:
    assert sender.replay("github-run-succeeded").body["left_alone"] == 1
    fresh = recorded("github-run-succeeded")[3]
    assert ana.inbox() == []

    sender.replay("github-run-failed")
    [failed] = ana.inbox()
    assert (failed["priority"], failed["type"]) == ("high", "error")
    path = f"/v1/hooks/github/{sender.key}"
    sender.ask_bare("POST", path, fresh, X_GitHub_Event="workflow_run", X_GitHub_Delivery="another")

    [over] = ana.inbox()
    assert (over["id"], over["resolved"], over["title"]) == (failed["id"], True, "CI succeeded: shop/web (main)")


def test_events_that_nobody_wants_to_hear_of_are_fine_and_tell_nothing(sender: Speaker, ana: Person) -> None:
    path = f"/v1/hooks/github/{sender.key}"
    for event in ("ping", "installation", "label", "a_new_one"):
        answer = sender.ask_bare("POST", path, b'{"action": "x"}', X_GitHub_Event=event)
        assert (answer.status, answer.body["told"]) == (200, 0)

    assert sender.replay("github-ping").status == 200
    assert sender.ask_bare("POST", path, b"{}").body["field"] == "X-GitHub-Event"
    assert ana.inbox() == []


def test_a_form_has_the_same_in_one_field(sender: Speaker, ana: Person) -> None:
    body = form(payload=recorded("github-pull-request")[3].decode())
    media = "application/x-www-form-urlencoded"

    sender.ask("POST", "/v1/hooks/github", body, Content_Type=media, X_GitHub_Event="pull_request")

    assert len(ana.inbox()) == 1


@pytest.mark.parametrize("kind", ["good", "another secret", "another body", "sha1", "none"])
def test_github_must_prove_that_it_knows_the_secret(stage: Stage, ana: Person, kind: str) -> None:
    sender = Speaker.of(stage, to=ana.name, secret=SECRET)
    body = recorded("github-pull-request")[3]
    signature = {
        "good": {"X_Hub_Signature_256": f"sha256={signed(body)}"},
        "another secret": {"X_Hub_Signature_256": f"sha256={signed(body, 'a secret')}"},
        "another body": {"X_Hub_Signature_256": f"sha256={signed(body + b' ')}"},
        "sha1": {"X_Hub_Signature": "sha1=" + hmac.digest(SECRET.encode(), body, "sha1").hex()},
        "none": {},
    }[kind]

    answer = sender.ask("POST", "/v1/hooks/github", body, X_GitHub_Event="pull_request", **signature)

    assert (answer.status, len(ana.inbox())) == ((200, 1) if kind == "good" else (403, 0))


@pytest.mark.parametrize("name", ["X_Gitea_Signature", "X_Forgejo_Signature"])
def test_gitea_and_forgejo_sign_in_their_own_way(stage: Stage, ana: Person, name: str) -> None:
    sender = Speaker.of(stage, to=ana.name, secret=SECRET)
    body = recorded("gitea-push")[3]

    def ask(signature: str) -> int:
        headers = {"X_Gitea_Event": "push", "X_Gitea_Delivery": "1", name: signature}
        return sender.ask("POST", "/v1/hooks/gitea", body, **headers).status

    assert ask(signed(b"")) == 403
    assert ask(signed(body)) == 200
    assert ana.titles() == ["ana pushed 1 commit to shop/web (main)"]


def test_gitlab_sends_the_secret_itself(stage: Stage, ana: Person) -> None:
    sender = Speaker.of(stage, to=ana.name, secret="plain secret")
    body = recorded("gitlab-pipeline-failed")[3]

    assert sender.ask("POST", "/v1/hooks/gitlab", body, X_Gitlab_Token="plain secreT").status == 403
    assert sender.ask("POST", "/v1/hooks/gitlab", body).status == 403
    assert sender.ask("POST", "/v1/hooks/gitlab", body, X_Gitlab_Token="plain secret").status == 200
    assert ana.titles() == ["The pipeline failed: shop/web (main)"]


def test_a_gitlab_delivery_is_known_by_its_key_and_before_17_4_by_what_it_says(sender: Speaker, ana: Person) -> None:
    body = recorded("gitlab-pipeline-failed")[3]

    assert sender.replay("gitlab-pipeline-failed").body["told"] == 1
    assert sender.replay("gitlab-pipeline-failed").body["repeated"] == 1
    for expected in ("told", "repeated"):
        answer = sender.ask("POST", "/v1/hooks/gitlab", body, X_Gitlab_Event_UUID="u")
        assert answer.body[expected] == 1

    [one] = ana.inbox()
    assert (one["count"], one["link"]) == (2, "https://gitlab.example/shop/web/-/pipelines/31")
    assert one["body"] == "Fix the login\n\nCommit bcbb5ec by ana"


# ---- signatures


def test_a_signing_token_of_gitlab_is_a_key_and_has_its_time() -> None:
    key = b"0123456789abcdef0123456789abcdef"
    secret, now = "whsec_" + base64.b64encode(key).decode(), time.time()

    def headers(moment: float, body: bytes = b"{}", given: bytes = key) -> dict[str, str]:
        made = base64.b64encode(hmac.digest(given, f"id-1.{int(moment)}.".encode() + body, "sha256")).decode()
        return {"webhook-id": "id-1", "webhook-timestamp": str(int(moment)), "webhook-signature": f"v1,x v1,{made}"}

    assert signatures.by_gitlab(secret, headers(now).get, b"{}", now)
    assert not signatures.by_gitlab(secret, headers(now - 400).get, b"{}", now)
    assert not signatures.by_gitlab(secret, headers(now, b"[]").get, b"{}", now)
    assert not signatures.by_gitlab(secret, headers(now, given=b"other").get, b"{}", now)
    assert not signatures.by_gitlab("whsec_~", headers(now).get, b"{}", now)
    assert not signatures.by_gitlab(secret, {"X-Gitlab-Token": secret}.get, b"{}", now)


# ---- what is said


@pytest.mark.parametrize(
    ("event", "sent", "title"),
    [
        ("push", {"ref": "refs/heads/main", "before": SOMEBODY, "after": SOMEBODY, "commits": [{}, {}]},
         "ana pushed 2 commits to shop/web (main)"),
        ("push", {"ref": "refs/heads/new", "before": NOBODY, "after": SOMEBODY}, "ana created the branch new of shop/web"),
        ("push", {"ref": "refs/heads/old", "before": SOMEBODY, "after": NOBODY}, "ana deleted the branch old of shop/web"),
        ("push", {"ref": "refs/tags/v2", "before": NOBODY, "after": SOMEBODY}, "ana created the tag v2 of shop/web"),
        ("issues", {"action": "opened", "issue": THREAD}, "ana opened shop/web#12: Fix the login"),
        ("issues", {"action": "assigned", "issue": THREAD, "assignee": {"login": "ben"}},
         "ana assigned ben to shop/web#12: Fix the login"),
        ("issues", {"action": "labeled", "issue": THREAD}, None),
        ("pull_request", {"action": "closed", "pull_request": THREAD | {"merged": True}},
         "ana merged shop/web#12: Fix the login"),
        ("pull_request", {"action": "closed", "pull_request": THREAD | {"merged": False}},
         "ana closed shop/web#12: Fix the login"),
        ("pull_request", {"action": "review_requested", "pull_request": THREAD, "requested_reviewer": {"login": "ben"}},
         "ana asks ben to review shop/web#12: Fix the login"),
        ("pull_request", {"action": "synchronize", "pull_request": THREAD}, None),
        ("pull_request", {"action": "opened"}, None),
        ("issue_comment", {"action": "created", "issue": THREAD, "comment": {"body": "Why?"}},
         "ana commented on shop/web#12: Fix the login"),
        ("issue_comment", {"action": "edited", "issue": THREAD, "comment": {"body": "Why?"}}, None),
        ("pull_request_review", {"action": "submitted", "pull_request": THREAD, "review": {"state": "approved"}},
         "ana approved shop/web#12: Fix the login"),
        ("pull_request_review", {"action": "submitted", "pull_request": THREAD, "review": {"state": "changes_requested"}},
         "ana asks for changes in shop/web#12: Fix the login"),
        ("pull_request_review", {"action": "submitted", "pull_request": THREAD, "review": {"state": "commented"}}, None),
        ("pull_request_rejected", {"action": "reviewed", "pull_request": THREAD,
         "review": {"type": "pull_request_review_rejected", "content": "No."}},
         "ana asks for changes in shop/web#12: Fix the login"),
        ("commit_comment", {"action": "created", "comment": {"commit_id": SOMEBODY}}, "ana commented on shop/web@4f2c1e7"),
        ("check_suite", {"action": "completed", "check_suite": {"conclusion": "failure", "head_branch": "main",
         "app": {"slug": "linter", "name": "Linter"}}}, "Linter failed: shop/web (main)"),
        ("check_suite", {"action": "completed", "check_suite": {"conclusion": "failure",
         "app": {"slug": "github-actions"}}}, None),
        ("workflow_run", {"action": "completed", "workflow_run": {"name": "CI", "conclusion": "cancelled"}}, None),
        ("workflow_run", {"action": "requested", "workflow_run": {"name": "CI", "conclusion": None}}, None),
        ("release", {"action": "published", "release": {"tag_name": "v2", "name": "Two"}}, "ana released shop/web v2: Two"),
        ("release", {"action": "deleted", "release": {"tag_name": "v2"}}, None),
        ("star", {"action": "created"}, "ana starred shop/web"),
        ("star", {"action": "deleted"}, None),
        ("fork", {"forkee": {"full_name": "ben/web"}}, "ana forked shop/web to ben/web"),
        ("dependabot_alert", {"action": "created", "alert": {"number": 3, "dependency": {"package": {"name": "left"}}}},
         "shop/web depends on left with a known hole"),
        ("issues", {"action": "opened", "issue": THREAD, "repository": None, "sender": None},
         "Somebody opened a repository#12: Fix the login"),
    ],
)  # fmt: skip
def test_what_github_and_gitea_say(event: str, sent: dict[str, Any], title: str | None) -> None:
    said = of_github(event, **sent)

    assert (said.title if said else None) == title


@pytest.mark.parametrize(
    ("kind", "sent", "title"),
    [
        ("push", {"ref": "refs/heads/main", "before": SOMEBODY, "after": SOMEBODY, "user_username": "ben",
         "commits": [{"id": SOMEBODY, "title": "Fix"}], "total_commits_count": 30}, "ben pushed 30 commits to shop/web (main)"),
        ("tag_push", {"ref": "refs/tags/v2", "before": NOBODY, "after": SOMEBODY}, "ana created the tag v2 of shop/web"),
        ("push", {"ref": "refs/heads/x", "before": SOMEBODY, "after": NOBODY}, "ana deleted the branch x of shop/web"),
        ("merge_request", {"object_attributes": {"iid": 4, "title": "Fix", "action": "merge"}}, "ana merged shop/web!4: Fix"),
        ("merge_request", {"object_attributes": {"iid": 4, "title": "Fix", "action": "update"}}, None),
        ("issue", {"object_attributes": {"iid": 5, "title": "Slow", "action": "open"}}, "ana opened shop/web#5: Slow"),
        ("note", {"object_attributes": {"note": "Hm", "action": "create"}, "issue": {"iid": 5, "title": "Slow"}},
         "ana commented on shop/web#5: Slow"),
        ("note", {"object_attributes": {"note": "Hm"}, "merge_request": {"iid": 4, "title": "Fix"}},
         "ana commented on shop/web!4: Fix"),
        ("note", {"object_attributes": {"note": "Hm"}, "commit": {"id": SOMEBODY, "message": "Fix\n"}},
         "ana commented on shop/web@4f2c1e7: Fix"),
        ("note", {"object_attributes": {"note": "added a label", "system": True}, "issue": {"iid": 5}}, None),
        ("pipeline", {"object_attributes": {"id": 1, "ref": "main", "status": "running"}}, None),
        ("pipeline", {"object_attributes": {"id": 1, "ref": "main", "status": "success", "name": "Nightly"}},
         "Nightly succeeded: shop/web (main)"),
        ("build", {"build_name": "test", "build_status": "failed", "ref": "main", "commit": {"id": 2366, "message": "Fix"}},
         "test failed: shop/web (main)"),
        ("build", {"build_name": "test", "build_status": "failed", "build_allow_failure": True}, None),
        ("release", {"action": "create", "tag": "v2", "name": "Two"}, "shop/web v2 is released: Two"),
        ("release", {"action": "update", "tag": "v2", "name": "Two"}, None),
        ("feature_flag", {}, None),
    ],
)  # fmt: skip
def test_what_gitlab_says(kind: str, sent: dict[str, Any], title: str | None) -> None:
    said = of_gitlab(kind, **sent)

    assert (said.title if said else None) == title


def test_a_push_lists_its_commits_and_says_how_many_it_leaves_out() -> None:
    commits = [{"id": f"{number:040}", "message": f"Step {number}\n\nmore"} for number in range(13)]

    said = of_github("push", ref="refs/heads/main", before=SOMEBODY, after=SOMEBODY, commits=commits)

    assert said is not None
    assert said.text.splitlines()[0] == "0000000 Step 0"
    assert said.text.splitlines()[-1] == "… and 3 more"


def test_a_branch_of_a_fork_is_another_incident() -> None:
    def key(of: str) -> str | None:
        run = {"name": "CI", "conclusion": "failure", "head_branch": "main", "workflow_id": 1}
        said = of_github("workflow_run", action="completed", workflow_run=run | {"head_repository": {"full_name": of}})
        return said.key if said else None

    assert key("shop/web") != key("ben/web")


def test_a_dependency_that_was_mended_ends_its_warning() -> None:
    alert = {"number": 3, "security_advisory": {"severity": "critical", "summary": "Bad"}}
    opened = of_github("dependabot_alert", action="created", alert=alert)
    mended = of_github("dependabot_alert", action="fixed", alert=alert)

    assert opened is not None
    assert mended is not None
    assert (opened.priority, mended.priority, mended.resolved) == ("urgent", "low", True)
    assert opened.key == mended.key
