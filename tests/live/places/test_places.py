"""Locations as people write them, and where on earth they are."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from segue.live import places
from segue.live.places import Location, find, locate, read
from segue.live.places import gazetteer as gazetteer_module

CITIES = Path(gazetteer_module.__file__).with_name("cities.csv")


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("Ithaca, NY", Location("Ithaca", "NY", "US")),
        ("Englishtown, N.J.", Location("Englishtown", "NJ", "US")),
        ("San Francisco, Calif.", Location("San Francisco", "CA", "US")),
        ("Des Moines, Iowa, USA", Location("Des Moines", "IA", "US")),
        ("Berkeley CA 94720", Location("Berkeley", "CA", "US")),
        ("Toronto, Ontario, Canada", Location("Toronto", "ON", "CA")),
        ("Sydney, NSW, Australia", Location("Sydney", "NSW", "AU")),
        ("Munich, West Germany", Location("Munich", "", "DE")),
        ("London, England", Location("London", "England", "GB")),
        ("Burlington, VT (USA)", Location("Burlington", "VT", "US")),
        (
            "Barton Hall, Cornell University, Ithaca, NY",
            Location("Ithaca", "NY", "US", "Barton Hall, Cornell University"),
        ),
        ("Somewhere", Location("Somewhere")),
        ("Unknown, CA", Location("", "CA", "US")),
        ("California", Location("", "CA", "US")),
        ("unknown", Location()),
        ("", Location()),
        (" , ;", Location()),
    ],
)
def test_a_location_says_city_region_and_country(text: str, location: Location) -> None:
    assert read(text) == location


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("Ithaca, NY", "Ithaca NY US"),
        ("Saint Louis, Missouri", "St. Louis MO US"),
        ("N. Hollywood, CA", "North Hollywood CA US"),
        ("New York", "New York NY US"),
        ("NYC", "New York NY US"),
        ("Washington D.C.", "Washington DC US"),
        ("Toronto, CA", "Toronto ON CA"),
        ("Berlin, DE", "Berlin  DE"),
        ("Köln, Germany", "Cologne  DE"),
        ("Wien, Austria", "Vienna  AT"),
        ("London, UK", "London England GB"),
        ("Tbilisi, Georgia", "Tbilisi  GE"),
        ("Atlanta, Georgia", "Atlanta GA US"),
        ("Ithaca New York", "Ithaca NY US"),
        ("東京", None),
        ("London", None),
        ("Portland", None),
        ("Portland, Antarctica", None),
        ("Ithaca, CA", None),
        ("unknown", None),
    ],
)
def test_a_city_is_found_where_it_can_be_only_one(text: str, city: str | None) -> None:
    found = find(text)
    assert (found and f"{found.city} {found.region} {found.country}") == city


def test_a_location_is_taken_in_the_sense_in_which_its_city_is_known() -> None:
    location, place = locate("Massey Hall, Toronto, CA")
    assert (location.region, location.country, location.before) == ("ON", "CA", "Massey Hall")
    assert place is not None
    assert (round(place.latitude), round(place.longitude)) == (44, -79)
    assert locate("Nowhere, CA") == (Location("Nowhere", "CA", "US"), None)


def test_the_list_of_cities_has_every_one_once_at_a_place_on_earth_in_order() -> None:
    rows = list(csv.DictReader(CITIES.open(encoding="utf-8", newline="")))
    assert len(rows) > 1_200
    names = [(row["country"], row["region"], row["city"]) for row in rows]
    assert names == sorted(set(names))
    for row in rows:
        assert -60 < float(row["latitude"]) < 75
        assert -180 < float(row["longitude"]) < 180
        assert len(row["country"]) == 2
    regions = {row["region"] for row in rows if row["country"] == "US"}
    assert len(regions) == 51
    for row in rows:
        written = ", ".join(part for part in (row["city"], row["region"], row["country"]) if part)
        found = find(written)
        assert found is not None, written
        assert (found.city, found.region, found.country) == (row["city"], row["region"], row["country"])


def test_a_text_of_any_length_and_kind_is_read() -> None:
    for text in ("," * 5_000, "NY" * 2_000, "\x00\ud800, NY", "((((((", "A, " * 1_000 + "NY", "(" * 999 + ")" * 999):
        assert isinstance(places.read(text), Location)


def test_most_places_of_real_concerts_are_found(reference: Path) -> None:
    with gzip.open(reference / "live" / "recordings-1965-1976.jsonl.gz", "rt", encoding="utf-8") as lines:
        written = [json.loads(line)["location"] for line in lines]
    assert sum(find(one) is not None for one in written) / len(written) > 0.94
