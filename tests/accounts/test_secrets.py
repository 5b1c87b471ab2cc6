"""The server's secret key, and what is made with it."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from segue.core.secrets import BadSecretKey, CannotDecrypt, SecretKeys, add_key, open_secret_keys, random_token

OLD, NEW = b"an old key of more than 16", b"a new key of more than 16"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_is_made_at_the_first_start_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = open_secret_keys(tmp_path)
    assert mode(tmp_path / "secret.key") == 0o600
    assert open_secret_keys(tmp_path).derive("x") == first.derive("x")
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_key_that_others_could_read_is_repaired_and_logged(tmp_path: Path) -> None:
    before = open_secret_keys(tmp_path).derive("x")
    (tmp_path / "secret.key").chmod(0o644)
    with capture_logs() as logs:
        assert open_secret_keys(tmp_path).derive("x") == before
    assert mode(tmp_path / "secret.key") == 0o600
    assert [entry["was"] for entry in logs if entry["event"] == "secret_key_permissions_repaired"] == ["0644"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    found: list[bytes] = []
    start = threading.Barrier(8)

    def open_it() -> None:
        start.wait()
        found.append(open_secret_keys(tmp_path).derive("x"))

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_file_system_without_hard_links_still_gets_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    first = open_secret_keys(tmp_path)
    assert open_secret_keys(tmp_path).derive("x") == first.derive("x")
    assert mode(tmp_path / "secret.key") == 0o600


def test_the_environment_may_set_the_key_and_then_no_file_is_made(tmp_path: Path) -> None:
    keys = open_secret_keys(tmp_path, OLD.decode().replace(" ", "-"))
    assert keys.derive("x") == SecretKeys([OLD.replace(b" ", b"-")]).derive("x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "\n\n", "short\n"])
def test_an_empty_or_short_key_is_refused_with_advice(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret.key").write_text(content)
    with pytest.raises(BadSecretKey) as refused:
        open_secret_keys(tmp_path)
    assert refused.value.hint


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSecretKey, match="not-there"):
        open_secret_keys(tmp_path / "not-there")


def test_a_new_key_goes_first_and_the_old_one_still_opens(tmp_path: Path) -> None:
    before = open_secret_keys(tmp_path)
    locked, lookup = before.encrypt("p", "words"), before.keyed_hash("p", "words")
    after = add_key(tmp_path)
    assert after.derive("p") != before.derive("p")
    assert after.decrypt("p", locked) == "words"
    assert lookup in after.keyed_hashes("p", "words")
    assert mode(tmp_path / "secret.key") == 0o600


def test_renewing_lets_the_old_key_go() -> None:
    locked = SecretKeys([OLD]).encrypt("p", "words")
    renewed = SecretKeys([NEW, OLD]).renew("p", locked)
    assert SecretKeys([NEW]).decrypt("p", renewed) == "words"
    with pytest.raises(CannotDecrypt):
        SecretKeys([NEW]).decrypt("p", locked)


def test_two_purposes_share_no_key() -> None:
    keys = SecretKeys([OLD])
    assert keys.derive("one") != keys.derive("two")
    with pytest.raises(CannotDecrypt):
        keys.decrypt("two", keys.encrypt("one", "words"))


def test_keys_do_not_show_themselves() -> None:
    assert OLD.decode() not in repr(SecretKeys([OLD]))


@given(st.text(), st.text(), st.text())
def test_a_keyed_hash_tells_its_parts_apart(first: str, second: str, third: str) -> None:
    keys = SecretKeys([OLD])
    assert keys.keyed_hash("p", first, second) == keys.keyed_hash("p", first, second)
    if (first, second + third) != (first + second, third):
        assert keys.keyed_hash("p", first, second + third) != keys.keyed_hash("p", first + second, third)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_encrypted_comes_back(secret: str) -> None:
    keys = SecretKeys([OLD])
    assert keys.decrypt("p", keys.encrypt("p", secret)) == secret


def test_random_tokens_carry_their_prefix_and_never_repeat() -> None:
    tokens = {random_token("segue_") for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(token.startswith("segue_") and len(token) == 49 for token in tokens)
