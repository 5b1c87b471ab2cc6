"""The archive of concert recordings: asking it politely, and what it says as our records."""

from segue.live.archive.client import ArchiveClient
from segue.live.archive.documents import Band, CacheFigures, FoundPage, ItemDocument, ListPage, Standing
from segue.live.archive.faults import ContactMissing, Restricted
from segue.live.archive.items import info_file, item_of_listed, item_of_metadata, with_info
from segue.live.archive.opening import ContentRange, OpenFile

__all__ = [
    "ArchiveClient",
    "Band",
    "CacheFigures",
    "ContactMissing",
    "ContentRange",
    "FoundPage",
    "ItemDocument",
    "ListPage",
    "OpenFile",
    "Restricted",
    "Standing",
    "info_file",
    "item_of_listed",
    "item_of_metadata",
    "with_info",
]
