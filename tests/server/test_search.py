"""The index of the embedded database, where one list of words serves everybody."""

from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection

from handbell_server.reads import search
from tests.support.engine_room import engine_room


def words_in_the_index(connection: Connection) -> list[str]:
    connection.execute(text("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search_index, row)"))
    return sorted(connection.execute(text("SELECT term FROM temp.words")).scalars())


def test_every_word_stands_with_its_owner_so_a_search_walks_along_one_persons_words(tmp_path: Path) -> None:
    with engine_room(f"sqlite:///{tmp_path / 'handbell.db'}") as room:
        for user in (room.ana, room.bo):
            room.change(room.tell(user, "Größe: disk_full", body="Disk"))
            room.errand(partial(search.follow, user_id=user))

        found = room.errand(words_in_the_index)

    alone = ("ci", "disk", "full", "grosse")
    assert found == sorted(f"u{user}x{word}" for user in (room.ana, room.bo) for word in alone)
