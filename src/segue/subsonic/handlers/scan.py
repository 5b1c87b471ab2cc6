"""Media library scanning: getScanStatus, startScan."""

from __future__ import annotations

from segue.core.errors import Forbidden
from segue.library.scan.service import ScanService
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply


class ScansAreForAdministrators(Forbidden):
    """A scan costs everybody; only an administrator starts one."""

    def __init__(self) -> None:
        super().__init__("admin_only", "Only an administrator may start a scan.")


async def get_scan_status(call: Call) -> Reply:
    """Whether a scan is wanted or under way, and how many songs there are."""
    status = await call.service(ScanService).status(call.actor)
    return Reply("scanStatus", {"scanning": status.scanning, "count": status.count, "lastScan": status.finished_at})


async def start_scan(call: Call) -> Reply:
    """Ask for a scan of every library; `fullScan` reads every file again."""
    if not call.actor.is_admin:
        raise ScansAreForAdministrators
    full = call.parameters.boolean("fullScan", False)
    await call.service(ScanService).request(full=full, created_by=call.actor.user_id)
    return await get_scan_status(call)


METHODS = {
    "getScanStatus": Method(get_scan_status),
    "startScan": Method(start_scan),
}
