"""How two tracks go together, and how many of them do: keys, tempo, energy, cue points, transitions and sets.

All but `service`, `repository` and `routes` is pure: facts go in, a plan with its reasons comes out.
"""
