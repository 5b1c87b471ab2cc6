"""Bringing a history along: what other services and servers kept of a person's listening.

`formats/` reads what they give out, row by row and never trusting it; `stage` gathers the rows in a file of its own, where
they are matched and put in order of time; `service` has the verbs, `working` the jobs that read, bring in and take back.
"""
