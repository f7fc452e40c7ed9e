"""The embedded Valkey: closed to others, and what it acknowledged is there after a crash."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from bot.local.place import find
from bot.local.valkey import Valkey
from tests.integration.local.watch import eventually, server_of


@pytest.fixture(scope="module")
def valkey(data_dir: Path) -> Iterator[Valkey]:
    with Valkey(data_dir / "valkey-tests") as valkey:
        yield valkey


def read(url: str, key: str) -> bytes | None:
    with redis.Redis.from_url(url) as client:
        try:
            found = client.get(key)
        except redis.ConnectionError:
            return None
    assert found is None or isinstance(found, bytes)
    return found


def test_it_keeps_a_file_and_never_throws_keys_away(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_it_listens_on_no_port_and_its_socket_is_private(valkey: Valkey) -> None:
    assert server_of(valkey).net_connections("inet") == []
    where = find(valkey.data_dir, "valkey")
    assert stat.S_IMODE(where.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE((where.socket / "valkey.sock").stat().st_mode) == 0o700


def test_what_it_acknowledged_outlives_kill_9_and_it_comes_back(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.set("kept", "7")
    killed = server_of(valkey)
    killed.kill()
    eventually(lambda: read(valkey.url, "kept") == b"7", "Valkey is back with its data", within=10)
    assert server_of(valkey) != killed


def test_a_second_user_shares_it_and_a_later_one_finds_the_data(folder: Path) -> None:
    with Valkey(folder) as first:
        with Valkey(folder) as second, redis.Redis.from_url(second.url) as client:
            client.set("kept", "7")
        assert read(first.url, "kept") == b"7"
    assert not first.guarded()
    with Valkey(folder) as later:
        assert read(later.url, "kept") == b"7"


def test_its_address_works_where_the_folder_has_no_ascii_name(folder: Path) -> None:
    with Valkey(folder / "予約 100%") as valkey:
        assert read(valkey.url, "none") is None
        assert "%" not in valkey.url
        socket = find(valkey.data_dir, "valkey").socket
    socket.rmdir()
