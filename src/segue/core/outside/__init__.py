"""The one way out: every service on the network is asked through `Outside`, and answers a value, None or a fault.

cache → single flight → breaker → pacing → request → classified by status and body. A service is declared beside its
adapter (`Service`); one question is an `Ask`. See docs/developers/outside.md.
"""

from segue.core.outside.answer import Answer
from segue.core.outside.asking import Outside
from segue.core.outside.declare import Ask, Kept, Limit, Service, Terms
from segue.core.outside.faults import AuthFailed, Fault, ProviderBug, QuotaExhausted, Throttled, Transient

__all__ = [
    "Answer",
    "Ask",
    "AuthFailed",
    "Fault",
    "Kept",
    "Limit",
    "Outside",
    "ProviderBug",
    "QuotaExhausted",
    "Service",
    "Terms",
    "Throttled",
    "Transient",
]
