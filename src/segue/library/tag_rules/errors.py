"""What can be wrong with the rules for tags, beside the rules themselves."""

from __future__ import annotations

from segue.core.errors import Conflict


class RulesInFile(Conflict):
    """There is a file of rules, which counts more than what the web app keeps."""

    def __init__(self, path: str) -> None:
        super().__init__(
            "tag_rules_in_file",
            f"The rules for tags stand in the file {path}, which counts more than the ones kept here.",
            hint="Change the file, or move it away.",
            path=path,
        )
