"""Storage: the same promises from a folder, from memory and from S3."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.core.storage import BadObjectKey, ObjectNotFound, Storage, StorageUnavailable, open_storage

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a local S3 with an empty bucket `segue`."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client: Any = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    client.create_bucket(Bucket="segue")
    yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "memory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "s3":
        return open_storage(
            f"s3://segue/{tmp_path.name}",
            tmp_path,
            endpoint=request.getfixturevalue("s3"),
            access_key="k",
            secret_key="s",
        )
    return open_storage("memory://" if request.param == "memory" else None, tmp_path)


async def test_what_is_put_is_got_whole_in_part_and_piece_by_piece(storage: Storage) -> None:
    await storage.put("artwork/ab/cover.webp", b"0123456789")
    assert await storage.get("artwork/ab/cover.webp") == b"0123456789"
    assert await storage.get_range("artwork/ab/cover.webp", 2, 3) == b"234"
    assert await storage.get_range("artwork/ab/cover.webp", 8, 100) == b"89"
    assert await storage.get_range("artwork/ab/cover.webp", 100, 1) == b""
    assert b"".join([chunk async for chunk in storage.stream("artwork/ab/cover.webp", 4)]) == b"0123456789"
    info = await storage.info("artwork/ab/cover.webp")
    assert (info.key, info.size) == ("artwork/ab/cover.webp", 10)
    assert info.modified_at.tzinfo is not None


async def test_files_are_taken_in_place_of_what_was_there(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"one")
    (tmp_path / "two").write_bytes(b"two")
    await storage.put("artwork/cd/two", b"before")
    await storage.take({"artwork/ab/one": bytes(tmp_path / "one"), "artwork/cd/two": bytes(tmp_path / "two")})
    assert [await storage.get(key) for key in ("artwork/ab/one", "artwork/cd/two")] == [b"one", b"two"]
    with pytest.raises(StorageUnavailable):
        await storage.take({"artwork/ab/three": bytes(tmp_path / "three")})
    with pytest.raises(BadObjectKey):
        await storage.take({"../four": bytes(tmp_path / "one")})


async def test_the_etag_changes_with_the_content(storage: Storage) -> None:
    await storage.put("a", b"one")
    before = (await storage.info("a")).etag
    await storage.put("a", b"another")
    assert (await storage.info("a")).etag != before


async def test_a_stream_can_be_put(storage: Storage) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 100_000

    await storage.put("long", pieces())
    assert (await storage.info("long")).size == 300_000


async def test_what_is_not_there_says_so_and_deleting_it_is_fine(storage: Storage) -> None:
    for question in (storage.get("none"), storage.info("none"), storage.get_range("none", 0, 1)):
        with pytest.raises(ObjectNotFound):
            await question
    with pytest.raises(ObjectNotFound):
        async for _ in storage.stream("none"):
            pass
    assert not await storage.exists("none")
    await storage.put("some", b"x")
    await storage.delete("some")
    await storage.delete("some")
    assert not await storage.exists("some")


async def test_a_folder_lists_what_is_below_it(storage: Storage) -> None:
    for key in ("a/1", "a/b/2", "ab/3", "c"):
        await storage.put(key, b"x")
    assert {info.key async for info in storage.list("a")} == {"a/1", "a/b/2"}
    assert {info.key async for info in storage.list()} == {"a/1", "a/b/2", "ab/3", "c"}


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../up", "a/../b", "a//b", ".hidden", "a b", "a\\b", "a\x00b", "x" * 600]
)
async def test_a_key_that_could_leave_the_storage_is_refused(storage: Storage, key: str) -> None:
    with pytest.raises(BadObjectKey):
        await storage.put(key, b"x")
    with pytest.raises(BadObjectKey):
        await storage.get(key)


async def test_the_check_writes_and_reads(storage: Storage) -> None:
    await storage.check()
    assert not [info async for info in storage.list()]


async def test_a_failed_write_leaves_the_old_content_and_no_part(tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    await storage.put("a", b"old")

    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"new"
        raise ValueError("the network went away")

    with pytest.raises(Exception, match="went away"):
        await storage.put("a", breaks_off())
    assert await storage.get("a") == b"old"
    assert [info.key async for info in storage.list()] == ["a"]


async def test_a_local_folder_has_paths_and_others_have_none(storage: Storage, tmp_path: Path) -> None:
    await storage.put("a/b", b"x")
    path = storage.local_path("a/b")
    assert path is None or (path.is_relative_to(tmp_path) and path.read_bytes() == b"x")


async def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable, match="Not a directory"):
        open_storage(str(tmp_path / "file" / "below"), tmp_path)


async def test_a_bucket_that_does_not_exist_is_unavailable(s3: str, tmp_path: Path) -> None:
    storage = open_storage("s3://nobodys", tmp_path, endpoint=s3, access_key="k", secret_key="s")
    with pytest.raises(StorageUnavailable, match="s3://nobodys"):
        await storage.check()
