"""What a machine calls its time zone."""

from __future__ import annotations

from pathlib import Path

import pytest

from handbell_desktop.machine.zones import zone_name


@pytest.mark.parametrize(
    ("environment", "link", "written", "name"),
    [
        ({}, None, None, None),
        ({}, "/usr/share/zoneinfo/Europe/Berlin", "Asia/Tokyo", "Europe/Berlin"),
        ({}, "../usr/share/zoneinfo/Europe/Berlin", None, "Europe/Berlin"),
        ({}, "/var/db/timezone/zoneinfo/America/Lima", None, "America/Lima"),
        ({}, "/usr/share/zoneinfo/posix/Asia/Tokyo", None, "Asia/Tokyo"),
        ({}, None, "Asia/Tokyo\n", "Asia/Tokyo"),
        ({}, "/somewhere/else", "Asia/Tokyo", "Asia/Tokyo"),
        ({}, "/usr/share/zoneinfo/Etc/UTC", None, None),
        ({}, "/usr/share/zoneinfo/Mars/Olympus", "../../etc/passwd", None),
        ({"TZ": "Asia/Tokyo"}, "/usr/share/zoneinfo/Europe/Berlin", None, "Asia/Tokyo"),
        ({"TZ": ":Asia/Tokyo"}, None, None, "Asia/Tokyo"),
        ({"TZ": "/usr/share/zoneinfo/Asia/Tokyo"}, None, None, "Asia/Tokyo"),
        ({"TZ": "CET-1CEST,M3.5.0"}, "/usr/share/zoneinfo/Europe/Berlin", None, None),
    ],
)
def test_the_name_of_the_machines_zone(
    tmp_path: Path, environment: dict[str, str], link: str | None, written: str | None, name: str | None
) -> None:
    if link is not None:
        (tmp_path / "localtime").symlink_to(link)
    if written is not None:
        (tmp_path / "timezone").write_text(written)

    assert zone_name(environment, tmp_path) == name
