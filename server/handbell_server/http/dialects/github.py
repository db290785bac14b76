"""GitHub, and Gitea and Forgejo, which speak nearly the same: what happens in a repository.

`TELLERS` has a function for each event that is worth telling; it answers None for the actions that are not (a label, a
push to a pull request). Every other event is accepted and tells nothing, so that a webhook set to "send me everything"
is no mistake. A title is a sentence with who, what and where in it: "ana opened shop/web#12: Fix the login".

A failed run of a workflow is an incident of that workflow on that branch, not of the one run: it is over when the
workflow succeeds there again, by whatever commit. A success that ends nothing tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from handbell_server.http.dialects.github_shapes import Advisory, Commit, Event, Run, Thread
from handbell_server.http.dialects.hearing import Report, first_link, line, lookup, paragraphs, parsed
from handbell_server.http.dialects.reading import text_of
from handbell_server.http.dialects.saying import Said
from handbell_shared.records import Priority

_COMMITS: Final = 10
_NOTHING: Final = frozenset({"", "0" * 40, "0" * 64})

_decoder = msgspec.json.Decoder(Event)


def report_of(event: str, body: bytes, delivery: str | None = None) -> Report | None:
    """What there is to tell of an event, if anything."""
    teller = TELLERS.get(event)
    if teller is None:
        return None
    sent = parsed(body, _decoder)
    said = teller(sent)
    if said is None:
        return None
    if said.key is None and sent.sender is not None:
        said.actor = sent.sender.login  # an incident is nobody's deed: whoever broke the run wants to hear of it
    return Report(said=said, repeat=delivery, severity="" if said.resolved else event, about=(sent.where,))


# ---- commits


def _push(sent: Event) -> Said | None:
    kind, _, name = (sent.ref or "").removeprefix("refs/").partition("/")
    what = f"the tag {line(name, 80)}" if kind == "tags" else f"the branch {line(name, 80)}"
    commits = sent.commits or []
    count = max(sent.total_commits or 0, len(commits))
    home = sent.repository.html_url if sent.repository else None
    where = first_link(sent.compare, sent.compare_url, home)
    if (sent.after or "") in _NOTHING:
        did, where = f"deleted {what} of {sent.where}", home
    elif kind == "tags" or not count:
        did = f"{'created' if (sent.before or '') in _NOTHING else 'moved'} {what} of {sent.where}"
    else:
        did = f"pushed {count} commit{'' if count == 1 else 's'} to {sent.where} ({line(name, 80)})"
    return Said(
        title=line(f"{sent.who} {did}"),
        text="\n".join(_commit(commit) for commit in commits[:_COMMITS]) + _more(count - _COMMITS),
        link=where,
        priority="low",
        group=f"push:{sent.where}:{sent.ref}",
    )


def _commit(commit: Commit) -> str:
    return f"{line(commit.id, 100)[:7]} {line((commit.message or '').partition(chr(10))[0])}"


def _more(count: int) -> str:
    return f"\n… and {count} more" if count > 0 else ""


# ---- what is talked about


_DEEDS: Final[dict[str, str]] = {
    "opened": "opened",
    "closed": "closed",
    "reopened": "reopened",
    "ready_for_review": "asks for reviews of",
    "answered": "answered",
    "created": "opened",
}


def _issue(sent: Event) -> Said | None:
    return _thread(sent, sent.issue)


def _pull_request(sent: Event) -> Said | None:
    if sent.action == "reviewed":  # so does Gitea call it
        return _review(sent)
    merged = sent.action == "closed" and sent.pull_request is not None and sent.pull_request.merged
    return _thread(sent, sent.pull_request, "merged" if merged else None)


def _discussion(sent: Event) -> Said | None:
    return _thread(sent, sent.discussion)


def _thread(sent: Event, thread: Thread | None, did: str | None = None) -> Said | None:
    if thread is None:
        return None
    if sent.action == "review_requested" and sent.requested_reviewer is not None:
        return _about(sent, thread, f"asks {line(sent.requested_reviewer.login, 60)} to review", "")
    if sent.action == "assigned" and sent.assignee is not None:
        return _about(sent, thread, f"assigned {line(sent.assignee.login, 60)} to", "")
    done = did or _DEEDS.get(sent.action or "")
    if done is None:
        return None
    said = thread.body if sent.action in ("opened", "created", "ready_for_review") else ""
    return _about(sent, thread, done, said)


def _comment(sent: Event) -> Said | None:
    thread = sent.issue or sent.pull_request or sent.discussion
    if sent.action not in (None, "created") or sent.comment is None or thread is None:
        return None
    return _about(sent, thread, "commented on", sent.comment.body, sent.comment.html_url, "comment")


def _commit_comment(sent: Event) -> Said | None:
    if sent.action != "created" or sent.comment is None:
        return None
    commit = line(sent.comment.commit_id, 100)[:7]
    return Said(
        title=line(f"{sent.who} commented on {sent.where}@{commit}"),
        text=text_of(sent.comment.body),
        type="comment",
        link=first_link(sent.comment.html_url),
        group=f"commit:{sent.where}:{commit}",
    )


_REVIEWS: Final[dict[str, str]] = {
    "approved": "approved",
    "changes_requested": "asks for changes in",
    "rejected": "asks for changes in",
    "commented": "reviewed",
    "comment": "reviewed",
}


def _review(sent: Event) -> Said | None:
    review, thread = sent.review, sent.pull_request
    if review is None or thread is None or sent.action not in ("submitted", "reviewed"):
        return None
    state = review.state or (review.type or "").rpartition("_")[2]
    done, said = lookup(_REVIEWS, state, None), review.body or review.content
    if done is None or (done == "reviewed" and not said):  # GitHub sends one more for each remark on a line
        return None
    return _about(sent, thread, done, said, review.html_url, "success" if done == "approved" else "comment")


def _about(
    sent: Event, thread: Thread, did: str, said: str | None, where: str | None = None, kind: str = "info"
) -> Said:
    name = f"{sent.where}#{thread.number}"
    return Said(
        title=line(f"{sent.who} {did} {name}: {line(thread.title)}"),
        text=text_of(said),
        type=kind,
        link=first_link(where, thread.html_url),
        group=f"thread:{name}",
    )


# ---- what runs


_BAD: Final = frozenset({"failure", "timed_out", "startup_failure", "action_required"})


def _workflow_run(sent: Event) -> Said | None:
    run = sent.workflow_run
    return _run(sent, run, run.workflow_id or run.name) if run is not None else None


def _check_suite(sent: Event) -> Said | None:
    run = sent.check_suite
    if run is None or run.app is None or run.app.slug == "github-actions":  # told by its workflow runs
        return None
    return _run(sent, msgspec.structs.replace(run, name=run.app.name), run.app.slug or run.app.name)


def _run(sent: Event, run: Run, which: object) -> Said | None:
    good = run.conclusion == "success"
    if sent.action != "completed" or not (good or run.conclusion in _BAD):
        return None
    # A fork may have a branch of the same name.
    place = (run.head_repository.full_name if run.head_repository else None) or sent.where
    name, branch = line(run.name, 60) or "A run", line(run.head_branch, 60) or line(run.head_sha, 100)[:7]
    done = "succeeded" if good else "waits for somebody" if run.conclusion == "action_required" else "failed"
    home = sent.repository.html_url if sent.repository else None
    return Said(
        title=line(f"{name} {done}: {sent.where} ({branch})"),
        text=paragraphs(run.display_title, f"Commit {line(run.head_sha, 100)[:7]} by {sent.who}"),
        type="success" if good else "error",
        link=first_link(run.html_url, f"{home}/actions" if home else None),
        priority="low" if good else "high",
        key=f"run:{sent.where}:{which}:{place}:{branch}",
        resolved=good,
        if_open=good,
    )


# ---- the rest


def _release(sent: Event) -> Said | None:
    release = sent.release
    if release is None or sent.action != "published":
        return None
    tag = line(release.tag_name, 80)
    name = line(release.name, 80)
    return Said(
        title=line(f"{sent.who} released {sent.where} {tag}" + (f": {name}" if name and name != tag else "")),
        text=text_of(release.body),
        link=first_link(release.html_url),
    )


def _star(sent: Event) -> Said | None:
    if sent.action not in (None, "created"):
        return None
    return Said(
        title=line(f"{sent.who} starred {sent.where}"),
        type="like",
        link=first_link(sent.repository.html_url if sent.repository else None),
        priority="low",
        group=f"star:{sent.where}",
    )


def _fork(sent: Event) -> Said | None:
    fork = sent.forkee
    if fork is None:
        return None
    return Said(
        title=line(f"{sent.who} forked {sent.where} to {line(fork.full_name, 120)}"),
        link=first_link(fork.html_url),
        priority="low",
        group=f"fork:{sent.where}",
    )


_HOLES: Final[dict[str, Priority]] = {"critical": "urgent", "high": "high", "medium": "normal", "low": "low"}


def _dependabot(sent: Event) -> Said | None:
    alert = sent.alert
    if alert is None:
        return None
    over = sent.action in ("fixed", "dismissed", "auto_dismissed")
    if not over and sent.action not in ("created", "reopened", "reintroduced", "auto_reopened"):
        return None
    package = alert.dependency.package if alert.dependency else None
    advisory = alert.advisory or Advisory()
    severity = line(advisory.severity, 40)
    return Said(
        title=line(f"{sent.where} depends on {line(package.name if package else None, 80)} with a known hole"),
        text=paragraphs(advisory.summary, f"Severity: {severity}" if severity else ""),
        type="success" if over else "warning",
        link=first_link(alert.html_url),
        priority="low" if over else lookup(_HOLES, severity, "high"),
        key=f"hole:{sent.where}:{alert.number}",
        resolved=over,
        if_open=over,
    )


TELLERS: Final[Mapping[str, Callable[[Event], Said | None]]] = {
    "push": _push,
    "issues": _issue,
    "issue_comment": _comment,
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "pull_request_review_comment": _comment,
    "commit_comment": _commit_comment,
    "discussion": _discussion,
    "discussion_comment": _comment,
    "workflow_run": _workflow_run,
    "check_suite": _check_suite,
    "release": _release,
    "star": _star,
    "fork": _fork,
    "dependabot_alert": _dependabot,
    # Gitea's and Forgejo's own names
    "pull_request_approved": _review,
    "pull_request_rejected": _review,
    "pull_request_comment": _review,
}
