"""Where tokens lie: in the desktop's keyring if there is one, in a file that says so if there is none, never in both."""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from handbell_desktop.machine.secrets.base import IN_A_FILE, Declined, Locked, NoKeyring, SecretsError
from handbell_desktop.machine.secrets.choose import choose
from handbell_desktop.machine.secrets.file import FileSecrets
from handbell_desktop.machine.secrets.service import ServiceSecrets
from handbell_desktop.machine.secrets.system import SystemSecrets
from tests.support.bus import PrivateBus
from tests.support.keyring import FakeKeyring, GnomeKeyring
from tests.support.waiting import until

TOKEN = "hb_dev_0123456789"


@pytest.fixture
def bus() -> Iterator[PrivateBus]:
    with PrivateBus() as bus:
        yield bus


@pytest.fixture
def environment(bus: PrivateBus) -> Mapping[str, str]:
    return {"DBUS_SESSION_BUS_ADDRESS": bus.address}


@pytest.fixture
def keyring(bus: PrivateBus, tmp_path: Path) -> Iterator[GnomeKeyring]:
    folder = tmp_path / "keyring"
    folder.mkdir(mode=0o700)
    with GnomeKeyring(bus, folder) as keyring:
        yield keyring


# The keyring of a Linux desktop.


def test_the_keyring_keeps_gives_replaces_and_forgets(keyring: GnomeKeyring, environment: Mapping[str, str]) -> None:
    secrets = ServiceSecrets(environment)
    assert secrets.get("ana") is None
    secrets.set("ana", TOKEN)
    secrets.set("bo", "another")
    secrets.set("ana", "newer")

    assert (secrets.get("ana"), secrets.get("bo")) == ("newer", "another")
    secrets.forget("ana")
    secrets.forget("ana")
    assert (secrets.get("ana"), secrets.get("bo")) == (None, "another")


def test_a_keyring_that_stays_locked_is_an_error_and_no_answer(
    keyring: GnomeKeyring, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """Nobody can unlock it here: gnome-keyring finds no one to ask the person. A `None` would sign them out."""
    secrets = choose(environment, "linux", tmp_path / "files")
    secrets.set("ana", TOKEN)
    keyring.lock()

    with pytest.raises(SecretsError) as refused:
        secrets.get("ana")

    assert not isinstance(refused.value, NoKeyring)
    assert TOKEN not in str(refused.value)


def test_a_locked_keyring_asks_the_person_and_waits_for_the_answer(
    bus: PrivateBus, environment: Mapping[str, str]
) -> None:
    with FakeKeyring(bus, person="yes"):
        assert ServiceSecrets(environment).get("ana", ask=True) == "token-1"
    with FakeKeyring(bus, person="no"), pytest.raises(Declined, match="declined"):
        ServiceSecrets(environment).get("ana", ask=True)


def test_a_person_who_never_answers_is_not_waited_for_for_ever(bus: PrivateBus, environment: Mapping[str, str]) -> None:
    with FakeKeyring(bus, person="away") as keyring:
        with pytest.raises(Declined, match="nobody unlocked it"):
            ServiceSecrets(environment, patience=0.05).get("ana", ask=True)
        assert keyring.dismissed


def test_looking_into_a_locked_keyring_opens_no_dialogue(bus: PrivateBus, environment: Mapping[str, str]) -> None:
    with FakeKeyring(bus, person="yes") as keyring:
        with pytest.raises(Locked):
            ServiceSecrets(environment).get("ana")
        with pytest.raises(Locked):
            ServiceSecrets(environment).set("ana", TOKEN)
        assert keyring.asked == 0


def test_who_declines_to_have_a_keyring_is_asked_once_and_not_by_the_next_start_either(
    bus: PrivateBus, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """A machine without a keyring, and a daemon that would make one: signing in opens its dialogue, "Cancel" ends that."""
    with FakeKeyring(bus, person="no", empty=True) as keyring:
        secrets = choose(environment, "linux", tmp_path)
        secrets.set("ana", TOKEN)
        for _ in range(3):
            assert secrets.get("ana") == TOKEN
        secrets.set("bo", "another")
        assert (keyring.asked, secrets.warning, secrets.declined) == (1, IN_A_FILE, True)

        secrets = choose(environment, "linux", tmp_path)
        secrets.set("ana", "newer")

        assert (keyring.asked, secrets.get("ana"), secrets.declined) == (1, "newer", True)


def test_who_wants_no_keyring_leaves_nothing_in_one_and_is_asked_nothing(
    bus: PrivateBus, environment: Mapping[str, str], tmp_path: Path
) -> None:
    with FakeKeyring(bus, person="yes") as keyring:
        secrets = choose(environment, "linux", tmp_path, keyring=False)
        secrets.set("ana", TOKEN)
        secrets.ask_again(["ana"])

        assert (keyring.asked, keyring.kept, secrets.get("ana"), secrets.warning) == (0, [], TOKEN, IN_A_FILE)


def test_who_wants_the_keyring_after_all_is_asked_again_and_the_tokens_move(
    bus: PrivateBus, environment: Mapping[str, str], tmp_path: Path
) -> None:
    with FakeKeyring(bus, person="no", empty=True) as keyring:
        secrets = choose(environment, "linux", tmp_path)
        secrets.set("ana", TOKEN)
        secrets.set("bo", "another")
        secrets.ask_again(["ana", "bo"])
        assert (keyring.asked, secrets.declined) == (2, True)

        keyring.person = "yes"
        secrets.ask_again(["ana", "bo"])

        assert (keyring.asked, keyring.kept) == (3, [TOKEN.encode(), b"another"])
        assert (secrets.warning, secrets.declined, list(tmp_path.iterdir())) == (None, False, [])


def test_a_key_is_on_disk_while_the_person_still_thinks_about_the_keyring(
    bus: PrivateBus, environment: Mapping[str, str], tmp_path: Path
) -> None:
    with FakeKeyring(bus, person="away", empty=True) as keyring:
        secrets = choose(environment, "linux", tmp_path)
        signing_in = threading.Thread(target=secrets.set, args=("ana", TOKEN), daemon=True)
        signing_in.start()
        until(lambda: keyring.asked, 5, "the dialogue")

        assert choose({}, "linux", tmp_path).get("ana") == TOKEN
        assert secrets.get("ana") == TOKEN
        keyring.answered("no")
        signing_in.join(60)


@pytest.mark.parametrize("address", ["", "unix:path=/nowhere/bus", "nonsense", "tcp:host=localhost,port=1"])
def test_without_a_bus_there_is_no_keyring(address: str) -> None:
    with pytest.raises(NoKeyring):
        ServiceSecrets({"DBUS_SESSION_BUS_ADDRESS": address}).get("ana")


# The file, and the way from one to the other.


def test_without_a_keyring_the_token_lies_in_a_file_that_says_so(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    secrets = choose(environment, "linux", folder)  # a bus, and nobody on it
    assert (secrets.get("ana"), secrets.warning) == (None, None)

    secrets.set("ana", TOKEN)

    assert (secrets.get("ana"), secrets.warning) == (TOKEN, IN_A_FILE)
    (file,) = folder.iterdir()
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    secrets.forget("ana")
    assert (secrets.get("ana"), secrets.warning) == (None, None)


def test_a_token_moves_to_the_keyring_when_one_appears(
    bus: PrivateBus, environment: Mapping[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    choose(environment, "linux", folder).set("ana", TOKEN)
    (tmp_path / "keyring").mkdir(mode=0o700)
    with GnomeKeyring(bus, tmp_path / "keyring"):
        secrets = choose(environment, "linux", folder)

        assert secrets.get("ana") == TOKEN
        assert (list(folder.iterdir()), secrets.warning) == ([], None)
        assert secrets.get("ana") == TOKEN


def test_where_no_file_can_be_written_the_keyring_has_it_alone(
    keyring: GnomeKeyring, environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "files").write_text("in the way")
    secrets = choose(environment, "linux", tmp_path / "files")

    secrets.set("ana", TOKEN)

    assert secrets.get("ana") == TOKEN
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        choose({}, "linux", tmp_path / "files").set("ana", TOKEN)


def test_the_id_of_an_account_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    secrets = FileSecrets(tmp_path / "files")

    secrets.set("../../evil/\x00", TOKEN)

    assert secrets.get("../../evil/\x00") == TOKEN
    assert os.listdir(tmp_path) == ["files"]


def test_the_token_is_in_no_repr_and_no_log(
    environment: Mapping[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secrets = choose(environment, "linux", tmp_path)

    secrets.set("ana", TOKEN)

    assert "kept in a file" in caplog.text
    assert TOKEN not in caplog.text + repr(secrets) + str(vars(secrets))


# Windows and macOS.


class Vault:
    """As much of a back end of `keyring` as is used, with its way of failing."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, user: str) -> str | None:
        return self.kept.get((service, user))

    def set_password(self, service: str, user: str, password: str) -> None:
        if password == "too long":
            raise RuntimeError(f"cannot keep {password}")
        self.kept[service, user] = password

    def delete_password(self, service: str, user: str) -> None:
        del self.kept[service, user]


@pytest.mark.parametrize(
    ("platform", "module", "name"), [("win32", "Windows", "WinVaultKeyring"), ("darwin", "macOS", "Keyring")]
)
def test_the_platforms_own_keyring_is_used(
    platform: str, module: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault()
    stand_in = ModuleType(f"keyring.backends.{module}")
    setattr(stand_in, name, lambda: vault)
    for parent in ("keyring", "keyring.backends"):
        monkeypatch.setitem(sys.modules, parent, ModuleType(parent))
    monkeypatch.setitem(sys.modules, f"keyring.backends.{module}", stand_in)
    secrets = choose({}, platform, tmp_path)

    secrets.set("ana", TOKEN)

    assert (secrets.get("ana"), secrets.warning) == (TOKEN, None)
    secrets.forget("ana")
    secrets.forget("ana")
    assert (vault.kept, secrets.get("ana")) == ({}, None)
    with pytest.raises(SecretsError) as refused:
        SystemSecrets(platform).set("ana", "too long")
    assert "too long" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_windows_without_its_keyring_uses_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    secrets = choose({}, "win32", tmp_path)

    secrets.set("ana", TOKEN)

    assert (secrets.get("ana"), secrets.warning) == (TOKEN, IN_A_FILE)
