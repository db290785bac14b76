"""The parts of an e-mail by themselves: words in each language, passes that end, headers that hold one line."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.headerregistry import Address

import pytest

from handbell_server.channels.mail.address import canonical, sender_of
from handbell_server.channels.mail.letters import Letter, bytes_of, one_line
from handbell_server.channels.mail.passes import Passes
from handbell_server.channels.mail.words import German, Words, words_in
from handbell_shared.ids import new_id


def test_german_says_everything_itself() -> None:
    said = {name for name in vars(Words) if not name.startswith("__")}
    assert said == {name for name in vars(German) if not name.startswith("__")}
    assert words_in("de-AT").language == "de"
    assert words_in("fr").language == words_in(None).language == "en"


def test_a_pass_is_for_one_purpose_one_address_and_one_installation() -> None:
    passes = Passes(b"k" * 32)
    text = passes.issue("confirm", 7, "ana@home.example", until_s=1_000)
    assert len(text) <= 64

    known = passes.read(text, 1_000)
    assert known is not None
    assert (known.purpose, known.user_id) == ("confirm", 7)
    assert known.is_for("ana@home.example") and not known.is_for("ben@home.example")
    assert passes.read(text, 1_001) is None
    assert Passes(b"x" * 32).read(text, 1_000) is None
    assert passes.read(passes.issue("digest", 7, "ana@home.example"), 1e12) is not None
    for wrong in ("", "=", "ä", text[:-4], text + "AAAA", "A" * len(text)):
        assert passes.read(wrong, 1_000) is None


def test_a_subject_is_one_line_whatever_it_was() -> None:
    assert one_line("a\r\nBcc: b\x00\u202e\u2028c", 100) == "a Bcc: b c"
    assert one_line("x" * 200, 120) == "x" * 119 + "…"
    letter = Letter("\r\n", "text\n", "<p>text</p>\n", leave="http://bell.example/leave")
    raw = bytes_of(letter, "an-id", Address("Bell", addr_spec="bell@handbell.example"), "ana@home.example", 0)
    head = raw.split(b"\r\n\r\n", 1)[0]
    assert b"Subject: Handbell\r\n" in head and b"Message-ID: <an-id@handbell.example>" in head
    assert b"List-Unsubscribe: <http://bell.example/leave>" in head
    assert b"List-Unsubscribe-Post" not in head, "RFC 8058 knows https only"
    assert b"\n" not in raw.replace(b"\r\n", b"") and raw.endswith(b"\r\n") and max(map(len, raw.split(b"\r\n"))) < 200


@pytest.mark.parametrize(
    "hidden", ["=0D=0ABcc:_eve@evil.example", "=0A=0A<p>Sign_in_anew</p>", "=0D", "=ED=A0=80", "a"]
)
def test_a_title_that_is_an_encoded_word_is_no_header_and_no_text_of_ours(hidden: str) -> None:
    title = f"=?utf-8?q?Hello{hidden}?="
    letter = Letter(title, "text\n", "<p>text</p>\n", leave="http://bell.example/leave")
    raw = bytes_of(letter, "an-id", Address("Bell", addr_spec="bell@handbell.example"), "ana@home.example", 0)

    seen = message_from_bytes(raw, policy=policy.default)

    assert seen["Subject"] == title, "letters, as everywhere else"
    assert seen["Bcc"] is None and seen.get_content_type() == "multipart/alternative"
    assert seen.keys()[:6] == ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"]
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_what_programs_read_in_the_head_is_written_as_it_is() -> None:
    """The parser of the tests would undo an encoding that no mail program does."""
    leave, to = "https://bell.example/v1/unsubscribe/" + "A" * 48, "a" * 64 + "@" + "home." * 20 + "example"
    letter = Letter("Grüße " * 30, "Grüße\n", "<p>Grüße</p>\n", leave)
    raw = bytes_of(letter, new_id(), Address("Glöckchen", addr_spec="bell@" + "h" * 50 + ".example"), to, 0)
    head = raw.split(b"\r\n\r\n", 1)[0].decode("ascii").replace("\r\n ", " ")
    assert f"List-Unsubscribe: <{leave}>\r\n" in head
    assert f"To: {to}\r\n" in head
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in head
    assert f"<bell@{'h' * 50}.example>" in head
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == one_line(letter.subject, 120)


def test_one_row_of_the_outbox_is_one_message_in_every_attempt() -> None:
    letter, sender, mail_id = Letter("S", "t\n", "<p>t</p>\n"), Address("B", addr_spec="b@h.example"), new_id()
    first, second = (bytes_of(letter, mail_id, sender, "a@b.example", at) for at in (1, 1_000_000))
    assert f"<{mail_id}@h.example>".encode() in first and f"<{mail_id}@h.example>".encode() in second


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" ana+bell@Home.Example ", "ana+bell@home.example"),
        ("O'Brien@home.example", "O'Brien@home.example"),
        ("ana@localhost", "ana@localhost"),
        ("ana@münchen.example", "ana@xn--mnchen-3ya.example"),
        ('"ana b"@home.example', None),
        ("ana@[127.0.0.1]", None),
        ("a@" + "x" * 260, None),
    ],
)
def test_addresses_are_kept_in_one_way(text: str, address: str | None) -> None:
    assert canonical(text) == address


def test_who_e_mail_is_from() -> None:
    assert str(sender_of("Bell <bell@h.example>")) == "Bell <bell@h.example>"
    assert sender_of("bell@h.example").display_name == "Handbell"
    for wrong in ("", "Bell", "Bell <nobody>"):
        with pytest.raises(ValueError):
            sender_of(wrong)
