"""The bands of the archive for tests, who never were: what they play, where, and who taped it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """`collection` is its own one under etree, empty where it has none. `runs` are songs that go into one another."""

    key: str
    name: str
    collection: str
    spellings: tuple[str, ...]
    """How uploaders write its name, the right way first."""
    tonic: int
    songs: tuple[str, ...]
    runs: tuple[tuple[str, ...], ...]
    encores: tuple[str, ...]
    nicknames: tuple[tuple[str, str], ...] = ()
    tapers: tuple[str, ...] = ()
    shows: str = ""
    """Lines of `date [early|late] | venue | place | recordings | what is special`; see `archive_shows`."""


LANTERN = Band(
    key="lp",
    name="The Lantern Parade",
    collection="LanternParade",
    spellings=("The Lantern Parade", "Lantern Parade"),
    tonic=57,
    songs=(
        "Harbor Fog",
        "Coal Train",
        "Marigold",
        "Seven Mile Bridge",
        "Paper Lanterns",
        "Old Man Winter",
        "Sally in the Orchard",
        "The Ferryman's Daughter",
        "Blue Enamel",
        "Roundhouse",
        "Copper Kettle Rag",
        "Tin Cup Blues",
        "Weathervane",
        "Little Black Dog",
        "Salt and Timber",
        "Nobody's Wedding",
        "Quarry Road",
        "Moth to the Flame",
        "High Water Line",
        "Gathering Storm",
        "Drums",
        "Space",
    ),
    runs=(
        ("Harbor Fog", "Coal Train"),
        ("Drums", "Space"),
        ("Gathering Storm", "High Water Line", "Moth to the Flame"),
        ("Weathervane", "Roundhouse"),
    ),
    encores=("Paper Lanterns", "Nobody's Wedding", "Tin Cup Blues", "Good Night, Ladies"),
    nicknames=(("Harbor Fog", "Fog"), ("Seven Mile Bridge", "7 Mile"), ("The Ferryman's Daughter", "Ferryman")),
    tapers=("Dell Hargrove", "R. Okafor", "Jim Pruitt", "Betsy Lund"),
    shows="""
1977-04-29 | Orpheum Theatre | Boston, MA | S A A |
1977-04-30 | Orpheum Theatre | Boston, MA | A A |
1977-05-06 early | Capitol Theatre | Passaic, NJ | S A |
1977-05-06 late | Capitol Theatre | Passaic, NJ | S A B |
1977-05-08 | Barton Hall | Ithaca, NY | S S+ M A A= F |
1977-05-09 | War Memorial | Buffalo, NY | S A Am |
1977-05-11 | Saint Paul Civic Center | Saint Paul, MN | A |
1977-09-03 | Raceway Park | Englishtown, NJ | A A F | Harvest Moon Festival
1977-10-29 | Evans Field House | DeKalb, IL | A Ax |
1978-01-22 | McArthur Court | Eugene, OR | S M |
1978-04-24 | Horton Field House | Normal, IL | S A |
1978-07-08 | Red Rocks Amphitheatre | Morrison, CO | s A M |
1978-11-18 | Uptown Theatre | Chicago, IL | Sh A |
1979-01-20 | Shea's Buffalo Theatre | Buffalo, NY | Sp A |
1979-02-09 | Soldiers and Sailors Memorial Hall | Kansas City, KS | C A |
1979-12-31 | Oakland Auditorium | Oakland, CA | s F A M A+ |
""",
)

HARBOR = Band(
    key="cldhrbr",
    name="Cold Harbor",
    collection="ColdHarbor",
    spellings=("Cold Harbor", "Cold Harbour"),
    tonic=52,
    songs=(
        "Antelope Wells",
        "Cartographer",
        "Dead Reckoning",
        "Eleven Stones",
        "Foxfire",
        "Glass Onion Skin",
        "Halfway to Helena",
        "Invisible Ink",
        "Juniper",
        "Kingfisher",
        "Long Division",
        "Mercator's Dream",
        "North of Nowhere",
        "Outside Lands",
        "Parallax",
        "Quicksilver Girl",
        "Runaway Barge",
        "Sextant",
        "Tidewater Reel",
        "Undertow",
    ),
    runs=(
        ("Dead Reckoning", "Sextant"),
        ("Parallax", "Kingfisher", "Parallax"),
        ("Undertow", "Tidewater Reel"),
    ),
    encores=("Juniper", "Halfway to Helena", "Foxfire"),
    nicknames=(("Mercator's Dream", "Mercator"), ("Halfway to Helena", "Helena")),
    tapers=("Tess Amadi", "Corey Blaine", "J. Whitlock"),
    shows="""
1994-06-17 | Wetlands Preserve | New York, NY | A A |
1994-06-18 | Wetlands Preserve | New York, NY | S A |
1994-08-05 | Lupo's Heartbreak Hotel | Providence, RI | A |
1995-03-09 | Higher Ground | Winooski, VT | S A M |
1995-03-10 | Higher Ground | Winooski, VT | A A+ |
1995-07-02 | Fiddler's Green | Englewood, CO | A | Front Range Jam
1995-10-31 | Agora Ballroom | Cleveland, OH | S A F |
1996-02-14 | The Fillmore | San Francisco, CA | s A |
1996-04-19 | Irving Plaza | New York, NY | A Ax |
1996-08-16 | Plattsburgh Air Force Base | Plattsburgh, NY | A A= M |
1997-01-01 | Roseland Ballroom | Portland, OR | A |
1997-05-24 | Sugarloaf Mountain | Kingfield, ME | S Am |
""",
)

IDA = Band(
    key="imns",
    name="Ida Mae & the Night Shift",
    collection="",
    spellings=("Ida Mae & the Night Shift", "Ida Mae and The Night Shift", "Ida Mae And The Nightshift"),
    tonic=50,
    songs=(
        "Third Rail",
        "Kitchen Door",
        "Ten Cent Coffee",
        "Last Bus Home",
        "Neon Psalm",
        "Work Song No. 2",
        "Velvet Rope",
        "Sister Rosalind",
        "Punch the Clock",
        "Graveyard Hours",
        "Ashtray Serenade",
        "Daybreak",
    ),
    runs=(("Third Rail", "Last Bus Home"),),
    encores=("Daybreak", "Kitchen Door"),
    nicknames=(("Work Song No. 2", "Work Song"),),
    tapers=("L. Barrow", "Anon"),
    shows="""
1985-11-15 early | Lone Star Cafe | New York, NY | A |
1985-11-15 late | Lone Star Cafe | New York, NY | A S |
1985-11-16 | Lone Star Cafe | New York, NY | S |
1986-02-08 | Jonathan Swift's | Cambridge, MA | F A |
1986-06-21 | Riverfront Park | Spokane, WA | A | Solstice Festival
1986-09-12 | Tipitina's | New Orleans, LA | A Ad |
""",
)

OSTRAVA = Band(
    key="on",
    name="Ostrava Nine",
    collection="",
    spellings=("Ostrava Nine",),
    tonic=45,
    songs=(
        "Ferry at Midnight",
        "Lamplighter",
        "Tin Roof",
        "Pilot",
        "Černá louka",
        "Slag Heap",
        "Night Tram",
        "Foundry Waltz",
        "Beskydy",
        "Two Chimneys",
    ),
    runs=(("Slag Heap", "Foundry Waltz"),),
    encores=("Pilot", "Beskydy"),
    tapers=("Hana D.",),
    shows="""
2018-11-02 | Akropolis | Praha, Czech Republic | A |
2019-10-04 | Cooltour | Ostrava, Czech Republic | S A |
2019-10-05 | Sono Centrum | Brno, Czech Republic | A M |
2019-10-12 | Porgy & Bess | Wien, Austria | A |
2020-02-29 | Fléda | Brno, Czech Republic | F |
2020-03-06 | Moods | Zürich, Switzerland | A🎷 |
""",
)

BANDS = (LANTERN, HARBOR, IDA, OSTRAVA)
