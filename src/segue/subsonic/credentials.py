"""What a request says about who is asking, before anybody checks it.

Three mechanisms: `u` with `p` (clear, or `enc:` and hexadecimal), `u` with `t` and `s` (the MD5 of password and
salt), and `apiKey` alone. Mixing them is an error of its own, so that no proxy or app can be fooled about who is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from segue.subsonic.faults import Code, Fault, MissingParameter
from segue.subsonic.parameters import Parameters

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")
_MAJOR = re.compile(r"(\d{1,4})(?:\.|$)", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Either `api_key`, or `username` with `password` (already decoded) or with `token` and `salt`."""

    username: str | None = None
    password: str | None = None
    token: str | None = None
    salt: str | None = None
    api_key: str | None = None

    def __repr__(self) -> str:
        return f"Credentials(username={self.username!r}, …)"

    @classmethod
    def of(cls, parameters: Parameters) -> Credentials:
        """The credentials among the parameters.

        Raises a Fault: 43 for more than one mechanism, 10 for a part that is missing.
        """
        user, password = parameters.optional("u"), parameters.raw("p")
        token, salt, api_key = parameters.optional("t"), parameters.optional("s"), parameters.optional("apiKey")
        if api_key is not None:
            if user is not None or password is not None or token is not None or salt is not None:
                raise Fault(
                    Code.CONFLICTING_MECHANISMS,
                    "Parameter 'apiKey' stands for itself: leave out 'u', 'p', 't' and 's'.",
                )
            return cls(api_key=api_key)
        if user is None:
            raise MissingParameter("u")
        if token is not None:
            if password is not None:
                raise Fault(
                    Code.CONFLICTING_MECHANISMS, "Send either a password ('p') or a token ('t' and 's'), not both."
                )
            if salt is None:
                raise MissingParameter("s")
            return cls(username=user, token=token.lower(), salt=salt)
        if password is None:
            raise MissingParameter("p' or 't" if salt is None else "t")
        return cls(username=user, password=decoded_password(password))


def decoded_password(sent: str) -> str:
    """The password behind `enc:` and hexadecimal UTF-8; any other text is the password itself."""
    digits = sent[4:] if sent.startswith("enc:") else None
    if digits is None or _HEX.fullmatch(digits) is None:
        return sent
    return bytes.fromhex(digits).decode("utf-8", "replace")


def check_version(parameters: Parameters) -> None:
    """Raises a Fault (20, 30) when the client speaks another major version of the protocol; a missing `v` passes."""
    found = _MAJOR.match(parameters.optional("v") or "")
    if found is None or int(found[1]) == 1:
        return
    if int(found[1]) < 1:
        raise Fault(Code.CLIENT_TOO_OLD, "This app speaks a version of the protocol before 1.0; please update it.")
    raise Fault(Code.SERVER_TOO_OLD, "Segue speaks version 1 of the protocol, this app a newer one.")
