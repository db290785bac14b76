"""Two languages, whole: what is written in the source is translated, the compiled files are of today, and it can change."""

import ast
import importlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from handbell_desktop.phrases import Phrases
from handbell_desktop.ui.language import I18N, Languages, of_system
from handbell_desktop.ui.phrases import QtPhrases
from handbell_shared.link_state import Incompatible, Offline, SignedOut

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "desktop" / "handbell_desktop"
NAMES = re.compile(r"\{(\w*)\}")


class Message:
    def __init__(self, context: str, element: ET.Element) -> None:
        self.context = context
        self.source = element.findtext("source") or ""
        self.counts = element.get("numerus") == "yes"
        translation = element.find("translation")
        assert translation is not None
        self.finished = translation.get("type") is None
        forms = translation.findall("numerusform")
        self.translations = [form.text or "" for form in forms] if self.counts else [translation.text or ""]

    def __repr__(self) -> str:
        return f"{self.context}: {self.source!r}"


def messages(language: str) -> list[Message]:
    tree = ET.parse(I18N / f"handbell_{language}.ts")  # noqa: S314 — our own file
    return [
        Message(context.findtext("name") or "", message)
        for context in tree.iter("context")
        for message in context.iter("message")
    ]


@pytest.fixture
def languages(qtbot: QtBot) -> Iterator[Languages]:
    app = QCoreApplication.instance()
    assert app is not None
    languages = Languages(app, "en")
    yield languages
    languages.silence()
    QLocale.setDefault(QLocale.system())


# ---- the files


def test_what_counts_is_seen_by_the_translators_as_such() -> None:
    assert [m for m in messages("de") if "%n" in m.source and not m.counts] == []


def test_every_sentence_has_a_finished_translation_in_every_form() -> None:
    wanting = [m for language in ("de", "en") for m in messages(language) if not (m.finished and all(m.translations))]

    assert wanting == [], "translate these in desktop/handbell_desktop/ui/i18n, then run scripts/translate.sh"
    assert {len(m.translations) for m in messages("de") if m.counts} == {2}


def test_translations_keep_the_names_that_are_filled_in() -> None:
    for message in (*messages("de"), *messages("en")):
        for translation in message.translations:
            assert sorted(NAMES.findall(translation)) == sorted(NAMES.findall(message.source)), message


def test_what_counts_has_forms_for_one_and_for_many() -> None:
    assert [m for m in messages("de") if "(s)" in m.source and not m.counts] == []
    assert {m.source for m in messages("en")} == {m.source for m in messages("de") if m.counts}


def test_german_says_du() -> None:
    stiff = re.compile(r"\b(?:Ihr|Ihre|Ihren|Ihrem|Ihrer|Ihnen)\b|\w Sie\b")

    assert [m for m in messages("de") if any(stiff.search(text) for text in m.translations)] == []


def test_the_files_are_of_today(tmp_path: Path) -> None:
    """If this fails: sh scripts/translate.sh, translate what is new, and run it again."""
    for file in I18N.glob("*.ts"):
        (tmp_path / file.name).write_bytes(file.read_bytes())

    tools = {**os.environ, "BIN": str(Path(sys.executable).parent)}
    subprocess.run(["sh", ROOT / "scripts" / "translate.sh", tmp_path], check=True, timeout=60, env=tools)

    for file in sorted(tmp_path.iterdir()):
        assert (I18N / file.name).read_bytes() == file.read_bytes(), file.name


def test_the_translators_tool_can_read_every_sentence_in_the_source() -> None:
    """It knows neither f-strings nor names, and a class that is no QObject finds no translation when it runs."""
    for path in SOURCES.rglob("*.py"):
        if path.name == "sentences.py":  # hands on what was written elsewhere
            continue
        tree = ast.parse(path.read_text())
        hidden = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)}
        for name, call in _calls(tree):
            first = call.args[1 if name in ("translate", "sentence") else 0]
            where = f"{path.name}:{call.lineno}"
            assert isinstance(first, ast.Constant), where
            assert isinstance(first.value, str), where
            assert id(call) not in hidden, where


def test_every_class_that_translates_is_one_that_qt_knows() -> None:
    for path in SOURCES.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and any(name == "tr" for name, _ in _calls(node)):
                parts = path.relative_to(SOURCES.parent).with_suffix("").parts
                kind = getattr(importlib.import_module(".".join(parts)), node.name)
                assert issubclass(kind, QObject), kind


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        on_self = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "self"
        called_freely = isinstance(node.func, ast.Name) and len(node.args) > 1
        if (name == "tr" and on_self) or (name in ("translate", "sentence") and called_freely):
            yield name, node


# ---- speaking


def test_german_is_spoken_when_it_is_chosen_and_english_again_after_it(languages: Languages, qtbot: QtBot) -> None:
    phrases = QtPhrases()

    languages.speak("de")
    assert phrases.button_open() == "Öffnen"
    assert phrases.counting().and_others("Ana", 2) == "Ana und 2 andere"
    assert QLocale().decimalPoint() == ","
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"

    languages.speak("en")
    assert phrases.button_open() == "Open"


def test_open_windows_hear_of_a_new_language(languages: Languages, qtbot: QtBot) -> None:
    class Listening(QWidget):
        heard = 0

        def changeEvent(self, event: QEvent) -> None:  # noqa: N802 — the name is Qt's
            self.heard += event.type() == QEvent.Type.LanguageChange

    window = Listening()
    qtbot.addWidget(window)

    languages.speak("de")

    qtbot.waitUntil(lambda: window.heard > 0)


def test_one_is_not_many(languages: Languages) -> None:
    phrases = QtPhrases()
    english = [phrases.done("archive", count) for count in (1, 2)]
    languages.speak("de")
    german = [phrases.done("archive", count) for count in (1, 2)]

    assert english == ["Archived 1 notification", "Archived 2 notifications"]
    assert german == ["1 Benachrichtigung archiviert", "2 Benachrichtigungen archiviert"]


def test_the_toolkit_s_phrases_say_in_english_what_the_core_s_say(languages: Languages) -> None:
    core, qt = Phrases(), QtPhrases()
    asked: dict[str, list[tuple[object, ...]]] = {
        "summary": [(count, why) for count in (1, 5) for why in ("burst", "away", "quiet")],
        "summary_lines": [(["a", "b"], others) for others in (0, 1, 7)],
        "trouble": [
            (state,)
            for state in (
                None,
                Offline(3, "away"),
                *(SignedOut(why) for why in ("auth", "revoked", "expired")),
                Incompatible(),
            )
        ],
        "done": [
            (kind, count)
            for kind in ("read", "unread", "archive", "unarchive", "snooze", "pin", "unpin", "delete")
            for count in (1, 3)
        ],
        "other_person": [("ana", "ben")],
    }
    for name in (name for name in vars(Phrases) if not name.startswith("_")):
        assert name in vars(QtPhrases), f"ui/phrases.py must say {name}"
        method = getattr(core, name)
        for arguments in asked.get(name, [("why",) * (method.__code__.co_argcount - 1)]):
            assert getattr(qt, name)(*arguments) == method(*arguments)


@pytest.mark.parametrize(
    ("preferred", "spoken"),
    [(["de-AT", "en"], "de"), (["fr-FR", "de"], "de"), (["fr_FR"], "en"), ([], "en"), (["C"], "en")],
)
def test_the_first_language_of_the_person_that_is_known_is_spoken(preferred: list[str], spoken: str) -> None:
    assert of_system(preferred) == spoken
