"""How much each piece of evidence counts: a multinomial logistic regression over the 24 keys with a ridge, fitted on the build
part of our own evaluation set together with renderings of Bach, Haydn, Mozart, Beethoven, Schumann and fiddle tunes
(docs/analysis.md, Key). The evidence of every key is weighed alike, so that no key is likelier than another.
"""

from __future__ import annotations

NAMED = {
    "temperley": 0.675,
    "bgate": 0.632,
    "temperley_even": 0.681,
    "albrecht_even": 0.589,
    "minor": -0.028,
    "dominant": 26.014,
    "subdominant": 4.570,
    "subtonic": 9.704,
    "first_chord": 2.589,
    "last_chord": 0.431,
    "bass": 1.554,
    "bass_fifth": 3.905,
    "first_bass": 2.013,
    "last_bass": 0.561,
}
IN_MAJOR = (
    4.80, 0.91, -3.84, -2.13, -1.87, 1.77, 0.15, 1.56, -0.34, -1.05, -2.98, 0.25,
    0.09, -1.89, 0.33, 1.42, 2.72, 2.15, -0.90, 0.01, 1.93, 5.01, -1.39, -0.78,
)  # fmt: skip
"""Of chords in a major key: major triads on the tonic, a semitone over it and so on, then the minor ones."""
IN_MINOR = (
    4.35, -1.81, -0.63, 0.43, -0.98, -3.84, -0.79, 2.35, 2.13, -1.03, 3.04, -0.44,
    6.32, -1.01, -3.48, -0.29, -1.58, 4.12, -0.86, -4.49, 0.07, -3.94, -2.31, -1.26,
)  # fmt: skip
"""The same of chords in a minor key."""
