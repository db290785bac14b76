"""What may be wrong: a list of checks with an answer each, a report to copy, and a notification to try it all.

The checks run when the page is opened for the first time and whenever the person asks. The test notification goes the
whole way (to the server, into the database, over the connection, into the list), so its arrival is the best check.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from handbell_desktop.health import checks, diagnosis
from handbell_desktop.health.checks import AccountFacts, Machine
from handbell_desktop.health.diagnosis import Check, Finding, Part
from handbell_desktop.health.trial import Trial
from handbell_desktop.kept.settings import Account
from handbell_desktop.sentences import Sentence
from handbell_desktop.ui.flow import Flow
from handbell_desktop.ui.parts import Card, Note, Picture, button, clear, column, copy, line, words
from handbell_desktop.ui.phrases import said
from handbell_desktop.ui.settings.page import Page, Tools
from handbell_desktop.ui.theme import SPACE

_LOOKS = {"good": ("success", "success"), "notice": ("info", "warning"), "bad": ("error", "danger")}


class DiagnosisPage(Page):
    def build(self) -> None:
        self.heading(self.tr("Diagnosis"))
        themes = self.tools.themes
        self._summary = words("", themes, tone="soft")
        self.body.addWidget(self._summary)
        self.test = button(self.tr("Send me a test notification"), kind="primary", on_click=self._send_test)
        self.again = button(self.tr("Check again"), on_click=self.check)
        self.report = button(self.tr("Copy report"), on_click=self._copy)
        self.body.addLayout(Flow(self.test, self.again, self.report))
        self.body.addSpacing(SPACE)
        self.good, self.note = Note(themes, "success"), Note(themes)
        self.body.addWidget(self.good)
        self.body.addWidget(self.note)
        self._parts = QVBoxLayout()
        self._parts.setSpacing(2 * SPACE)
        self.body.addLayout(self._parts)
        self._runs: list[diagnosis.Run] = []
        self._headings: list[tuple[str, list[Line]]] = []
        self._trial: Trial | None = None
        self._pressed = False  # the test's button had the focus; Qt takes it from whatever is disabled

    def refresh(self) -> None:
        self.test.setEnabled(bool(self.tools.desk.settings.accounts) and self._trial is None)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 — the name is Qt's
        super().showEvent(event)
        if not self._runs:
            self.check()

    # ---- the checks

    def check(self) -> None:
        for run in self._runs:
            run.cancel()
        clear(self._parts)
        self._runs, self._headings = [], []
        self.good.say("")
        for account in self.tools.desk.settings.accounts:
            heading = f"{account.user} · {account.server}"
            self._begin(heading, checks.checks_of(self._facts(account)))
        self._begin(self.tr("This computer"), checks.checks_of_machine(self._machine()))
        self._sum_up()

    @property
    def over(self) -> bool:
        return all(run.over for run in self._runs)

    def _begin(self, heading: str, found: tuple[Check, ...]) -> None:
        card, lines = Card(), [Line(self.tools, check) for check in found]
        for one in lines:
            card.add(one)
        title = words(heading, self.tools.themes, "small", tone="soft", strong=True)
        holder = QWidget()
        holder.setLayout(column(title, card))
        self._parts.addWidget(holder)
        self._headings.append((heading, lines))

        def on_finding(index: int, finding: Finding) -> None:
            lines[index].show_finding(finding)
            self._sum_up()

        self._runs.append(diagnosis.Run(found, self.tools.turns, on_finding))

    def _sum_up(self) -> None:
        findings = [one.finding for _, lines in self._headings for one in lines]
        bad = sum(finding is not None and finding.verdict == "bad" for finding in findings)
        if None in findings:
            self._summary.setText(self.tr("Checking…"))
        elif bad:
            self._summary.setText(self.tr("%n thing(s) to look at.", "", bad))
        else:
            self._summary.setText(self.tr("All is well."))

    def _facts(self, account: Account) -> AccountFacts:
        session = next((one for one in self.tools.desk.sessions if one.account.id == account.id), None)
        return AccountFacts(
            account=account,
            state=session.state if session is not None else None,
            store=session.folder / "inbox.db" if session is not None else None,
            failure=session.failure if session is not None else "",
            waiting=session.reader.outbox_size() if session is not None and session.reader is not None else 0,
            token=partial(self.tools.desk.secrets.get, account.id),
        )

    def _machine(self) -> Machine:
        here, secrets = self.tools.here, self.tools.desk.secrets
        return Machine(
            version=here.version,
            toasts=here.toasts,
            tray=here.tray,
            secrets=lambda: secrets.warning,
            autostart=here.autostart,
            wants_toasts=self.tools.desk.settings.toasts,
            settings_trouble=here.settings_trouble,
        )

    def _copy(self) -> None:
        parts = [Part(heading, tuple((one.check, one.finding) for one in lines)) for heading, lines in self._headings]
        copy(diagnosis.report(f"Handbell {self.tools.here.version}", parts))
        self.note.say("")
        self.good.say(self.tr("The report is in the clipboard. It holds no password and no key."))

    # ---- the test

    def _send_test(self) -> None:
        self.good.say("")
        self.note.say("")
        accounts = self.tools.desk.settings.accounts
        if accounts:
            self._pressed = self.test.hasFocus()
            self._trial = Trial(self.tools.desk, self.tools.turns, accounts[0], self._tested)
            self.refresh()

    def _tested(self, good: bool, what: Sentence) -> None:
        self._trial = None
        (self.good if good else self.note).say(said(what))
        self.refresh()
        if self._pressed and self.again.hasFocus():
            self.test.setFocus()

    def cancel(self) -> None:
        """The page goes: whatever is under way has nobody to tell."""
        for run in self._runs:
            run.cancel()
        if self._trial is not None:
            self._trial.cancel()


class Line(QWidget):
    """A check and what it found."""

    def __init__(self, tools: Tools, check: Check) -> None:
        super().__init__()
        self.check = check
        self.finding: Finding | None = None
        themes = tools.themes
        self._picture = Picture("more", "faint", themes)
        name = words(said(check.name), themes)
        self.says = words(self.tr("Checking…"), themes, "small", tone="soft")
        row = line(self._picture, column(name, self.says, space=2), space=SPACE + SPACE // 2)
        row.setStretch(1, 1)
        self.setLayout(row)

    def show_finding(self, finding: Finding) -> None:
        self.finding = finding
        icon, colour = _LOOKS[finding.verdict]
        self._picture.show_icon(icon, colour)
        self.says.setText(said(finding.says))
        self.setAccessibleName(f"{said(self.check.name)}: {self.says.text()}")
