"""Bringing a history along: what other services and servers kept of a person's listening.

`formats/` reads what they give out, row by row and never trusting it; `stage` gathers the rows in a file of its own, where
they are matched and put in turn; `service` has the verbs; `gathering`, `bringing` and `undoing` are the work behind them.
"""
