"""What is read of GitHub's, Gitea's and Forgejo's events: a fraction of what they send, and all of it may be missing."""

from __future__ import annotations

from msgspec import Struct, field

from handbell_server.http.dialects.hearing import line


class User(Struct, frozen=True, gc=False):
    login: str | None = None


class Repository(Struct, frozen=True, gc=False):
    full_name: str | None = None
    html_url: str | None = None


class Commit(Struct, frozen=True, gc=False):
    id: str | None = None
    message: str | None = None
    url: str | None = None


class Thread(Struct, frozen=True, kw_only=True, gc=False):
    """An issue, a pull request or a discussion: what has a number and is talked about."""

    number: int | None = None
    title: str | None = None
    body: str | None = None
    html_url: str | None = None
    merged: bool | None = None
    draft: bool | None = None


class Remark(Struct, frozen=True, gc=False):
    """A comment or a review."""

    body: str | None = None
    html_url: str | None = None
    state: str | None = None
    type: str | None = None  # Gitea's word for the state
    content: str | None = None  # Gitea's word for the body
    commit_id: str | None = None


class App(Struct, frozen=True, gc=False):
    slug: str | None = None
    name: str | None = None


class Run(Struct, frozen=True, kw_only=True, gc=False):
    """A run of a workflow, or a check suite of an app."""

    id: int | None = None
    name: str | None = None
    display_title: str | None = None
    conclusion: str | None = None
    head_branch: str | None = None
    head_sha: str | None = None
    html_url: str | None = None
    workflow_id: int | str | None = None
    head_repository: Repository | None = None
    app: App | None = None


class Release(Struct, frozen=True, gc=False):
    name: str | None = None
    tag_name: str | None = None
    body: str | None = None
    html_url: str | None = None
    prerelease: bool | None = None


class Package(Struct, frozen=True, gc=False):
    name: str | None = None


class Dependency(Struct, frozen=True, gc=False):
    package: Package | None = None


class Advisory(Struct, frozen=True, gc=False):
    summary: str | None = None
    severity: str | None = None


class Alert(Struct, frozen=True, kw_only=True, gc=False):
    """A dependency with a known hole."""

    number: int | None = None
    html_url: str | None = None
    dependency: Dependency | None = None
    advisory: Advisory | None = field(default=None, name="security_advisory")


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """What is read of any event; the members that an event does not have stay empty."""

    action: str | None = None
    repository: Repository | None = None
    sender: User | None = None
    ref: str | None = None
    before: str | None = None
    after: str | None = None
    compare: str | None = None
    compare_url: str | None = None  # Gitea's
    commits: list[Commit] | None = None
    total_commits: int | None = None  # Gitea's
    issue: Thread | None = None
    pull_request: Thread | None = None
    discussion: Thread | None = None
    comment: Remark | None = None
    review: Remark | None = None
    requested_reviewer: User | None = None
    assignee: User | None = None
    workflow_run: Run | None = None
    check_suite: Run | None = None
    release: Release | None = None
    forkee: Repository | None = None
    alert: Alert | None = None

    @property
    def who(self) -> str:
        return line(self.sender.login if self.sender else None, 60) or "Somebody"

    @property
    def where(self) -> str:
        return line(self.repository.full_name if self.repository else None, 120) or "a repository"
