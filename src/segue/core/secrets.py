"""The server's secret: one file, made at the first start, from which every other key is derived.

Whoever has the file can read app passwords and make access tokens, so it is readable by its owner alone. Several keys can be
kept, one a line: the first one works, the others still open what was locked with them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from segue.core.errors import SegueError

log = structlog.get_logger(__name__)

KEY_BYTES = 32
MIN_KEY_CHARACTERS = 16
"""A key from the environment below this length is refused: 16 random characters are about what AES-128 asks for."""
FILE_NAME = "secret.key"


class BadSecretKey(SegueError):
    """The secret key cannot be used; Segue must not start without it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__("bad_secret_key", message, hint=hint)


class CannotDecrypt(SegueError):
    """A secret was encrypted with a key that is not there any more."""

    def __init__(self) -> None:
        super().__init__(
            "cannot_decrypt",
            "A stored secret cannot be read with the present secret key.",
            hint="Put the earlier key back (as a further line of secret.key), or make the secret anew.",
        )


class SecretKeys:
    """Everything that needs the server's secret: derived keys, encryption, keyed hashes.

    The first of `keys` makes; all of them open. Two purposes never share a key (HKDF-SHA-256, RFC 5869).
    """

    def __init__(self, keys: list[bytes]) -> None:
        if not keys:
            raise BadSecretKey("There is no secret key.", "Set SEGUE_SECRET_KEY, or delete the empty secret.key.")
        self._keys = keys
        self._derived: dict[str, list[bytes]] = {}
        self._fernets: dict[str, MultiFernet] = {}

    def __repr__(self) -> str:
        return f"SecretKeys({len(self._keys)})"

    def derive(self, purpose: str) -> bytes:
        """32 bytes for `purpose`, from the present key."""
        return self.derive_all(purpose)[0]

    def derive_all(self, purpose: str) -> list[bytes]:
        """32 bytes for `purpose` from each key, the present one first."""
        if purpose not in self._derived:
            info = f"segue:{purpose}".encode()
            self._derived[purpose] = [
                HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key) for key in self._keys
            ]
        return self._derived[purpose]

    def encrypt(self, purpose: str, secret: str) -> str:
        """`secret`, encrypted and signed (Fernet: AES-128-CBC with HMAC-SHA-256), as text."""
        return self._fernet(purpose).encrypt(secret.encode()).decode("ascii")

    def decrypt(self, purpose: str, encrypted: str) -> str:
        """What was encrypted for `purpose`. Raises CannotDecrypt when no present key opens it."""
        try:
            return self._fernet(purpose).decrypt(encrypted.encode("ascii")).decode()
        except (InvalidToken, UnicodeError):
            raise CannotDecrypt from None

    def renew(self, purpose: str, encrypted: str) -> str:
        """The same secret encrypted with the present key, so that an old key may go. Raises CannotDecrypt."""
        return self.encrypt(purpose, self.decrypt(purpose, encrypted))

    def keyed_hash(self, purpose: str, *parts: str) -> str:
        """A hash of `parts` that only this server can compute, 64 hex digits; equal parts give equal hashes."""
        return _keyed_hash(self.derive(purpose), parts)

    def keyed_hashes(self, purpose: str, *parts: str) -> list[str]:
        """As keyed_hash, with each key, the present one first: to find what was stored under an earlier key."""
        return [_keyed_hash(key, parts) for key in self.derive_all(purpose)]

    def _fernet(self, purpose: str) -> MultiFernet:
        if purpose not in self._fernets:
            keys = self.derive_all(purpose)
            self._fernets[purpose] = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
        return self._fernets[purpose]


def _keyed_hash(key: bytes, parts: tuple[str, ...]) -> str:
    mac = hmac.new(key, digestmod="sha256")
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        mac.update(len(data).to_bytes(8, "big") + data)
    return mac.hexdigest()


def random_token(prefix: str = "", size: int = KEY_BYTES) -> str:
    """`prefix` and `size` random bytes in URL-safe letters; 43 of them for 32 bytes."""
    return prefix + secrets.token_urlsafe(size)


def sha256_hex(text: str) -> str:
    """SHA-256 of `text` in UTF-8, 64 hex digits. For random tokens only: a guessable word needs a keyed hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def open_secret_keys(data_dir: Path, configured: str | None = None) -> SecretKeys:
    """The server's keys: `configured` (SEGUE_SECRET_KEY, several separated by commas or spaces), else the file in `data_dir`.

    The file is made when it is not there, and its permissions are repaired when others could read it. Raises BadSecretKey.
    """
    if configured and configured.strip():
        return SecretKeys(_parse(configured.replace(",", " ").split(), "SEGUE_SECRET_KEY"))
    path = data_dir / FILE_NAME
    if not path.exists():
        _make(path)
    try:
        _repair(path)
        lines = path.read_text("utf-8").split()
    except OSError as error:
        why = error.strerror or str(error)
        raise BadSecretKey(
            f"The secret key {path} cannot be read: {why}.", "Let the user Segue runs as read it."
        ) from None
    except UnicodeError:
        raise BadSecretKey(f"The secret key {path} is damaged.", "Put it back from a backup.") from None
    return SecretKeys(_parse(lines, str(path)))


def add_key(data_dir: Path) -> SecretKeys:
    """Put a new key before the present ones of the file, which go on opening what they locked."""
    path = data_dir / FILE_NAME
    present = path.read_text("utf-8") if path.exists() else ""
    aside = _write_aside(path, random_token() + "\n" + present)
    os.replace(aside, path)
    return open_secret_keys(data_dir)


def _parse(lines: list[str], where: str) -> list[bytes]:
    if not lines:
        raise BadSecretKey(
            f"The secret key in {where} is empty.",
            "Put the key back from a backup. Without one, delete the file: people keep their login passwords, "
            "but must sign in again and make their app passwords anew.",
        )
    for line in lines:
        if len(line) < MIN_KEY_CHARACTERS:
            raise BadSecretKey(
                f"A secret key in {where} is shorter than {MIN_KEY_CHARACTERS} characters.",
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
    return [line.encode() for line in lines]


def _make(path: Path) -> None:
    """Write a new key that appears whole or not at all, so that a second process starting now reads the same one."""
    aside = _write_aside(path, random_token() + "\n")
    try:
        os.link(aside, path)
        log.info("secret_key_made", path=str(path))
    except FileExistsError:
        pass  # another process was first; its key counts
    except OSError:  # a file system without hard links
        try:
            _write_new(path, aside.read_text("utf-8"))
        except FileExistsError:
            return
        log.info("secret_key_made", path=str(path))
    finally:
        aside.unlink(missing_ok=True)


def _write_aside(path: Path, text: str) -> Path:
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_new(aside, text)
    except OSError as error:
        raise BadSecretKey(
            f"The secret key cannot be written to {path.parent}: {error}.", "Choose another data folder."
        ) from None
    return aside


def _write_new(path: Path, text: str) -> None:
    """Write a file that was not there, readable by its owner alone. Raises FileExistsError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _repair(path: Path) -> None:
    if os.name == "nt":
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        path.chmod(0o600)
        log.warning("secret_key_permissions_repaired", path=str(path), was=f"{mode:04o}", now="0600")
