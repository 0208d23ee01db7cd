"""What the operator meets: each obstacle ends in one clear sentence that says what to do."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, free_port
from tests.sandbox_server import start_sandbox


def handheld(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HANDHELD_")}
    return subprocess.run(
        [sys.executable, "-m", "mobileapi.cli", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def one_sentence(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 1, run.stderr
    lines = [line for line in run.stderr.splitlines() if line.strip() and not line.startswith("{")]  # logs lie beside
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("handheld: ")
    return lines[0]


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_a_taken_port_is_named(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"--port": str(free_port()), "--sandbox-port": str(free_port()), option: str(taken.getsockname()[1])}
        run = handheld("demo", "--data", str(tmp_path / "data"), *[w for pair in ports.items() for w in pair])
    sentence = one_sentence(run)
    assert "taken" in sentence
    assert option in sentence


def test_a_port_that_is_none_is_named(tmp_path: Path) -> None:
    assert "99999 is no port" in one_sentence(handheld("demo", "--port", "99999", "--data", str(tmp_path / "data")))


def test_a_data_folder_in_use_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sentence = one_sentence(handheld("demo", "--data", str(tmp_path / "data"), "--port", str(free_port())))
    assert "in use by another run" in sentence
    assert "--data" in sentence


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in one_sentence(handheld("demo", "--data", str(tmp_path / "file" / "data")))


def test_production_on_defaults_is_refused_and_no_value_is_printed() -> None:
    sentence = one_sentence(handheld("serve", HANDHELD_ENV="production", HANDHELD_SECRET_KEY="short-secret"))
    assert "HANDHELD_" in sentence
    assert "must be set in production" in sentence
    assert "short-secret" not in sentence


def test_a_setting_of_the_wrong_kind_is_named_without_its_value() -> None:
    sentence = one_sentence(handheld("serve", HANDHELD_DATABASE_POOL="very many"))
    assert "HANDHELD_DATABASE_POOL" in sentence
    assert "very many" not in sentence


def test_importing_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "there is no file" in one_sentence(handheld("import", "items", str(tmp_path / "none.yaml")))


def test_a_command_says_its_own_on_standard_output_and_logs_beside_it(tmp_path: Path) -> None:
    with start_sandbox(tmp_path / "channel") as channel:
        office = channel.credentials | {"HANDHELD_DATA_DIR": str(tmp_path / "data")}
        assert handheld("migrate", **office).returncode == 0
        run = handheld("reconcile", "--channel", "wechat", "--day", "2026-11-01", **office)
    told = "wechat 2026-11-01: balanced, 0 matched, 0 open differences\n"
    assert (run.returncode, run.stdout) == (0, told), run.stderr
    assert "channel_refused" in [json.loads(line)["event"] for line in run.stderr.splitlines()]


def test_a_file_without_the_list_that_is_imported_is_refused_and_a_day_to_come_is_not_reconciled(
    tmp_path: Path,
) -> None:
    office = {"HANDHELD_DATA_DIR": str(tmp_path / "data")}
    assert handheld("migrate", **office).returncode == 0
    (tmp_path / "item.yaml").write_text("item:\n- code: A\n")
    for more in ((), ("--keep-going",), ("--dry-run",)):
        sentence = one_sentence(handheld("import", "items", str(tmp_path / "item.yaml"), *more, **office))
        assert sentence == "handheld: item.yaml has no list `items`, so nothing was imported as items"
    (tmp_path / "folder").mkdir()
    sentence = one_sentence(handheld("import", "items", str(tmp_path / "folder"), **office))
    assert "no file in folder has a list `items`" in sentence
    run = handheld("reconcile", "--channel", "wechat", "--day", "2999-01-01", **office)
    told = "wechat 2999-01-01: failed: this day has not begun, there is nothing to reconcile\n"
    assert (run.returncode, run.stdout) == (1, told), run.stderr


@pytest.mark.parametrize(("name", "content"), [("bad.yaml", b"items: ["), ("bad.csv", b"\xff\xfe")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    office = {"HANDHELD_DATA_DIR": str(tmp_path / "data")}
    assert handheld("migrate", **office).returncode == 0
    (tmp_path / name).write_bytes(content)
    sentence = one_sentence(handheld("import", "calendar", str(tmp_path / name), **office))
    assert f"{name} cannot be read" in sentence
