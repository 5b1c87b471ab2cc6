"""The one door to accounts: who people are, how they prove it, what they may see.

`AccountService(db, keys, policy)` has the verbs of its parts: People (accounts), Groups (access to libraries, audit),
AppPasswords, Sessions, and SignIn (authentication). Other domains get an Actor from it and never a user.
"""

from __future__ import annotations

from segue.accounts.app_passwords import AppPasswordView, MadeAppPassword
from segue.accounts.ground import AccountPolicy, Erased
from segue.accounts.groups import AuditView, Groups, GroupView
from segue.accounts.known import Person
from segue.accounts.people import FirstAdmin, People
from segue.accounts.sessions import SessionView, SignedIn
from segue.accounts.sign_in import COOKIE, Identity, SignIn


class AccountService(People, Groups, SignIn):
    """Every verb of accounts; see the parts. Make one a process, and `close` it."""


__all__ = [
    "COOKIE",
    "AccountPolicy",
    "AccountService",
    "AppPasswordView",
    "AuditView",
    "Erased",
    "FirstAdmin",
    "GroupView",
    "Identity",
    "MadeAppPassword",
    "Person",
    "SessionView",
    "SignedIn",
]
