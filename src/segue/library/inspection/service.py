"""The verbs of inspection. They only read, and say as much as the person who asks may see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import format_id, format_id_or_none
from segue.library import items
from segue.library.inspection import report, repository
from segue.library.inspection import schemas as s
from segue.library.measures import repository as measures
from segue.library.measures.showing import said_of
from segue.library.overrides import grouping
from segue.library.scan import documents
from segue.library.scan.facts import TrackTags
from segue.library.scan.formats.detect import extension
from segue.library.scan.paths import displayed, name_of, parent_of
from segue.library.scan.read import read_file
from segue.library.scan.tags.explain import explain
from segue.library.scan.tags.rules import Rules
from segue.library.schemas import GroupingItem, MeasuredItem, NamedItem, ReasonItem, TitledItem
from segue.library.service import LibraryService
from segue.library.tag_rules.service import TagRulesService

MOST_FILES = 500
MOST_SPELLINGS = 100
COMPARED = ("album", "album_artists", "musicbrainz_release_id", "date")
"""What the files of an album are compared in."""

SENTENCES = {
    "musicbrainz_id": "One artist because the files give the MusicBrainz id {musicbrainz_id}.",
    "name": "One artist because the files say the same name, “{name}”; case and spacing do not count.",
    "name_and_aliases": "One artist because the files say “{name}”, or a name that is known for it: {aliases}.",
}


class InspectionService:
    """Says why. `library` decides what somebody may see."""

    def __init__(self, db: Database, library: LibraryService, rules: TagRulesService) -> None:
        self._db = db
        self._library = library
        self._rules = rules

    async def file(self, actor: Actor, file_id: int) -> s.FileInspection:
        """What became of a file's tags, and why. Raises NotInLibrary."""
        view = await self._library.file(file_id, actor)
        found = await self._rules.in_force()
        async with self._db.read() as conn:
            row = await repository.file(conn, view.id)
            assert row is not None
            tracks = await repository.tracks_of_file(conn, view.id)
            inside = [await self._track(conn, track) for track in tracks]
            edited = await repository.edits(conn, "track", [track.id for track in tracks])
            of_albums = await repository.edits(conn, "album", {track.album_id for track in tracks})
        body: dict[str, Any] = await asyncio.to_thread(documents.decode, row.document) if row.document else {}
        explained = await asyncio.to_thread(explain, row.format or "", body.get("raw") or {}, found.rules)
        cue = body.get("cue")
        return s.FileInspection(
            id=format_id("fi", view.id),
            path=view.path,
            library=NamedItem(id=format_id("li", view.library.id), name=view.library.name),
            format=row.format,
            codec=row.codec,
            duration_ms=row.duration_ms,
            missing_since=row.missing_since,
            problem=next(iter(report.doubts([(row.problem_code, row.problem_params or {})])), None),
            doubts=report.doubts(row.doubts or ()),
            tags=report.tags(explained),
            fields=report.fields(explained),
            cue=None if cue is None else cue.get("name") or "inside the file",
            edits=[
                *report.edit_items("tr", edited, tell_who=actor.is_admin),
                *report.edit_items("al", of_albums, tell_who=actor.is_admin),
            ],
            tracks=inside,
            identity=s.IdentityItem(
                audio_key=_hex(row.audio_key),
                audio_key_kind=row.audio_key_kind,
                exact_hash=_hex(row.exact_audio_hash),
                tag_hash=_hex(row.tag_hash),
                musicbrainz_recording_id=explained.tags.recording_mbid,
                size_bytes=row.size_bytes,
                modified_ns=row.mtime_ns,
            ),
            rules=s.RulesItem(
                hash=_hex(row.rules_hash),
                current=row.rules_hash == found.rules.hash,
                source=found.source,
                truncated=bool(body.get("raw_truncated")),
            ),
        )

    async def track(self, actor: Actor, track_id: int) -> s.FileInspection:
        """`file` of the file that a track is in. Raises NotInLibrary."""
        view = await self._library.track(track_id, actor)
        return await self.file(actor, view.file.id)

    async def file_at(self, actor: Actor, path: bytes) -> s.FileInspection | None:
        """`file` of the one at this absolute path; None where it is in no library."""
        async with self._db.read() as conn:
            known = await repository.file_at(conn, path)
        return None if known is None else await self.file(actor, known)

    async def album(self, actor: Actor, album_id: int) -> s.AlbumInspection:
        """Why these tracks are one album. Raises NotInLibrary."""
        page = await self._library.album(album_id, actor)
        number = page.album.id
        async with self._db.read() as conn:
            row = await repository.album(conn, number)
            assert row is not None
            files = await repository.files_of_album(conn, number, MOST_FILES)
            total = await repository.count_tracks(conn, number)
            edited = await repository.edits(conn, "album", [number])
            merged = await repository.merged_into(conn, "album", number)
            acts = await repository.history(conn, "album", number)
        members = await asyncio.to_thread(_members, files)
        return s.AlbumInspection(
            album=TitledItem(id=format_id("al", number), title=row.title),
            artist_display=row.artist_display,
            grouping=_grouping(row),
            total=total,
            files=members,
            disagreements=_disagreements(members),
            edits=report.edit_items("al", edited, tell_who=actor.is_admin),
            merged=[format_id("al", one.old_id) for one in merged],
            history=report.history_items(acts, tell_who=actor.is_admin),
        )

    async def artist(self, actor: Actor, artist_id: int) -> s.ArtistInspection:
        """Why these credits are one artist. Raises NotInLibrary."""
        view = (await self._library.artist(artist_id, actor)).artist
        async with self._db.read() as conn:
            row = await repository.artist(conn, view.id)
            assert row is not None
            aliases = await repository.aliases(conn, view.id)
            spellings = await repository.spellings(conn, view.id, MOST_SPELLINGS)
            namesakes = await repository.namesakes(conn, view.id, row.name_key)
            merged = await repository.merged_into(conn, "artist", view.id)
            edited = await repository.edits(conn, "artist", [view.id])
            acts = await repository.history(conn, "artist", view.id, [one.old_id for one in merged])
        seen = {one.id for one in await self._library.artists_of([one.id for one in namesakes], actor)}
        makers = {
            old: act.made_by
            for act in acts
            if act.action == "merge" and act.params
            for old in act.params.get("merged", ())
        }
        return s.ArtistInspection(
            artist=NamedItem(id=format_id("ar", view.id), name=row.name),
            reason=_why_one(row, [alias.name for alias in aliases]),
            name_key=row.name_key,
            musicbrainz_id=row.musicbrainz_id,
            aliases=[s.AliasItem(name=one.name, locale=one.locale, source=one.source) for one in aliases],
            spellings=[
                s.SpellingItem(name=name or row.name, role=role, count=count) for name, role, count in spellings
            ],
            namesakes=[
                s.NamesakeItem(
                    id=format_id("ar", one.id),
                    name=one.name,
                    disambiguation=one.disambiguation,
                    musicbrainz_id=one.musicbrainz_id,
                )
                for one in namesakes
                if one.id in seen
            ],
            merged=[
                s.MergedItem(
                    id=format_id("ar", one.old_id),
                    merged_at=one.created_at,
                    merged_by=format_id_or_none("us", makers.get(format_id("ar", one.old_id)))
                    if actor.is_admin
                    else None,
                )
                for one in merged
            ],
            edits=report.edit_items("ar", edited, tell_who=actor.is_admin),
            history=report.history_items(acts, tell_who=actor.is_admin),
        )

    async def _track(self, conn: AsyncConnection, track: Any) -> s.InspectedTrack:
        album = await repository.album(conn, track.album_id)
        assert album is not None
        return s.InspectedTrack(
            track=TitledItem(id=format_id("tr", track.id), title=track.title),
            album=TitledItem(id=format_id("al", album.id), title=album.title),
            start_ms=track.start_ms,
            grouping=_grouping(album),
            measured=await _measured(conn, track.id),
            shown_as_measured=[name for name, column in _MEASURED.items() if getattr(track, column)],
        )


async def _measured(conn: AsyncConnection, track: int) -> MeasuredItem | None:
    measure = (await measures.of_tracks(conn, [track])).get(track)
    if measure is None:
        return None
    said = (await said_of(conn, await measures.rows(conn, [track])))[track]
    return MeasuredItem.model_validate(items.measured(measure, None if "bpm" in said.edited else said.bpm))


_MEASURED: dict[Literal["bpm", "key", "replay_gain"], str] = {
    "bpm": "bpm_measured", "key": "key_measured", "replay_gain": "gain_measured",
}  # fmt: skip


def read_on_the_spot(path: Path, rules: Rules, source: str) -> s.FileInspection | None:
    """What a file says that is in no library; None where it is no file that Segue reads as music."""
    written = bytes(path.absolute())
    facts = read_file(parent_of(written) or b"/", name_of(written), want_pictures=False, rules=rules)
    if facts.tags is None and facts.problem is not None and not extension(written):
        return None
    return report.on_the_spot(written, facts, rules, source)


def _grouping(album: Any) -> GroupingItem:
    return GroupingItem(
        rule=album.rule, params=album.rule_params, sentence=grouping.sentence(album.rule, album.rule_params)
    )


def _members(files: Sequence[Any]) -> list[s.MemberItem]:
    members = []
    for row in files:
        tags = documents.tags_of(row.document, row.start_ms) if row.document else TrackTags()
        members.append(
            s.MemberItem(
                track=TitledItem(id=format_id("tr", row.id), title=row.title),
                file=format_id("fi", row.file_id),
                path=row.display_path,
                folder=displayed(row.folder),
                missing=row.missing_since is not None,
                album=tags.album,
                album_artists=[credit.name for credit in tags.album_artists],
                artists=[credit.name for credit in tags.artists],
                musicbrainz_release_id=tags.release_mbid,
                disc=tags.disc_number,
                position=tags.track_number,
                date=tags.date,
            )
        )
    return members


def _disagreements(members: Sequence[s.MemberItem]) -> dict[str, list[Any]]:
    """The fields in which the files of an album differ, with everything they say, the most frequent first."""
    found: dict[str, list[Any]] = {}
    for field in COMPARED:
        said = [getattr(member, field) for member in members]
        kinds: dict[str, list[Any]] = {}
        for value in said:
            kinds.setdefault(repr(value), []).append(value)
        if len(kinds) > 1:
            found[field] = [values[0] for values in sorted(kinds.values(), key=len, reverse=True)][:20]
    return found


def _why_one(artist: Any, aliases: Sequence[str]) -> ReasonItem:
    params: dict[str, Any]
    if artist.musicbrainz_id:
        code, params = "musicbrainz_id", {"musicbrainz_id": artist.musicbrainz_id}
    elif aliases:
        code, params = "name_and_aliases", {"name": artist.name, "aliases": ", ".join(aliases[:20])}
    else:
        code, params = "name", {"name": artist.name}
    return ReasonItem(code=code, params=params, sentence=SENTENCES[code].format_map(params))


def _hex(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).hex()
