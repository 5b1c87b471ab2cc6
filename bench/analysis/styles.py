"""What each style plays: drums by the step, bass and chords by the beat, and the tempos people play it at.

**What the tempo of a clip is.** What a listener taps, by one rule for all: where there is a backbeat, kick and snare (or clap,
or rim) take turns at the beat. So a half-time feel, whose fine rhythm runs at twice its beat, is at the slow tempo, and a
double-time feel, whose harmony and melody move at half its beat, at the fast one. In 6/8 it is the dotted quarter, in 3/4
and 5/4 the quarter, in 7/8 the taps are uneven (2+2+3 eighths) and the tempo is that of the quarter. Stride and ragtime: the
left hand's bass notes are the beats, its chords lie between them. Where nothing is struck, harmony moves with the beat or
its multiples, and the bass enters on it.

In drum patterns a letter is a step: X loud, x plain, o quiet, . nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MACHINES = ("electronic", "sampled_large", "sampled_small")
HANDS = ("band", "sampled_large", "sampled_small")
PARLOUR = ("chamber", "band", "sampled_large", "sampled_small")
ROOMS = ("chamber", "sampled_large", "sampled_small", "electronic")
ALL = ("electronic", "band", "chamber", "sampled_large", "sampled_small")

Pattern = Mapping[str, str]


@dataclass(frozen=True)
class Style:
    """`bar` in beats, `div` steps a beat; `taps` within a bar; `swing` the share of the half beat (or, `swing_16`, of the
    quarter of it) that the first note takes; `chord_beats` how long a chord lasts; `melody` notes a beat, roughly."""

    bpm: tuple[float, float]
    drums: tuple[Pattern, ...]
    bass: tuple[str, ...]
    comp: tuple[str, ...]
    book: tuple[str, ...] = ("pop",)
    bar: float = 4.0
    div: int = 4
    taps: tuple[float, ...] = (0.0, 1.0, 2.0, 3.0)
    chord_beats: tuple[float, ...] = (4.0,)
    swing: tuple[float, float] = (0.5, 0.5)
    swing_16: bool = False
    melody: tuple[float, ...] = (0.6, 1.0, 1.6)
    sets: tuple[str, ...] = ALL


FOUR = "x...x...x...x..."
BACK = "....X.......X..."
EIGHTHS = "x.o.x.o.x.o.x.o."
SIXTEENTHS = "xoxoxoxoxoxoxoxo"
OFF = "..x...x...x...x."

ROCK = (
    {"kick": "X.......x.x.....", "snare": BACK, "hat": EIGHTHS},
    {"kick": "X.....x.x.......", "snare": BACK, "hat": EIGHTHS},
    {"kick": "X.x.....x.x...x.", "snare": BACK, "ride": EIGHTHS},
    {"kick": "X..x....x.x..x..", "snare": "....X..o.o..X...", "hat": EIGHTHS},
    {"kick": "X.......x.......", "snare": BACK, "tom_lo": "x.o.x.o.x.o.x.o."},
)
NO_DRUMS: tuple[Pattern, ...] = ({},)

STYLES: dict[str, Style] = {
    "house": Style((116, 130), (
        {"kick": FOUR, "clap": BACK, "open": OFF, "hat": SIXTEENTHS},
        {"kick": FOUR, "clap": BACK, "hat": "..x...x...x..xx.", "shaker": SIXTEENTHS},
        {"kick": FOUR, "snare": "....X.......X..o", "open": OFF, "conga_hi": "...x..x....x.x..", "conga_lo": "..........x....."},
    ), ("offbeat", "octave8", "synco"), ("stabs", "pad", "charleston"), ("pop", "vamp"), sets=MACHINES, chord_beats=(4, 8)),
    "techno": Style((124, 144), (
        {"kick": "X...X...X...X...", "hat": OFF, "clap": "............X...", "rim": "...x..x....x..x."},
        {"kick": "X...X...X...X...", "open": OFF, "tom_lo": "..x..x....x..x..", "shaker": SIXTEENTHS},
        {"kick": "X...X...X...X..x", "hat": SIXTEENTHS, "clap": BACK, "cowbell": "...x.....x......"},
    ), ("sixteen", "offbeat", "root8"), ("stabs", "arp16", "none"), ("vamp", "pop"), chord_beats=(8, 16), melody=(0.0, 0.5),
        sets=MACHINES),
    "trance": Style((132, 146), (
        {"kick": "X...X...X...X...", "clap": BACK, "open": OFF, "hat": SIXTEENTHS},
    ), ("offbeat", "gallop"), ("arp16", "pad"), sets=("electronic",), chord_beats=(4, 8)),
    "drum_and_bass": Style((164, 180), (
        {"kick": "X.........x.....", "snare": BACK, "hat": EIGHTHS},
        {"kick": "X.x.......x.....", "snare": "....X..o.o..X...", "ride": EIGHTHS},
        {"kick": "X.....x...x.....", "snare": "....X..o..o.X..o", "hat": SIXTEENTHS},
    ), ("long", "synco"), ("pad", "stabs"), ("pop", "vamp"), chord_beats=(8, 16), melody=(0.2, 0.4), sets=MACHINES),
    "hip_hop": Style((76, 100), (
        {"kick": "X..x......x.....", "snare": BACK, "hat": EIGHTHS},
        {"kick": "X.....x...x..x..", "snare": BACK, "hat": "x.x.xox.x.x.x.xo"},
        {"kick": "X.........xx....", "snare": "....X..o....X...", "hat": EIGHTHS, "shaker": "..x...x...x...x."},
    ), ("synco", "long", "root_fifth"), ("stabs", "pad", "charleston"), ("vamp", "pop", "jazz"), swing=(0.5, 0.6),
        swing_16=True),
    "trap": Style((60, 82), (
        {"kick": "X.....x...x.....", "snare": BACK, "hat": "xxxxxxxxxxxxxxxx"},
        {"kick": "X..x......x...x.", "clap": BACK, "hat": "xoxoxoxxxoxoxoxx", "open": "..............x."},
        {"kick": "X.......x.x..x..", "clap": BACK, "hat": "x.xxx.xxx.xxxxxx", "rim": "...x......x....."},
    ), ("long", "synco"), ("pad", "arp16", "arp8"), sets=MACHINES, chord_beats=(2, 4), melody=(1.0, 2.0)),
    "half_time_rock": Style((62, 88), (
        {"kick": "X.....x.x.x.....", "snare": BACK, "hat": "xoxoxoxoxoxoxoxo"},
        {"kick": "X.x...x..xx.....", "snare": BACK, "ride": "x.x.x.x.x.x.x.x."},
        {"kick": "X..x..x.x.......", "snare": BACK, "crash": "x...x...x...x...", "hat": "..x...x...x...x."},
    ), ("sixteen", "root8", "synco"), ("strum16", "power8", "arp16"), sets=("band", "chamber", "sampled_large", "sampled_small"),
        chord_beats=(2, 4), melody=(1.0, 2.0)),
    "half_time_synth": Style((64, 92), (
        {"kick": "X.........x.....", "snare": BACK, "hat": SIXTEENTHS, "shaker": "oooooooooooooooo"},
        {"kick": "X.......x.x.....", "clap": BACK, "open": "..x...x...x...x."},
    ), ("sixteen", "octave16"), ("arp16", "pad"), sets=ALL, chord_beats=(2, 4), melody=(1.0, 2.0)),
    "ballad": Style((60, 80), (
        {"kick": "X.........x.....", "snare": BACK, "hat": EIGHTHS},
        {"kick": "X......xx.......", "rim": BACK, "hat": EIGHTHS},
        {"kick": "X.........x.....", "snare": BACK, "hat": "x.o.x.o.x.o.x.oo", "tamb": "....o.......o..."},
    ), ("long", "root_fifth"), ("blocks", "arp8", "pad", "arp16"), ("pop", "classical"), chord_beats=(2, 4)),
    "rock": Style((96, 160), ROCK, ("root8", "root_fifth", "walk"), ("power8", "strum8", "strum_pop"), sets=HANDS,
        chord_beats=(2, 4)),
    "pop": Style((84, 132), (*ROCK, {"kick": FOUR, "snare": BACK, "hat": EIGHTHS, "tamb": "..o...o...o...o."}),
        ("root8", "root_fifth", "synco"), ("strum_pop", "blocks", "pad", "arp8"), ("pop",)),
    "disco": Style((108, 128), (
        {"kick": FOUR, "snare": BACK, "open": OFF, "hat": "x...x...x...x..."},
        {"kick": FOUR, "clap": BACK, "hat": SIXTEENTHS, "tamb": BACK},
    ), ("octave8", "synco"), ("skank", "charleston", "pad"), ("pop", "vamp"), chord_beats=(2, 4)),
    "funk": Style((90, 120), (
        {"kick": "X.x....x..x..x..", "snare": "....X..o.o..X..o", "hat": SIXTEENTHS},
        {"kick": "X..x..x...x.....", "snare": "....X..o.o.oX...", "hat": "xoxoxoxoxox.xoxo", "cowbell": "x...x...x...x..."},
        {"kick": "X.....x..x....x.", "snare": "....X.....o.X..o", "hat": EIGHTHS, "conga_hi": "..x..x.x..x..x.x"},
    ), ("funk", "synco"), ("scratch", "charleston"), ("vamp",), melody=(0.4, 0.8), swing=(0.5, 0.57), swing_16=True),
    "reggae": Style((66, 92), (
        {"kick": BACK, "rim": BACK, "hat": "x.o.x.o.x.o.x.o."},
        {"kick": "....X.......X..o", "rim": "....X.....o.X...", "hat": "x.xox.xox.xox.xo"},
        {"kick": "x...x...x...x...", "rim": BACK, "hat": "..x...x...x...x."},
    ), ("dub", "synco"), ("skank",), swing=(0.5, 0.6), swing_16=True, melody=(0.5, 1.0)),
    "punk": Style((160, 200), (
        {"kick": "X.......x.x.....", "snare": BACK, "hat": "x...x...x...x..."},
        {"kick": "X...x...X...x...", "snare": BACK, "ride": "x...x...x...x..."},
    ), ("root4", "root8"), ("power8", "power_long"), sets=HANDS, chord_beats=(8, 16), melody=(0.25, 0.5)),
    "train_beat": Style((150, 196), (
        {"kick": "x...o...x...o...", "snare": "o.o.X.o.o.o.X.o.", "hat": "............o..."},
        {"kick": "X.......x.......", "snare": "o.oxX.o.o.oxX.o."},
    ), ("root_fifth2",), ("strum_off", "arp4"), sets=("band", "chamber", "sampled_large", "sampled_small"), chord_beats=(8, 4),
        melody=(0.4, 0.8)),
    "fast_synth": Style((150, 200), (
        {"kick": "X.......x.......", "snare": BACK, "hat": "..x...x...x...x."},
        {"kick": "X.......x.x.....", "clap": BACK, "hat": "x...x...x...x..."},
    ), ("root4", "long"), ("pad", "power_long", "arp4"), chord_beats=(8, 16), melody=(0.25, 0.5)),
    "metal": Style((140, 190), (
        {"kick": "x.x.x.x.x.x.x.x.", "snare": BACK, "crash": "x...x...x...x..."},
        {"kick": "xxx.xxx.xxx.xxx.", "snare": BACK, "ride": "x...x...x...x..."},
    ), ("gallop", "root8"), ("power8",), sets=("band", "sampled_large"), melody=(0.5, 1.0)),
    "swing_jazz": Style((104, 200), (
        {"ride": "x...x.x.x...x.x.", "hat": "....x.......x...", "kick": "o...o...o...o..."},
        {"ride": "x...x.x.x...x.x.", "hat": "....x.......x...", "snare": "......o.......o."},
        {"brush": "x...X.x.x...X.x.", "hat": "....x.......x..."},
    ), ("walk",), ("charleston", "blocks"), ("jazz",), swing=(0.6, 0.68), melody=(1.0, 1.6), chord_beats=(4, 2)),
    "shuffle": Style((80, 136), (
        {"kick": "X.......x.......", "snare": BACK, "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X.....x.x.......", "snare": BACK, "ride": "x.x.x.x.x.x.x.x."},
    ), ("walk", "root8"), ("strum8", "charleston", "blocks"), ("vamp", "jazz"), swing=(0.62, 0.68)),
    "swung_beats": Style((84, 112), (
        {"kick": "X..x..x...x.....", "snare": BACK, "hat": SIXTEENTHS},
        {"kick": "X......x..x....x", "clap": BACK, "hat": SIXTEENTHS, "shaker": "..x...x...x...x."},
    ), ("synco",), ("stabs", "charleston", "pad"), ("vamp", "pop"), swing=(0.57, 0.66), swing_16=True),
    "ragtime": Style((76, 112), NO_DRUMS, ("stride",), ("offbeat_chords",), ("rag",), bar=2.0, taps=(0.0, 1.0),
        chord_beats=(2, 4), melody=(2.4, 3.0), sets=("chamber", "sampled_large", "sampled_small")),
    "oom_pah": Style((96, 132), ({"kick": "x.......x.......", "snare": "..o...x...o...x."}, {}), ("root_fifth",),
        ("offbeat_chords",), ("classical", "rag"), melody=(1.0, 1.8), sets=PARLOUR),
    "folk": Style((84, 136), ({"tamb": "....x.......x..."}, {"kick": "x.......x.......", "brush": BACK}, {}),
        ("root_fifth",), ("travis", "strum_pop", "strum8"), ("pop", "classical"), sets=PARLOUR),
    "clave": Style((88, 126), (
        {"clave": "x..x..x...x.x...", "conga_hi": "..x.x...x.x.x...", "conga_lo": "......x.......xx",
         "cowbell": "x.x.x.x.x.x.x.x."},
        {"clave": "..x.x...x..x..x.", "shaker": SIXTEENTHS, "kick": "x...x...x...x...", "conga_lo": "...x..x....x..x."},
    ), ("tumbao", "synco"), ("montuno", "charleston"), ("vamp", "pop"), melody=(0.4, 1.0)),
    "waltz": Style((88, 184), (
        {"kick": "X...........", "snare": "....o...o...", "hat": "....x...x..."},
        {"kick": "X...........", "brush": "....x...x..."},
        {},
    ), ("first",), ("waltz_chords", "arp8"), ("classical", "jazz", "pop"), bar=3.0, taps=(0.0, 1.0, 2.0), chord_beats=(3, 6),
        melody=(0.6, 1.0)),
    "six_eight": Style((60, 96), (
        {"kick": "X.....x.....", "snare": "...X.....X..", "hat": "xoxxoxxoxxox"},
        {"kick": "X....xx.....", "rim": "...X.....X..", "ride": "xooxooxooxoo"},
        {},
    ), ("long", "root_fifth"), ("arp_triplet", "blocks"), ("pop", "classical"), div=3, chord_beats=(2, 4), melody=(1.0, 1.6)),
    "five_four": Style((96, 176), (
        {"kick": "X.....x.....x.......", "snare": "........X.......X...", "ride": "x...x.x.x...x...x..."},
        {"kick": "X...........x.......", "snare": "....X...........X...", "hat": "x.o.x.o.x.o.x.o.x.o."},
    ), ("first_fourth",), ("five_chords", "arp8"), ("pop", "vamp"), bar=5.0, taps=(0.0, 1.0, 2.0, 3.0, 4.0), chord_beats=(5,)),
    "seven_eight": Style((104, 150), (
        {"kick": "X.......x.....", "snare": "....X.......X.", "hat": "x.o.x.o.x.o.o."},
        {"kick": "X.....x.x.....", "snare": "....X.......x.", "hat": "x.x.x.x.x.x.x."},
    ), ("seven",), ("seven_chords",), ("pop", "vamp"), bar=3.5, taps=(0.0, 1.0, 2.0), chord_beats=(3.5,)),
    "arpeggio": Style((66, 140), NO_DRUMS, ("long", "root_fifth"), ("arp8", "arp16", "arp_triplet"), ("pop", "classical"),
        chord_beats=(2, 4), melody=(0.0, 0.5, 1.0)),
    "chorale": Style((60, 100), NO_DRUMS, ("chorale",), ("chorale",), ("classical",), chord_beats=(1,), melody=(1.0,),
        sets=ROOMS),
    "strummed": Style((80, 144), NO_DRUMS, ("root_fifth",), ("strum_pop", "strum8", "travis"), sets=HANDS),
    "string_ostinato": Style((92, 160), NO_DRUMS, ("root8", "root4"), ("repeat8", "arp8"), ("pop", "classical"),
        melody=(0.25, 0.5), sets=ROOMS, chord_beats=(4, 8)),
    "romance": Style((60, 96), NO_DRUMS, ("long", "root_fifth"), ("arp8", "arp_triplet", "blocks"), ("classical", "pop"),
        chord_beats=(2, 4), melody=(0.8, 1.4), sets=("chamber", "sampled_large", "sampled_small", "electronic", "band")),
}  # fmt: skip

PLAYED = (
    "house",
    "techno",
    "trance",
    "drum_and_bass",
    "hip_hop",
    "ballad",
    "rock",
    "pop",
    "disco",
    "funk",
    "metal",
    "folk",
    "punk",
)
KINDS: dict[str, tuple[str, ...]] = {
    "steady": (*PLAYED, "pop", "ballad", "oom_pah", "arpeggio"),
    "drifting": ("rock", "pop", "ballad", "folk", "funk", "reggae", "swing_jazz", "disco", "shuffle"),
    "swing": ("swing_jazz", "shuffle", "swung_beats"),
    "half_time": ("trap", "half_time_rock", "half_time_synth"),
    "double_time": ("drum_and_bass", "punk", "train_beat", "fast_synth"),
    "modulating": ("pop", "ballad", "disco", "romance", "oom_pah", "rock"),
    "detuned": ("pop", "rock", "house", "folk", "arpeggio", "ballad", "hip_hop"),
    "percussion_only": ("house", "techno", "rock", "funk", "clave", "drum_and_bass", "hip_hop", "disco"),
    "no_percussion": ("arpeggio", "chorale", "strummed", "string_ostinato"),
    "rubato": ("romance", "chorale", "arpeggio"),
    "live_noise": ("rock", "pop", "funk", "folk", "ballad", "reggae", "shuffle", "disco"),
    "fading": ("house", "rock", "pop", "ballad", "arpeggio"),
    "odd_metre": ("waltz", "six_eight", "five_four", "seven_eight", "waltz"),
    "syncopated": ("ragtime", "funk", "reggae", "clave", "ragtime"),
}
