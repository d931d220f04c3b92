"""Nothing leaves the machine unless a setting asked for it, and then to that host alone."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingsError
from tests.fakes_model_server import ModelServer, says
from tests.world import NOTICES, open_reviewer


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Record every address any socket connects or sends to."""
    seen: list[Any] = []
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def recording(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            seen.append(address)
        connect(self, address)

    def recording_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            seen.append(address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", recording)
    monkeypatch.setattr(socket.socket, "connect_ex", recording_ex)
    return seen


def test_the_whole_path_opens_no_connection(tmp_path: Path, connections: list[Any]) -> None:
    reviewer = open_reviewer(tmp_path)
    reviewer.ask("党费收缴不及时怎么整改？")
    reviewer.draft("村级党费多年未核定基数")
    reviewer.compare(reviewer.notices()[0].id)
    reviewer.find_problems("反馈意见.txt", NOTICES[0].read_bytes())
    reviewer.reindex()
    reviewer.library.close()
    assert connections == []


def test_with_an_endpoint_exactly_that_host_is_called(
    tmp_path: Path, connections: list[Any]
) -> None:
    reviewer = open_reviewer(tmp_path)
    with ModelServer() as server:
        server.script = [says("逐人核定党费缴费基数[1]。")]
        reviewer.save_settings({"base_url": server.url, "model": "m", "retries": 0})
        reviewer.ask("党费收缴不及时怎么整改？")
        assert {address[:2] for address in connections} == {("127.0.0.1", server.port)}
    reviewer.library.close()


@pytest.mark.parametrize("name", ["base_url", "embeddings_base_url"])
def test_a_public_host_is_refused_unless_the_user_opens_the_way(tmp_path: Path, name: str) -> None:
    reviewer = open_reviewer(tmp_path, filled=False)
    changes = {name: "https://api.example.com/v1", name.replace("base_url", "model"): "m"}
    with pytest.raises(SettingsError, match="内网"):
        reviewer.save_settings(changes)
    assert not reviewer.settings.file.exists()
    reviewer.library.close()
