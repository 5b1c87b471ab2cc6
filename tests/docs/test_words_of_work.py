"""Every kind of work has a name in both languages of the web app."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segue.app import registry
from segue.settings import load_settings

CATALOGUES = Path(__file__).resolve().parents[2] / "ui" / "src" / "i18n"


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_of_work_is_called_something_people_understand(language: str) -> None:
    names = re.search(r"jobNames: .*?\}\)", (CATALOGUES / f"{language}.ts").read_text(encoding="utf-8"), re.DOTALL)
    assert names is not None
    said = set(re.findall(r'"?([a-z][a-z_.]*)"?: "', names[0]))
    assert {str(kind) for kind in registry(load_settings()).kinds} - said == set()
