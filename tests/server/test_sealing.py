"""Secrets at rest: of no use without the key, of no use for another row, and a key file that only its owner can read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from handbell_server.config import Config, ConfigError
from handbell_server.sealing import FILE_NAME, BrokenSealError, Seal, seal_of

KEY = "a key of this test, which is long enough"
SECRET = "whsec_canary"


def beside(folder: Path) -> Config:
    return Config(database_url=f"sqlite:///{folder / 'handbell.db'}")


def opened_by(config: Config, sealed: str) -> str:
    seal = seal_of(config)
    assert seal is not None
    return seal.open(sealed, "row")


def test_a_sealed_secret_opens_for_its_row_with_its_key_and_for_nothing_else() -> None:
    sealed = Seal(KEY).close(SECRET, "row")

    assert "canary" not in sealed
    assert Seal(KEY).open(sealed, "row") == SECRET
    assert Seal(KEY).close(SECRET, "row") != sealed, "the same secret twice does not look the same"
    for key, text, row in (
        (KEY + "!", sealed, "row"),
        (KEY, sealed, "other"),
        (KEY, sealed[:-4], "row"),
        (KEY, "", "row"),
    ):
        with pytest.raises(BrokenSealError):
            Seal(key).open(text, row)


def test_beside_the_embedded_database_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = seal_of(beside(tmp_path))
    assert first is not None
    sealed = first.close(SECRET, "row")

    assert opened_by(beside(tmp_path), sealed) == SECRET
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_key_that_is_chosen_wins_and_no_file_is_made(tmp_path: Path) -> None:
    config = Config(database_url=f"sqlite:///{tmp_path / 'handbell.db'}", secret_key=KEY)

    assert opened_by(config, Seal(KEY).close(SECRET, "row")) == SECRET
    assert list(tmp_path.iterdir()) == []


def test_on_postgres_the_key_is_the_operators_to_choose() -> None:
    assert seal_of(Config(database_url="postgresql://nowhere/handbell")) is None


def test_a_key_file_that_holds_no_key_stops_the_server_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("short\n")
    with pytest.raises(ConfigError, match="holds no key"):
        seal_of(beside(tmp_path))
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(ConfigError, match="cannot be used"):
        seal_of(beside(tmp_path))


def test_a_key_that_could_be_guessed_and_an_allowance_that_is_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="HANDBELL_SECRET_KEY"):
        Config(secret_key="short")
    with pytest.raises(ConfigError, match="HANDBELL_WEBHOOK_ALLOW"):
        Config(webhook_allow=("10.0.0.0/99",))
