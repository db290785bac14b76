"""One scene for the whole matrix."""

from collections.abc import Iterator

import pytest

from tests.server.security.identities import Scene


@pytest.fixture(scope="package")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    scene = Scene(tmp_path_factory.mktemp("security"))
    yield scene
    scene.close()
    print(scene.stage.server.process.tail())
