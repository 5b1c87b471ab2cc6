"""The OpenSubsonic extensions that work here, by their names and versions in the specification."""

from __future__ import annotations

EXTENSIONS: dict[str, list[int]] = {
    "apiKeyAuthentication": [1],
    "formPost": [1],
}
