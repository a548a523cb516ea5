"""The script that starts real services: each alone, none left behind, and a plain word where something is absent."""

import os
import subprocess
from pathlib import Path

import pytest

from martlet.optional_packages import require_extra
from tests.services import SCRIPT, Service, call_services


def folder_of(service: Service) -> Path:
    return Path(service.url.removeprefix("unix://")).parent


def is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607  ps is where the PATH says
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def test_what_was_started_is_listed_and_what_was_stopped_is_gone() -> None:
    one, other = Service.start("redis"), Service.start("redis")
    pid = int((folder_of(one) / "pid").read_text())
    assert {one.url, other.url} <= set(call_services("list").splitlines())
    assert is_running(pid)
    one.stop()

    assert not is_running(pid)
    assert not folder_of(one).exists()
    assert other.url in call_services("list")
    other.stop()


def test_after_a_power_cut_it_starts_with_what_it_had_written(lasting_server: Service) -> None:
    redis = require_extra("redis", "redis")
    with redis.Redis.from_url(lasting_server.url) as client:
        client.set("key", "value")
        lasting_server.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("key")
        lasting_server.start_again()

        assert client.get("key") == b"value"


def test_it_listens_to_nobody_but_this_machine() -> None:
    service = Service.start("redis", tcp=True)
    try:
        with require_extra("redis", "redis").Redis.from_url(service.url) as client:
            settings = client.config_get("*")
    finally:
        service.stop()

    assert settings["bind"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["start", "nothing"], "There is no service nothing to start"),
        (["install", "nothing"], "There is no service nothing to install"),
        (["stop", "redis://127.0.0.1:1"], "Nothing was started with the URL redis://127.0.0.1:1"),
        (["start"], "Which one?"),
        ([], "scripts/services install"),
        (["start", "redis", "--", "--no-such-option", "1"], "redis did not start"),
    ],
    ids=" ".join,
)
def test_what_it_cannot_do_it_says(words: list[str], message: str, redis_server: Service) -> None:
    finished = subprocess.run([SCRIPT, *words], capture_output=True, text=True, check=False, timeout=60)

    assert finished.returncode != 0
    assert message in finished.stderr


def test_who_may_not_install_is_told_the_command(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "apt-get").write_text("#!/bin/sh\nexit 1\n")
    for command in ("dirname", "bash"):
        (tmp_path / command).symlink_to(f"/usr/bin/{command}")
    for command in ("id", "apt-get"):
        (tmp_path / command).chmod(0o755)
    environment = {**os.environ, "PATH": str(tmp_path)}

    finished = subprocess.run([SCRIPT, "install"], capture_output=True, text=True, check=False, env=environment, timeout=60)

    assert finished.returncode == 1
    assert "redis-server is absent. Install it with: sudo scripts/services install redis" in finished.stderr
