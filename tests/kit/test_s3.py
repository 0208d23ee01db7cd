"""The same storage verbs on a real S3 server over HTTP."""

import socket
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from kit import config, storage
from mobileapi.settings import OfficeSettings

pytestmark = pytest.mark.anyio


@pytest.fixture
def bucket(settings: OfficeSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    endpoint = f"http://127.0.0.1:{port}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": "office", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    name = f"office-{port}"
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=name)
    config.install(settings.model_copy(update={"storage_url": f"s3://{name}/files"}))
    yield name
    server.stop()


async def test_files_come_back_from_s3_as_they_went(bucket: str) -> None:
    await storage.put("one/two", b"\x00bytes")
    assert await storage.get("one/two") == b"\x00bytes"
    await storage.put("one/two", b"other")
    assert await storage.get("one/two") == b"other"
    assert await storage.answers()


async def test_a_file_that_is_gone_is_missing_and_removing_it_again_is_fine(bucket: str) -> None:
    await storage.put("one/two", b"x")
    await storage.delete("one/two")
    await storage.delete("one/two")
    with pytest.raises(storage.FileMissing):
        await storage.get("one/two")


async def test_a_bucket_that_is_not_there_is_not_ready(bucket: str, settings: OfficeSettings) -> None:
    config.install(settings.model_copy(update={"storage_url": "s3://nowhere-at-all/files"}))
    assert not await storage.answers()
