"""How much each piece of evidence counts: a multinomial logistic regression over the 24 keys with a ridge, fitted on the build
part of our own evaluation set together with renderings of Bach, Haydn, Mozart, Beethoven, Schumann and fiddle tunes
(docs/analysis.md, Key). The evidence of every key is weighed alike, so that no key is likelier than another.
"""

from __future__ import annotations

NAMED = {
    "temperley": 0.836,
    "bgate": 0.710,
    "temperley_even": 0.850,
    "albrecht_even": 0.691,
    "minor": 0.001,
    "dominant": 22.744,
    "subdominant": 6.099,
    "subtonic": 23.549,
    "first_chord": 2.776,
    "last_chord": 0.495,
    "bass": 1.286,
    "bass_fifth": 5.014,
    "first_bass": 2.257,
    "last_bass": 0.775,
}
IN_MAJOR = (
    5.55, 0.99, -5.65, -2.12, -2.32, 1.64, -0.61, 2.39, -0.18, -1.49, -3.91, 0.43,
    0.95, -2.20, 2.27, 2.40, 2.11, 5.67, -1.41, -0.72, 1.39, 4.62, -3.39, -1.26,
)  # fmt: skip
"""Of chords in a major key: major triads on the tonic, a semitone over it and so on, then the minor ones."""
IN_MINOR = (
    4.40, -1.65, 0.88, -0.32, -1.02, -4.97, -0.73, 3.42, 2.69, -1.19, 4.24, -0.46,
    6.93, -2.17, -4.54, -0.17, -1.95, 6.69, -1.20, -6.44, -0.35, -3.17, -2.87, -1.18,
)  # fmt: skip
"""The same of chords in a minor key."""
