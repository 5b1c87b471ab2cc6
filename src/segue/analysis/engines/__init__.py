"""Who can listen: one interface, our own engine and others behind it. Nothing here imports what an engine needs."""

from segue.analysis.engines.interface import Engine, InChildren
from segue.analysis.engines.known import ENGINES, Places, engine_named

__all__ = ["ENGINES", "Engine", "InChildren", "Places", "engine_named"]
