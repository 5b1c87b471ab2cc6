"""From documents of MusicBrainz to records: one album for each release, one track for each track of a release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from segue.catalog import records
from segue.catalog.records import Image
from segue.catalog.sources.dates import partial_date
from segue.catalog.sources.links import id_of_link
from segue.catalog.sources.musicbrainz import shapes

NAMESPACE = "musicbrainz"
CORE = "CC0-1.0"
DERIVED = "CC0-1.0 AND CC-BY-NC-SA-3.0"
"""Of a row that also bears genres or a rating, which are supplementary data of MusicBrainz."""
COVERS = "https://coverartarchive.org/release"
MOST_GENRES = 20


def key_of(mbid: str) -> int:
    """A number of 60 bits that stands for an MBID: its last 15 hexadecimal digits. Raises ValueError for what is none."""
    if len(mbid) != 36 or mbid[23] != "-":
        raise ValueError(f"{mbid[:60]!r} is no MBID")
    return int(mbid[20:23] + mbid[24:], 16)


def artist_of(given: shapes.Artist, derived: bool) -> records.Artist:
    """The record of a document of an artist. Raises ValueError where its id is none."""
    begin, end, ended = "", "", None
    if given.life_span is not None:
        begin, end = partial_date(given.life_span.begin)[0], partial_date(given.life_span.end)[0]
        ended = given.life_span.ended
    more = _only(
        sort_name=given.sort_name if given.sort_name != given.name else None,
        comment=given.disambiguation,
        type=given.type,
        gender=given.gender,
        country=given.country,
        area=given.area.name if given.area else None,
        begin=begin,
        end=end,
        ended=ended or None,
    )
    record = records.Artist(
        key=key_of(given.id),
        id=given.id,
        name=given.name,
        aliases=tuple(dict.fromkeys(alias.name for alias in given.aliases if alias.name != given.name)),
        ids=(
            f"musicbrainz:artist:{given.id}",
            *(f"musicbrainz:artist:{gid}" for gid in given.redirects),
            *(f"isni:artist:{isni}" for isni in given.isnis),
            *_linked(given.relations),
        ),
    )
    _add_derived(record, more, given.genres, given.rating, derived)
    record.more = more or None
    return record


def credited_artist(given: shapes.Credited) -> records.Artist:
    """The record of an artist of which only a credit is known. Raises ValueError where its id is none."""
    more = _only(
        sort_name=given.sort_name if given.sort_name != given.name else None,
        comment=given.disambiguation,
        type=given.type,
    )
    name = given.name
    return records.Artist(
        key=key_of(given.id), id=given.id, name=name, ids=(f"musicbrainz:artist:{given.id}",), more=more or None
    )


def album_of(given: shapes.Release, derived: bool) -> records.Album:
    """The record of a release, without its tracks. Raises ValueError where its id is none."""
    group = given.release_group
    date, precision = partial_date(given.date)
    events = [event for event in given.release_events or () if event.date or event.area]
    if not date:
        dates = sorted(partial_date(event.date) for event in events if event.date)
        date, precision = next((found for found in dates if found[0]), ("", ""))
    labels = [info for info in given.label_info if info.label or info.catalog_number]
    names = dict.fromkeys(info.label.name for info in labels if info.label and info.label.name)
    text = given.text_representation
    credited = given.artist_credit
    more = _only(
        comment=given.disambiguation,
        credits=_as_written(credited),
        release_group=_group(group, given.title) if group else None,
        status=given.status,
        packaging=given.packaging,
        country=given.country,
        events=[_event(event) for event in events] if len(events) > 1 else None,
        labels=[_label(info) for info in labels],
        media=[_medium(medium) for medium in given.media],
        language=text.language if text else None,
        script=text.script if text else None,
        asin=given.asin,
    )
    cover = given.cover_art_archive
    record = records.Album(
        key=key_of(given.id),
        id=given.id,
        name=given.title or "",
        type=_type(group),
        label=" / ".join(names),
        release_date=date,
        precision=precision,
        total_tracks=sum(len(tracks_of(medium)) or medium.track_count or 0 for medium in given.media),
        upc=_digits(given.barcode),
        images=tuple(Image(f"{COVERS}/{given.id}/front-{size}", size, size) for size in (500, 250))
        if cover is not None and cover.front
        else (),
        artists=tuple(key_of(credit.artist.id) for credit in credited if credit.artist),
        ids=(
            f"musicbrainz:release:{given.id}",
            *(f"musicbrainz:release:{gid}" for gid in given.redirects),
            *((f"musicbrainz:release-group:{group.id}",) if group else ()),
            *(f"musicbrainz:release-group:{gid}" for gid in (group.redirects if group else ())),
            *_linked(given.relations),
        ),
    )
    genres = given.genres or (group.genres if group else [])
    _add_derived(record, more, genres, group.rating if group else None, derived)
    record.more = more or None
    return record


def track_of(
    given: shapes.Track, release: shapes.Release, album: records.Album, disc: int, derived: bool
) -> records.Track:
    """The record of one track of a release. Raises ValueError where one of its ids is none."""
    recording = given.recording
    credited = given.artist_credit or (recording.artist_credit if recording else []) or release.artist_credit
    title = given.title or (recording.title if recording else None) or ""
    position = given.position or 0
    more = _only(credits=_as_written(credited), number=given.number if given.number != str(position) else None)
    ids: list[str] = []
    isrcs: tuple[str, ...] = ()
    length = given.length
    if recording is not None:
        ids.append(f"musicbrainz:recording:{recording.id}")
        ids += [f"musicbrainz:recording:{gid}" for gid in recording.redirects]
        ids += _linked(recording.relations)
        isrcs = tuple(recording.isrcs)
        length = length or recording.length
        more |= _only(
            recording_title=recording.title if recording.title != title else None,
            comment=recording.disambiguation,
            video=recording.video or None,
            first_release_date=partial_date(recording.first_release_date)[0],
        )
    ids.append(f"musicbrainz:track:{given.id}")
    record = records.Track(
        key=key_of(given.id),
        id=given.id,
        name=title,
        album=album.key,
        duration_ms=length or 0,
        track_number=position,
        disc_number=disc,
        isrcs=isrcs,
        artists=tuple([key_of(credit.artist.id) for credit in credited if credit.artist]),
        ids=tuple(ids),
    )
    if derived and recording is not None:
        _add_derived(record, more, recording.genres, recording.rating, derived)
    record.more = more or None
    return record


def tracks_of(medium: shapes.Medium) -> list[shapes.Track]:
    """Every track of a medium: the one hidden before the first, the rest, and those with data."""
    pregap = [medium.pregap] if medium.pregap else []
    return [*pregap, *medium.tracks, *medium.data_tracks]


def credited_of(release: shapes.Release) -> Iterator[shapes.Credited]:
    """Every artist that a release credits anywhere, as often as it does."""
    for credits in _credits_of(release):
        for credit in credits:
            if credit.artist is not None:
                yield credit.artist


def _credits_of(release: shapes.Release) -> Iterator[list[shapes.Credit]]:
    yield release.artist_credit
    for medium in release.media:
        for track in tracks_of(medium):
            yield track.artist_credit or (track.recording.artist_credit if track.recording else [])


def _type(group: shapes.ReleaseGroup | None) -> str:
    if group is None:
        return ""
    return "compilation" if "Compilation" in group.secondary_types else (group.primary_type or "").lower()


def _as_written(credited: Sequence[shapes.Credit]) -> list[dict[str, Any]] | None:
    """A credit as it is printed; None where it is one artist under its own name."""
    if len(credited) == 1 and not credited[0].joinphrase:
        only = credited[0]
        if only.artist is not None and (only.name or only.artist.name) == only.artist.name:
            return None
    return [
        _only(
            name=credit.name or (credit.artist.name if credit.artist else ""),
            join=credit.joinphrase,
            artist=credit.artist.id if credit.artist else None,
        )
        for credit in credited
    ]


def _group(group: shapes.ReleaseGroup, title: str | None) -> dict[str, Any]:
    return _only(
        id=group.id,
        title=group.title if group.title != title else None,
        type=group.primary_type,
        secondary_types=group.secondary_types,
        first_release_date=partial_date(group.first_release_date)[0],
    )


def _event(event: shapes.Event) -> dict[str, Any]:
    codes = event.area.iso_3166_1_codes if event.area else None
    return _only(date=partial_date(event.date)[0], country=codes[0] if codes else None)


def _label(info: shapes.LabelInfo) -> dict[str, Any]:
    label = info.label
    return _only(name=label.name if label else None, catalog_number=info.catalog_number, id=label.id if label else None)


def _medium(medium: shapes.Medium) -> dict[str, Any]:
    return _only(
        position=medium.position,
        format=medium.format,
        title=medium.title,
        tracks=len(tracks_of(medium)) or medium.track_count,
    )


def _digits(barcode: str | None) -> str | None:
    digits = (barcode or "").replace(" ", "").replace("-", "")
    return digits if digits.isascii() and digits.isdigit() else None


def _linked(relations: Sequence[shapes.Relation]) -> list[str]:
    """The ids behind a thing's links to pages elsewhere, in their order, once each."""
    if not relations:
        return []
    found = (id_of_link(relation.url.resource) for relation in relations if relation.url and not relation.ended)
    return list(dict.fromkeys(one for one in found if one))


def _add_derived(
    record: records.Artist | records.Album | records.Track,
    more: dict[str, Any],
    genres: Sequence[shapes.Genre],
    rating: shapes.Rating | None,
    derived: bool,
) -> None:
    """Genres (most votes first, then by name) and the rating, where they were asked for; then the row has another licence."""
    if not derived:
        return
    wanted = sorted(
        (genre for genre in genres if (genre.count or 0) > 0), key=lambda genre: (-(genre.count or 0), genre.name)
    )
    names = tuple(genre.name for genre in wanted[:MOST_GENRES])
    rated = rating is not None and rating.value is not None
    if names and isinstance(record, records.Track):
        more["genres"] = list(names)
    elif names and not isinstance(record, records.Track):
        record.genres = names
    if rating is not None and rated:
        more["rating"] = _only(value=rating.value, votes=rating.votes_count)
    if names or rated:
        record.licence = DERIVED


def _only(**members: Any) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in members.items() if value not in (None, "", [], ())}
