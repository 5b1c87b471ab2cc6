"""A local stand-in for outside services: their wire formats, limits and signatures, and faults on demand.

For tests, for the demo and for developers; no domain imports it. `segue emulate` runs it; a service is one module, mounted
under its name (`/lastfm/2.0/`, `/listenbrainz/1/…`), and `/_control/…` steers it: faults, the clock, recorded requests.
"""

from segue.emulator.app import Emulator

__all__ = ["Emulator"]
