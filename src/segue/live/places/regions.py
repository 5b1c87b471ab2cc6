"""Regions and countries by the names and abbreviations people write after a city."""

from __future__ import annotations

from functools import lru_cache

_STATES = """
AL Alabama|Ala; AK Alaska; AZ Arizona|Ariz; AR Arkansas|Ark; CA California|Calif|Cal; CO Colorado|Colo; CT Connecticut|Conn;
DE Delaware|Del; DC District of Columbia; FL Florida|Fla; GA Georgia; HI Hawaii; ID Idaho; IL Illinois|Ill; IN Indiana|Ind;
IA Iowa; KS Kansas|Kan|Kans; KY Kentucky|Ken; LA Louisiana; ME Maine; MD Maryland; MA Massachusetts|Mass; MI Michigan|Mich;
MN Minnesota|Minn; MS Mississippi|Miss; MO Missouri; MT Montana|Mont; NE Nebraska|Neb|Nebr|NB; NV Nevada|Nev;
NH New Hampshire; NJ New Jersey; NM New Mexico|N Mex; NY New York; NC North Carolina|N Carolina; ND North Dakota|N Dakota;
OH Ohio; OK Oklahoma|Okla; OR Oregon|Ore|Oreg; PA Pennsylvania|Penn|Penna; RI Rhode Island; SC South Carolina|S Carolina;
SD South Dakota|S Dakota; TN Tennessee|Tenn; TX Texas|Tex; UT Utah; VT Vermont; VA Virginia; WA Washington|Wash|Washington State;
WV West Virginia|W Virginia|W Va; WI Wisconsin|Wis|Wisc; WY Wyoming|Wyo
"""
_PROVINCES = """
AB Alberta|Alta; BC British Columbia; MB Manitoba|Man; NB New Brunswick; NL Newfoundland|Newfoundland and Labrador|NF;
NS Nova Scotia; NT Northwest Territories; NU Nunavut; ON Ontario|Ont; PE Prince Edward Island|PEI; QC Quebec|PQ|Que;
SK Saskatchewan|Sask; YT Yukon
"""
_AUSTRALIAN = """
ACT Australian Capital Territory; NSW New South Wales; NT Northern Territory; QLD Queensland; SA South Australia; TAS Tasmania;
VIC Victoria; WA Western Australia
"""
_BRITISH = "England England|Eng; Scotland Scotland; Wales Wales; Northern%Ireland Northern Ireland|N Ireland"
_COUNTRIES = """
US USA|United States|United States of America|America|U S A; CA Canada; GB United Kingdom|UK|Great Britain|Britain;
IE Ireland|Eire|Republic of Ireland; FR France; DE Germany|West Germany|East Germany|Deutschland|BRD|GER;
NL Netherlands|The Netherlands|Holland|NED; BE Belgium; LU Luxembourg; CH Switzerland|SUI; AT Austria; IT Italy|ITA;
ES Spain|ESP; PT Portugal; DK Denmark; SE Sweden; NO Norway; FI Finland; IS Iceland; PL Poland;
CZ Czech Republic|Czechia|Czechoslovakia; SK Slovakia; HU Hungary; SI Slovenia; HR Croatia; RS Serbia|Yugoslavia;
BA Bosnia|Bosnia and Herzegovina; MK North Macedonia|Macedonia; ME Montenegro; AL Albania; BG Bulgaria; RO Romania; GR Greece;
TR Turkey; CY Cyprus; MT Malta; EE Estonia; LV Latvia; LT Lithuania; BY Belarus; UA Ukraine; RU Russia|USSR|Soviet Union;
GE Georgia; AM Armenia; IL Israel; EG Egypt; MA Morocco; TN Tunisia; ML Mali; SN Senegal; GH Ghana; NG Nigeria; KE Kenya;
ET Ethiopia; TZ Tanzania; ZW Zimbabwe; ZA South Africa; JP Japan|JPN; KR South Korea|Korea; CN China; HK Hong Kong; MO Macau;
TW Taiwan; TH Thailand; VN Vietnam; KH Cambodia; MY Malaysia; SG Singapore; ID Indonesia; PH Philippines|The Philippines;
IN India; NP Nepal; LK Sri Lanka; AE United Arab Emirates|UAE; QA Qatar; LB Lebanon; JO Jordan; AU Australia|AUS;
NZ New Zealand|NZL; MX Mexico|Mex; GT Guatemala; BZ Belize; CR Costa Rica; PA Panama; NI Nicaragua; SV El Salvador;
HN Honduras; CU Cuba; JM Jamaica; DO Dominican Republic; BS Bahamas|The Bahamas; BM Bermuda; BB Barbados;
TT Trinidad|Trinidad and Tobago; AG Antigua; AW Aruba; CW Curacao; HT Haiti; PR Puerto Rico;
VI US Virgin Islands|USVI|Virgin Islands;
BR Brazil|Brasil; AR Argentina; CL Chile; UY Uruguay; PY Paraguay; BO Bolivia; PE Peru; EC Ecuador; CO Colombia; VE Venezuela;
GL Greenland; FO Faroe Islands; GI Gibraltar; IM Isle of Man; JE Jersey; GG Guernsey; MC Monaco; AD Andorra; SM San Marino;
LI Liechtenstein
"""
COUNTRY_OF_REGIONS = (("US", _STATES), ("CA", _PROVINCES), ("AU", _AUSTRALIAN), ("GB", _BRITISH))


ALSO_CITIES = frozenset(
    {"new york", "washington", "quebec", "luxembourg", "singapore", "hong kong", "monaco", "gibraltar", "macau"}
)
"""Names of regions and countries that mean the city where they stand alone."""


def plain(text: str) -> str:
    """A name of a region or country without points and case: `N.J.` and `n j` are `nj`; words keep their spaces."""
    words = text.replace(".", " ").casefold().split()
    return "".join(words) if words and all(len(word) == 1 for word in words) else " ".join(words)


@lru_cache(maxsize=1)
def regions() -> dict[str, tuple[tuple[str, str], ...]]:
    """What a name may stand for, likeliest first: (country, region), with an empty region for a country as such.

    `CA` is California before Canada, `Georgia` the state before the country.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for country, table in COUNTRY_OF_REGIONS:
        for code, names in _entries(table):
            for name in (code, *names):
                found.setdefault(plain(name), []).append((country, code))
    for code, names in _entries(_COUNTRIES):
        for name in (code, *names):
            found.setdefault(plain(name), []).append((code, ""))
    return {name: tuple(dict.fromkeys(meanings)) for name, meanings in found.items()}


def _entries(table: str) -> list[tuple[str, list[str]]]:
    entries = []
    for entry in table.split(";"):
        code, _, names = " ".join(entry.split()).partition(" ")
        entries.append((code.replace("%", " "), names.split("|")))
    return entries
