"""The specification that Segue is held against, and whether all of it is answered."""

from __future__ import annotations

from segue.subsonic.methods import METHODS
from tests.conformance.specification import Specification


def test_the_specification_is_the_one_that_was_read(specification: Specification) -> None:
    """When this fails the specification has changed: read what is new, then write the new sums here."""
    assert len(specification.endpoints) == 87
    assert specification.checksum == "812cb6d1cf564b649dd0ccf98c822af3c47814ddf2f17735a0eb200bdeffc5ec"


def test_every_method_of_the_specification_has_a_handler_and_no_other_has(specification: Specification) -> None:
    assert sorted(METHODS) == specification.endpoints
