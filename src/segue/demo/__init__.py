"""Music of Segue's own: composed by rule, rendered by code, so that a new installation has something to play.

Tempo, key and beats of every track are known exactly and kept beside the files, as truth for tests of the analysis.
"""
