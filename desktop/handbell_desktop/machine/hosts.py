"""The host of a link as a person may read it: what is written in two scripts, or in one that mimics another, is shown
in its ASCII form (`xn--…`), because `аррӏе.com` is not what it looks like.

The rule is stricter than a browser's, and simpler: a label keeps to one script, and all labels of a host to Latin, or
to one other script (Chinese, Japanese and Korean may stand beside Latin, whose letters they do not resemble).
"""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote, urlsplit

_TOGETHER = {"CJK": "EAST", "HIRAGANA": "EAST", "KATAKANA": "EAST", "BOPOMOFO": "EAST", "HANGUL": "EAST"}
# Latin letters that pass for others: dotless i, kra, long s, n preceded by an apostrophe, l with a middle dot; and
# kana and ideographs that pass for a stroke or a slash.
_MIMICS = frozenset("ıĸſŉŀĿ\u30ce\u4e36\u4e3f\u4e28\u3078\u30d8\u30fc\u4e00")
_MAPPED_AWAY = frozenset("ßς")  # Python's IDNA of 2003 makes "ss" of it; for a browser it is another host
_PLAIN_LATIN = ("\u00c0", "\u024f"), ("\u1e00", "\u1eff")


def shown_host(link: str) -> str:
    """The host, with its port if it names one; the address of a mail link; nothing for what is no link."""
    try:
        parts = urlsplit(link)
        if parts.scheme == "mailto":
            return _ascii(unquote(parts.path))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else _shown(host)
    return host if port is None else f"{host}:{port}"


def _shown(host: str) -> str:
    host = unicodedata.normalize("NFKC", host).lower()
    ascii_labels = [_to_ascii(label) for label in host.split(".")]
    labels = [_to_unicode(label) for label in ascii_labels]
    scripts = [_scripts(label) for label in labels]
    every = set().union(*scripts)
    safe = all(len(of_label) <= 1 for of_label in scripts) and (len(every) <= 1 or every <= {"LATIN", "EAST"})
    if safe and not any(_mimics(label) for label in labels):
        return ".".join(labels)
    return ".".join(ascii_labels)


def _to_ascii(label: str) -> str:
    if label.isascii():
        return label
    if _MAPPED_AWAY.intersection(label):
        return _punycode(label)
    try:
        return label.encode("idna").decode("ascii")
    except UnicodeError:
        return _punycode(label)


def _punycode(label: str) -> str:
    return "xn--" + label.encode("punycode").decode("ascii")


def _to_unicode(label: str) -> str:
    """What an `xn--` label stands for, if it stands for it in exactly one way."""
    if not label.startswith("xn--"):
        return label
    try:
        said = label.encode("ascii").decode("idna")
        return said if said.encode("idna").decode("ascii") == label else label
    except UnicodeError:
        return label


def _scripts(label: str) -> set[str]:
    """Of its letters and marks; digits and hyphens belong to all."""
    found = set()
    for character in label:
        if character.isascii():
            found |= {"LATIN"} if character.isalpha() else set()
            continue
        script = unicodedata.name(character, "UNKNOWN").split()[0].split("-")[0]
        found.add(_TOGETHER.get(script, script))
    return found


def _mimics(label: str) -> bool:
    for character in label:
        if character.isascii():
            continue
        if character in _MIMICS or unicodedata.combining(character):
            return True
        latin = unicodedata.name(character, "").startswith("LATIN")
        if latin and not any(first <= character <= last for first, last in _PLAIN_LATIN):
            return True
    return False


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")
