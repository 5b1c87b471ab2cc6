"""Where concerts were: `Ithaca, N.Y.` read as a city, a region and a country, and where on earth that is."""

from segue.live.places.gazetteer import Place, city_key, find, find_parts, locate
from segue.live.places.reading import Location, read

__all__ = ["Location", "Place", "city_key", "find", "find_parts", "locate", "read"]
