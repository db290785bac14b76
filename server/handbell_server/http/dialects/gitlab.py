"""GitLab: what happens in a project, by `object_kind`.

The same choices as for GitHub (`github.py`): sentences for titles, nothing told for what is not worth it, and a failed
pipeline or job as an incident of its branch, which the next success there ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec import Struct, field

from handbell_server.http.dialects.hearing import Report, first_link, line, lookup, paragraphs, parsed
from handbell_server.http.dialects.reading import text_of
from handbell_server.http.dialects.saying import Said

_COMMITS: Final = 10
_NOTHING: Final = frozenset({"", "0" * 40, "0" * 64})


class User(Struct, frozen=True, gc=False):
    username: str | None = None
    name: str | None = None


class Project(Struct, frozen=True, gc=False):
    path: str | None = field(default=None, name="path_with_namespace")
    web_url: str | None = None


class Commit(Struct, frozen=True, gc=False):
    id: str | int | None = None  # of a job it is the number of its pipeline
    title: str | None = None
    message: str | None = None


class Subject(Struct, frozen=True, gc=False):
    """What a comment is about."""

    iid: int | None = None
    id: int | str | None = None
    title: str | None = None


class Attributes(Struct, frozen=True, kw_only=True, gc=False):
    """`object_attributes` of every kind."""

    id: int | None = None
    iid: int | None = None
    title: str | None = None
    description: str | None = None
    url: str | None = None
    action: str | None = None
    note: str | None = None
    ref: str | None = None
    sha: str | None = None
    status: str | None = None
    name: str | None = None
    system: bool | None = None


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """What is read of any event; the members that an event does not have stay empty."""

    project: Project | None = None
    attributes: Attributes | None = field(default=None, name="object_attributes")
    user: User | None = None
    # a push says who with members of its own
    user_username: str | None = None
    user_name: str | None = None
    ref: str | None = None
    before: str | None = None
    after: str | None = None
    commits: list[Commit] | None = None
    total: int | None = field(default=None, name="total_commits_count")
    # what a comment is about
    merge_request: Subject | None = None
    issue: Subject | None = None
    commit: Commit | None = None
    snippet: Subject | None = None
    # a job
    job: str | None = field(default=None, name="build_name")
    job_id: int | None = field(default=None, name="build_id")
    job_status: str | None = field(default=None, name="build_status")
    job_failure: str | None = field(default=None, name="build_failure_reason")
    job_may_fail: bool | None = field(default=None, name="build_allow_failure")
    # a release
    action: str | None = None
    name: str | None = None
    tag: str | bool | None = None  # a job's says whether it runs for one
    description: str | None = None
    url: str | None = None

    @property
    def login(self) -> str | None:
        return self.user_username or self.user_name or (self.user.username or self.user.name if self.user else None)

    @property
    def who(self) -> str:
        return line(self.login, 60) or "Somebody"

    @property
    def where(self) -> str:
        return line(self.project.path if self.project else None, 120) or "a project"

    def page(self, path: str) -> str | None:
        """An address inside the project."""
        return f"{self.project.web_url}/-/{path}" if self.project and self.project.web_url else None


class Kind(Struct, frozen=True, gc=False):
    kind: str | None = field(default=None, name="object_kind")


_kind = msgspec.json.Decoder(Kind)
_decoder = msgspec.json.Decoder(Event)


def report_of(body: bytes, delivery: str | None = None) -> Report | None:
    """What there is to tell of an event, if anything."""
    kind = parsed(body, _kind).kind or ""
    teller = TELLERS.get(kind)
    if teller is None:
        return None  # whatever else it holds
    sent = parsed(body, _decoder)
    said = teller(sent)
    if said is None:
        return None
    if said.key is None:
        said.actor = sent.login  # an incident is nobody's deed: whoever broke the pipeline wants to hear of it
    return Report(said=said, repeat=delivery, severity="" if said.resolved else kind, about=(sent.where,))


def _push(sent: Event) -> Said | None:
    kind, _, name = (sent.ref or "").removeprefix("refs/").partition("/")
    what = f"the tag {line(name, 80)}" if kind == "tags" else f"the branch {line(name, 80)}"
    commits, before, after = sent.commits or [], sent.before or "", sent.after or ""
    count = max(sent.total or 0, len(commits))
    compare = None if before in _NOTHING or after in _NOTHING else sent.page(f"compare/{before}...{after}")
    if after in _NOTHING:
        did = f"deleted {what} of {sent.where}"
    elif kind == "tags" or not count:
        did = f"{'created' if before in _NOTHING else 'moved'} {what} of {sent.where}"
    else:
        did = f"pushed {count} commit{'' if count == 1 else 's'} to {sent.where} ({line(name, 80)})"
    lines = [f"{line(one.id, 100)[:7]} {line(one.title or one.message)}" for one in commits[:_COMMITS]]
    if count > _COMMITS:
        lines.append(f"… and {count - _COMMITS} more")
    return Said(
        title=line(f"{sent.who} {did}"),
        text="\n".join(lines),
        link=first_link(compare, sent.project.web_url if sent.project else None),
        priority="low",
        group=f"push:{sent.where}:{sent.ref}",
    )


_DEEDS: Final[dict[str, str]] = {
    "open": "opened",
    "close": "closed",
    "reopen": "reopened",
    "merge": "merged",
    "approved": "approved",
    "unapproved": "no longer approves",
}


def _merge_request(sent: Event) -> Said | None:
    return _thread(sent, "!")


def _issue(sent: Event) -> Said | None:
    return _thread(sent, "#")


def _thread(sent: Event, sign: str) -> Said | None:
    about = sent.attributes
    did = lookup(_DEEDS, about.action if about else None, None)
    if about is None or did is None:
        return None
    name = f"{sent.where}{sign}{about.iid}"
    return Said(
        title=line(f"{sent.who} {did} {name}: {line(about.title)}"),
        text=text_of(about.description) if about.action == "open" else "",
        type="success" if about.action == "approved" else "info",
        link=first_link(about.url),
        group=f"thread:{name}",
    )


def _note(sent: Event) -> Said | None:
    note = sent.attributes
    if note is None or note.system or note.action not in (None, "create"):
        return None
    name, about = sent.where, ""
    if sent.merge_request is not None:
        name, about = f"{sent.where}!{sent.merge_request.iid}", line(sent.merge_request.title)
    elif sent.issue is not None:
        name, about = f"{sent.where}#{sent.issue.iid}", line(sent.issue.title)
    elif sent.snippet is not None:
        name, about = f"{sent.where}${sent.snippet.id}", line(sent.snippet.title)
    elif sent.commit is not None:
        name, about = f"{sent.where}@{line(sent.commit.id, 100)[:7]}", line(sent.commit.title or sent.commit.message)
    return Said(
        title=line(f"{sent.who} commented on {name}" + (f": {about}" if about else "")),
        text=text_of(note.note),
        type="comment",
        link=first_link(note.url),
        group=f"thread:{name}",
    )


def _pipeline(sent: Event) -> Said | None:
    run = sent.attributes
    if run is None:
        return None
    name = line(run.name, 60) or "The pipeline"
    where = first_link(run.url, sent.page(f"pipelines/{run.id}"))
    return _run(sent, name, run.status, run.ref, run.sha, where, "", f"pipeline:{sent.where}:{run.ref}:{name}")


def _job(sent: Event) -> Said | None:
    if sent.job_may_fail:
        return None
    name, reason = line(sent.job, 60) or "A job", line(sent.job_failure).replace("_", " ")
    where = first_link(sent.page(f"jobs/{sent.job_id}"))
    key = f"job:{sent.where}:{sent.ref}:{sent.job}"
    said = f"Reason: {reason}" if reason and reason != "unknown failure" else ""
    return _run(sent, name, sent.job_status, sent.ref, None, where, said, key)


def _run(
    sent: Event, name: str, status: str | None, ref: str | None, sha: str | None, where: str | None, said: str, key: str
) -> Said | None:
    if status not in ("success", "failed"):
        return None
    good = status == "success"
    commit = f"Commit {line(sha, 100)[:7]} by {sent.who}" if sha else f"By {sent.who}"
    return Said(
        title=line(f"{name} {'succeeded' if good else 'failed'}: {sent.where} ({line(ref, 80)})"),
        text=paragraphs(
            line(sent.commit.title or sent.commit.message) if sent.commit else "", "" if good else said, commit
        ),
        type="success" if good else "error",
        link=where,
        priority="low" if good else "high",
        key=key,
        resolved=good,
        if_open=good,
    )


def _release(sent: Event) -> Said | None:
    if sent.action != "create":
        return None
    tag, name = line(sent.tag, 80), line(sent.name, 80)
    return Said(
        title=line(f"{sent.where} {tag} is released" + (f": {name}" if name and name != tag else "")),
        text=text_of(sent.description),
        link=first_link(sent.url),
    )


TELLERS: Final[Mapping[str, Callable[[Event], Said | None]]] = {
    "push": _push,
    "tag_push": _push,
    "merge_request": _merge_request,
    "issue": _issue,
    "work_item": _issue,
    "note": _note,
    "pipeline": _pipeline,
    "build": _job,
    "release": _release,
}
