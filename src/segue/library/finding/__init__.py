"""Finding the track that something means: a row of a playlist, a play that was reported, a line of somebody's history.

`FindingService.find` takes facts (`Wanted`) by the thousand and gives for each the best track with its score and reasons
(`Found`), or None. It asks, in this order, ids, ISRC with the length, where the file lies, and the words; `match` says
what each comes to.
"""

from segue.library.finding.service import FindingService
from segue.library.finding.wanted import Found, Other, Wanted, wanted_of

__all__ = ["FindingService", "Found", "Other", "Wanted", "wanted_of"]
