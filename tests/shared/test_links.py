"""A link arrives from a stranger and is opened by a click: what is not plainly a web page or an address is refused."""

from __future__ import annotations

import pytest

from handbell_shared.links import why_refused

FINE = [
    "https://example.org",
    "http://example.org/",
    "https://example.org:8443/a/b?c=d&e=%20f#g",
    "https://example.org/@ana/notes",
    "https://EXAMPLE.org/Path",
    "https://münchen.example/straße",
    "https://例え.example/テスト",
    "https://[2001:db8::1]:8080/",
    "https://192.0.2.7/build/7",
    "http://localhost:3000/",
    "https://example.org/a'b(c)*d",
    "mailto:ana@example.org",
    "mailto:ana@example.org?subject=Hello%20there&body=Hi",
]

HOSTILE = {
    "nothing at all": "",
    "no scheme": "example.org",
    "a relative path": "/etc/passwd",
    "a relative scheme": "//evil.example",
    "a scheme without slashes": "https:evil.example",
    "one slash": "https:/evil.example",
    "three slashes": "https:///evil.example",
    "only a scheme": "https://",
    "only a port": "https://:443/",
    "only a question": "https://?q=1",
    "javascript": "javascript:alert(1)",
    "javascript in odd case": "JaVaScRiPt:alert(1)",
    "javascript that looks like a comment": "javascript://example.org/%0aalert(1)",
    "javascript behind a space": " javascript:alert(1)",
    "javascript behind a control": "\x01javascript:alert(1)",
    "javascript with a tab": "java\tscript:alert(1)",
    "javascript with a newline": "java\nscript:alert(1)",
    "a page in the link": "data:text/html,<script>alert(1)</script>",
    "vbscript": "vbscript:msgbox(1)",
    "a file": "file:///etc/passwd",
    "a file in odd case": "FiLe:///etc/passwd",
    "a file on a share": "file://evil.example/share/run.exe",
    "a share": "\\\\evil.example\\share",
    "a share with slashes": "//evil.example/share/run.exe",
    "a drive": "C:\\Windows\\System32\\calc.exe",
    "a drive with slashes": "c:/windows/system32/calc.exe",
    "a Windows search": "search-ms:query=x&crumb=location:\\\\evil.example",
    "a Windows tool": "ms-msdt:/id PCWDiagnostic",
    "an Office document": "ms-word:ofe|u|https://evil.example/x.docx",
    "another program": "steam://run/1",
    "a shell": "ssh://-oProxyCommand=calc/x",
    "a telephone": "tel:+4990099999",
    "a file transfer": "ftp://evil.example/x.exe",
    "a socket": "wss://evil.example",
    "a blob": "blob:https://evil.example/1",
    "the source of a page": "view-source:https://example.org",
    "the browser's own page": "about:blank",
    "a web scheme in odd case": "HTTPS://example.org",
    "a name before the host": "https://ana@evil.example",
    "a host before the host": "https://example.org@evil.example/",
    "a name and a password": "https://ana:secret@evil.example/",
    "an empty name": "https://@evil.example/",
    "an escaped name": "https://example.org%2f@evil.example/",
    "a name before an address": "https://example.org@[2001:db8::1]/",
    "a backslash host": "https://example.org\\@evil.example/",
    "a backslash path": "https://example.org\\evil",
    "a space in front": " https://example.org",
    "a space inside": "https://example.org/a b",
    "a space behind": "https://example.org ",
    "a tab": "https://exam\tple.org",
    "a newline": "https://example.org/\nSet-Cookie: a=b",
    "a newline behind": "https://example.org/\n",
    "a carriage return": "https://example.org/\rx",
    "a null": "https://example.org/\x00.evil",
    "a delete": "https://example.org/\x7f",
    "a next line": "https://example.org/\x85x",
    "a space that does not break": "https://example.org/\u00a0x",
    "a soft hyphen": "https://exam\u00adple.org",
    "a thin space": "https://example.org/\u2009x",
    "a narrow space that does not break": "https://example.org/\u202fx",
    "a mathematical space": "https://example.org/\u205fx",
    "an ideographic space": "https://example.org/\u3000x",
    "an Ogham space": "https://example.org/\u1680x",
    "a zero-width space": "https://exam\u200bple.org",
    "a zero-width joiner": "https://exam\u200dple.org",
    "a word joiner": "https://exam\u2060ple.org",
    "a byte order mark": "https://example.org/\ufeff",
    "a line separator": "https://example.org/\u2028x",
    "text from the right": "https://example.org/\u202egpj.exe",
    "an isolate from the right": "https://example.org/\u2067gpj.exe",
    "a mark from the right": "https://example.org/\u200fx",
    "an Arabic letter mark": "https://example.org/\u061cx",
    "a Mongolian vowel separator": "https://example.org/\u180ex",
    "a Hangul filler": "https://exam\u3164ple.org",
    "an empty Braille cell": "https://exam\u2800ple.org",
    "a grapheme joiner": "https://exam\u034fple.org",
    "a variation selector": "https://exam\ufe0fple.org",
    "an invisible tag": "https://example.org/\U000e0041",
    "a private character": "https://example.org/\ue000",
    "half a character": "https://example.org/\ud800",
    "a slash that is not one": "https://example.org\uff0fevil.example/",
    "an at sign that is not one": "https://example.org\uff20evil.example/",
    "a question mark that is not one": "https://example.org\uff1fevil.example/",
    "account of": "https://example.org\u2100evil.example/",
    "a port that is none": "https://example.org:port/",
    "a port too high": "https://example.org:99999/",
    "an open bracket": "https://[2001:db8::1/",
    "a bracket without an address": "https://[evil]/",
    "a letter to nobody": "mailto:",
    "a letter without an address": "mailto:?subject=x",
    "a letter with a file": "mailto:ana@example.org?attach=/etc/passwd",
    "a letter with a file, in odd case": "mailto:ana@example.org?subject=x&AtTaCh=/etc/passwd",
    "a letter with an escaped file": "mailto:ana@example.org?%61ttach=/etc/passwd",
    "a letter with a space": "mailto:ana@example.org?subject=a b",
    "a letter in odd case": "MAILTO:ana@example.org",
}


@pytest.mark.parametrize("link", FINE)
def test_a_plain_link_may_be_opened(link: str) -> None:
    assert why_refused(link) is None


@pytest.mark.parametrize("link", HOSTILE.values(), ids=[name.replace(" ", "-") for name in HOSTILE])
def test_a_hostile_link_is_refused_with_a_sentence(link: str) -> None:
    reason = why_refused(link)

    assert reason is not None
    assert reason.endswith(".")
