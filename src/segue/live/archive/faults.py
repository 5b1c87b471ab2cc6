"""What else can be wrong with asking the archive, beside the faults of every service."""

from __future__ import annotations

from segue.core.outside.faults import Fault


class ContactMissing(Fault):
    """The archive is asked only by those who say how they can be reached."""

    status = 409

    def __init__(self, service: str) -> None:
        message = f"{service} is asked only once this server says whom it can write to."
        super().__init__("archive_contact_missing", message, service, reason="contact")
        self.hint = "Set outside.contact to a mail address or a web page of yours, and restart Segue."


class Restricted(Fault):
    """The archive does not give this file out: it may only be listened to there, or not at all."""

    status = 403

    def __init__(self, service: str, identifier: str, name: str, http_status: int) -> None:
        message = f"{service} does not give out {name!r} of {identifier}."
        super().__init__(
            "archive_restricted", message, service, reason="restricted", status_code=http_status, identifier=identifier
        )
