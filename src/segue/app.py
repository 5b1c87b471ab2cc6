"""The composition root: from settings to everything Segue is, for the role of this process.

The only module that knows every domain. It says what can be asked, what can be played, which jobs there are, and what
one domain does when another erases a person.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from fastapi import Request

from segue import upkeep
from segue.accounts import tasks as account_tasks
from segue.accounts.service import AccountPolicy, AccountService
from segue.analysis import tasks as analysis_tasks
from segue.analysis.fields import FIELDS as ANALYSIS_FIELDS
from segue.analysis.ground import Ground as AnalysisGround
from segue.analysis.metrics import analysis_metrics
from segue.analysis.mixing.service import MixingService
from segue.analysis.service import AnalysisService
from segue.analysis.similar import tasks as similar_tasks
from segue.analysis.similar.fields import track_fields as similar_fields
from segue.analysis.similar.keeper import SpaceKeeper
from segue.analysis.similar.service import SimilarService
from segue.catalog import tasks as catalog_tasks
from segue.catalog.building import CatalogBuilding
from segue.catalog.metrics import catalog_metrics
from segue.catalog.service import CatalogService
from segue.catalog.updating import tasks as updating_tasks
from segue.catalog.updating.service import CatalogUpdating
from segue.core import articles
from segue.core.access import Actor
from segue.core.cache import Cache, open_cache
from segue.core.changes import ChangeFeed, ensure_epoch, forget_person
from segue.core.db import Database
from segue.core.edge.metrics import Metrics, MetricsPage
from segue.core.edge.proxies import Networks
from segue.core.errors import SegueError, Unavailable
from segue.core.events import Events
from segue.core.health import Health, database_check
from segue.core.migrate import Migrations, Report
from segue.core.outside import Outside
from segue.core.outside.metrics import outside_metrics
from segue.core.rest import Services
from segue.core.secrets import open_secret_keys
from segue.core.settings_store import SettingsService
from segue.core.storage import Storage, open_storage
from segue.core.telemetry import set_level
from segue.health_checks import answers, disk_space, worker_alive
from segue.jobs import JobService, Registry
from segue.jobs.metrics import job_metrics
from segue.jobs.service import Retention
from segue.library import tasks as library_tasks
from segue.library.called import Called
from segue.library.deliveries import DeliveryService
from segue.library.duplicates import tasks as duplicate_tasks
from segue.library.duplicates.service import DuplicateService
from segue.library.edits import tasks as edit_tasks
from segue.library.edits.service import EditService
from segue.library.feed import SHARED_KINDS
from segue.library.fields import ENTITIES
from segue.library.finding import FindingService
from segue.library.genres.service import GenreService
from segue.library.inbox import tasks as inbox_tasks
from segue.library.inbox.service import InboxService
from segue.library.inspection.service import InspectionService
from segue.library.journal import tasks as journal_tasks
from segue.library.journal.service import JournalService
from segue.library.lyrics.service import LyricsService
from segue.library.measures import tasks as measure_tasks
from segue.library.measures.service import MeasureService
from segue.library.metrics import forget_library, library_metrics
from segue.library.overrides import tasks as override_tasks
from segue.library.overrides.service import OverrideService
from segue.library.pictures.covers import CoverPictures
from segue.library.pictures.rules import choose_usual_order
from segue.library.pictures.service import PictureService
from segue.library.preview import tasks as preview_tasks
from segue.library.preview.service import PreviewService
from segue.library.scan.rules import choose_usual
from segue.library.scan.service import ScanService
from segue.library.scan.steering import ScanSteering
from segue.library.service import LibraryService
from segue.library.standing import StandingService
from segue.library.tag_rules import tasks as tag_rules_tasks
from segue.library.tag_rules.service import TagRulesService
from segue.library.writing import tasks as writing_tasks
from segue.library.writing.service import WritingService
from segue.listening import tasks as listening_tasks
from segue.listening.fields import FIELDS as LISTENING_FIELDS
from segue.listening.imports import tasks as import_tasks
from segue.listening.imports.metrics import import_metrics
from segue.listening.imports.service import ImportService
from segue.listening.matching import Matcher
from segue.listening.metrics import listening_metrics
from segue.listening.own_tags import OwnTagNames
from segue.listening.scrobbling import tasks as scrobbling_tasks
from segue.listening.scrobbling.metrics import scrobbling_metrics
from segue.listening.scrobbling.service import ScrobblingService
from segue.listening.service import ListeningService
from segue.listening.statistics.service import StatisticsService
from segue.listening.unwanted import NOT_HATED
from segue.live import tasks as live_tasks
from segue.live.alignment import tasks as alignment_tasks
from segue.live.alignment.service import AlignmentService
from segue.live.archive import ArchiveClient
from segue.live.archive.service import ArchiveService
from segue.live.archive.streaming import KeepHeard, TrackStreaming
from segue.live.downloads import tasks as download_tasks
from segue.live.downloads.ground import Ground as DownloadGround
from segue.live.downloads.metrics import download_metrics
from segue.live.downloads.service import DownloadService
from segue.live.downloads.shelf import LibraryShelf
from segue.live.downloads.source import ArchiveSource
from segue.live.fields import ENTITIES as LIVE_ENTITIES
from segue.live.keeping import tasks as keeping_tasks
from segue.live.keeping.applying import Applying
from segue.live.keeping.service import KeepingService
from segue.live.metrics import live_metrics
from segue.live.names import LiveNames
from segue.live.ranking import Weights
from segue.live.routes_stream import LocalPlaying
from segue.live.service import LiveService
from segue.live.shows.service import ShowsService
from segue.live.songs.service import SongService
from segue.live.tapes import tasks as tape_tasks
from segue.live.tapes.asking import Asking
from segue.live.tapes.service import TapeService
from segue.metadata.links import tasks as link_tasks
from segue.metadata.links.own_library import OwnLibrary
from segue.metadata.links.service import LinkService
from segue.metadata.service import MetadataService
from segue.playlists.brought import BroughtPlaylists
from segue.playlists.exchange import tasks as exchange_tasks
from segue.playlists.exchange.exporting import PlaylistExportService
from segue.playlists.exchange.keeping import Keeping
from segue.playlists.exchange.library_files import LibraryFilesService
from segue.playlists.exchange.matching import MatchingService
from segue.playlists.exchange.metrics import exchange_metrics
from segue.playlists.exchange.service import PlaylistImportService
from segue.playlists.fields import PLAYLIST
from segue.playlists.fields import track_fields as playlist_fields
from segue.playlists.generators.service import MixService
from segue.playlists.service import PlaylistService
from segue.query import Entities, Field
from segue.query.patience import patience_with
from segue.query.service import CalledByKind, QueryService
from segue.settings import Settings
from segue.streaming.send import play_if_here
from segue.streaming.service import StreamingService
from segue.tables import import_models

log = structlog.get_logger("segue")


class Starting(Unavailable):
    def __init__(self) -> None:
        super().__init__("starting", "Segue is starting.", retry_after_s=2, hint="Ask again in a moment.")


class DataFolderUnusable(SegueError):
    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            "data_folder_unusable",
            f"The data folder {folder} cannot be used: {why}.",
            hint="`--data-dir` or SEGUE_DATA_DIR chooses another.",
        )


class NoSuchFolder(SegueError):
    def __init__(self, folder: Path, why: str = "There is no such folder") -> None:
        super().__init__("no_such_folder", f"{why}: {folder}")


def check_data_dir(folder: Path) -> None:
    """Make the data folder where it is not there, and see that it can be written. Raises DataFolderUnusable."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".segue-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise DataFolderUnusable(folder, error.strerror or str(error)) from None


def check_folders(folders: Sequence[Path]) -> list[bytes]:
    """The folders as absolute paths in bytes. Raises NoSuchFolder for one that is none, or cannot be read."""
    roots = []
    for folder in folders:
        path = folder.expanduser().absolute()
        if not path.exists():
            raise NoSuchFolder(path)
        if not path.is_dir():
            raise NoSuchFolder(path, "This is not a folder")
        if not os.access(path, os.R_OK | os.X_OK):
            raise NoSuchFolder(path, "This folder cannot be read")
        roots.append(os.fsencode(path.resolve()))
    return roots


class Segue:
    """One process of Segue: its database, its services, and how they hang together.

    `open` brings the tables up to date and makes the services; until then every request is told to wait.
    """

    def __init__(self, settings: Settings) -> None:
        self._started_with = settings
        self.keys = open_secret_keys(settings.data_dir, os.environ.get("SEGUE_SECRET_KEY"))
        self.db: Database = settings.database_target.open(
            readers=settings.database.readers,
            writers=settings.database.writers,
            lock_limit_s=settings.database.lock_limit_s,
        )
        self.migrations = Migrations(self.db, settings.data_dir / "backups", keep=settings.database.keep_backups)
        self.settings = SettingsService(self.db, settings)
        self.services = Services(_nobody_yet)
        self.metrics = Metrics()
        self.health = Health(self.db)
        self.health.register("database", database_check(self.db), critical=True)
        self.services.add(self.health)
        self.services.add(MetricsPage(self.metrics, self._who_may_read_metrics))
        self.is_open = False
        self._listened = settings.analysis.enabled
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(
        self, report: Report | None = None, started: Callable[[Segue], Awaitable[None]] | None = None
    ) -> None:
        """Migrate, read the settings table, and put the services together. Raises what stands in the way.

        `started` is awaited when the services are there, before anybody is let in and readiness is said.
        """
        import_models()
        await self.migrations.upgrade(report or self._say)
        await ensure_epoch(self.db)
        self.settings.on_change(lambda changed: set_level(changed.log.level))
        self.settings.on_change(self._use_articles)
        self.settings.on_change(self._use_measures)
        self.settings.on_change(self._use_analysis)
        self.settings.on_change(self._use_updates)
        self.settings.on_change(self._use_ranking)
        await self.settings.load()
        self._compose(self.settings.current)
        await self.services.get(JobService).declare()
        await self.services.get(StandingService).check()
        await self.services.get(MeasureService).check()
        await self.services.get(AnalysisService).check()
        await self.services.get(ListeningService).check()
        await self.services.get(GenreService).bring_up_to_date()
        await self.services.get(WritingService).recover()
        await self.services.get(InboxService).recover()
        self.services.get(CatalogService).watch()
        if started is not None:
            await started(self)
        self.is_open = True
        self.health.ready()

    async def close(self) -> None:
        """Let go of everything, in the opposite order."""
        self.health.stopping()
        await self.health.close()
        if self.is_open:
            self.is_open = False
            await self.services.get(Events).close()
            await self.services.get(CatalogService).close()
            await self.services.get(SimilarService).close()
            await self.services.get(ScanService).close()
            await self.services.get(WritingService).close()
            await self.services.get(ListeningService).close()
            await self.services.get(AccountService).close()
            await self.services.get(ScrobblingService).close()
            await self.services.get(Outside).close()
            await self.services.get(Cache).close()
        await self.db.close()

    def _compose(self, settings: Settings) -> None:
        add = self.services.add
        add(self.db)
        add(self.settings)
        add(self.migrations)
        feed = add(ChangeFeed(self.db))
        for kind, seen in SHARED_KINDS.items():
            feed.limit(kind, seen)
        add(self._storage(settings))
        add(open_cache(settings.redis.url, items=settings.cache.items))
        outside = add(
            Outside(
                self.db,
                self.services.get(Cache),
                enabled=lambda: self.settings.current.outside.enabled,
                contact=settings.outside.contact,
            )
        )
        metadata = add(MetadataService(outside, lambda: self.settings.current))
        archive = add(ArchiveClient(outside, lambda: self.settings.current))

        jobs = add(
            JobService(self.db, registry(settings), time_zone=settings.time_zone, retention=_retention(settings))
        )
        catalog = add(CatalogService(lambda: self.settings.current, follow=self.settings.follow))
        add(CatalogBuilding(jobs, catalog, lambda: self.settings.current))
        add(CatalogUpdating(catalog, self.settings.follow))
        accounts = add(AccountService(self.db, self.keys, _policy(settings)))
        entities = Entities((*ENTITIES, PLAYLIST, *LIVE_ENTITIES)).extended(LISTENING_FIELDS)
        entities = entities.extended({"tracks": playlist_fields(lambda: accounts)}).extended(ANALYSIS_FIELDS)
        alike = {"tracks": similar_fields(lambda: self.services.get(SimilarService), lambda: accounts)}
        entities = entities.extended(alike)
        library = add(LibraryService(self.db, entities))
        accounts.all_libraries = library.ids_of_libraries
        choose_usual(settings.grouping.rules)
        similar = add(SimilarService(self.db, library, SpaceKeeper(self.db, settings.data_dir / "similar")))
        similar.passed_over, similar.jobs = NOT_HATED, jobs
        finding = add(FindingService(self.db))
        add(OverrideService(self.db, jobs))
        choose_usual_order(settings.artwork.order)
        scan = add(ScanService(self.db, jobs, self.services.get(Storage), settings))
        scan.on_library_removed.append(add(JournalService(self.db, jobs)).library_removed)
        add(PreviewService(self.db, jobs, scan, settings))
        steering = add(ScanSteering(self.db, jobs, scan))
        add(LyricsService(self.db, library))
        add(PictureService(self.db, library, self.services.get(Storage), scan.shrinking_pool))
        tag_rules = add(TagRulesService(self.db, jobs, settings.data_dir, settings.tags.file, scan.request))
        add(InspectionService(self.db, library, tag_rules))
        scan.tag_rules = tag_rules.rules
        scan.on_scanned.append(tag_rules.apply_if_changed)
        listening = add(ListeningService(self.db, library, jobs))
        similar.plays, similar.own_labels = listening.played_since, listening.tags_of_tracks
        standing = add(StandingService(self.db, jobs, self.settings))
        standing.plays = listening.plays_of
        add(MeasureService(self.db, jobs, self.settings))
        listening.on_played.append(standing.played)
        listening.tell_plays = standing.tell_plays
        listening.matcher = Matcher(self.db, listening, finding, accounts)
        add(StatisticsService(self.db, library))
        scrobbling = add(ScrobblingService(self.db, self.keys, jobs, metadata, lambda: self.settings.current))
        scrobbling.finding, scrobbling.listening, scrobbling.music = finding, listening, library
        scrobbling.actor_for = accounts.actor_for
        listening.on_counted.append(scrobbling.play_counted)
        listening.on_loved.append(scrobbling.loved)
        listening.on_hated.append(scrobbling.hated)
        listening.on_now_playing.append(scrobbling.now_playing)
        self.db.followers["album"] = [listening.on_album_ended, standing.on_album_ended]
        playlists = add(PlaylistService(self.db, library, entities))
        playlists.people = accounts
        playlists.pictures = CoverPictures(self.db, self.services.get(Storage), scan.shrinking_pool)
        feed.follow(playlists.touched)
        keeping = Keeping(self.db, library, entities)
        keeping.people = accounts
        matching = add(MatchingService(self.db, keeping, finding, feed, jobs))
        scan.on_scanned.append(matching.after_scan)
        imports_of_lists = add(
            PlaylistImportService(
                self.db, playlists, keeping, finding, jobs, self.services.get(Storage), entities["tracks"]
            )
        )
        exports = add(PlaylistExportService(self.db, playlists, finding, entities["tracks"]))
        list_files = add(
            LibraryFilesService(
                self.db,
                playlists,
                keeping,
                finding,
                jobs,
                self.services.get(Storage),
                exports,
                entities["tracks"],
                scan.playlist_files,
                accounts.oldest_admin,
            )
        )
        scan.on_lists_found.append(list_files.found)
        playlists.on_changed.append(list_files.list_changed)
        mixes = add(MixService(self.db, library, self.services.get(StatisticsService), playlists))
        mixes.similar = similar
        imports = add(
            ImportService(
                self.db,
                jobs,
                listening,
                library,
                finding,
                self.services.get(Storage),
                self.services.get(MetadataService),
                settings.data_dir / "imports",
            )
        )
        imports.people, imports.playlists = accounts, BroughtPlaylists(playlists)
        domains: dict[str, Mapping[str, Iterable[Field]]] = {
            "listening": LISTENING_FIELDS,
            "playlists": {"tracks": playlist_fields(lambda: accounts), "playlists": PLAYLIST.fields.values()},
            "live": {entity.name: entity.fields.values() for entity in LIVE_ENTITIES},
            "analysis": {"tracks": [*ANALYSIS_FIELDS["tracks"], *alike["tracks"]]},
        }
        songs = add(SongService(self.db, entities, jobs))
        songs.on_searched.append(listening.note_search)
        shows = add(ShowsService(self.db, library))
        self.db.followers.setdefault("concert", []).append(shows.on_concert_ended)
        names = CalledByKind(Called(library), LiveNames(self.db), OwnTagNames(self.db))
        add(QueryService(self.db, library.entities, names, domains))
        add(GenreService(self.db))
        duplicates = add(DuplicateService(self.db, library, jobs))
        edits = add(EditService(self.db, library, jobs))
        links = add(LinkService(self.db, catalog, library, edits, jobs))
        catalog.on_changed.append(links.after_change)
        self.services.get(CatalogBuilding).own_library = OwnLibrary(self.db, listening.plays_of)
        links.mentions.sources = {"playlists": matching.texts_after, "listening": listening.names_after}
        playlists.catalog = listening.catalog = links.mentions
        keeping.on_awaiting.append(links.texts_came)
        listening.on_unmatched.append(links.texts_came)
        scan.on_scanned.append(links.after_scan)
        self.db.followers["album"].append(links.on_album_ended)
        edits.on_artist_merged += [listening.on_artist_merged, standing.on_artist_merged, links.on_artist_merged]
        scan.on_scanned += [duplicates.after_scan, listening.after_scan]
        duplicates.on_track_merged += [
            listening.on_track_merged,
            standing.on_track_merged,
            playlists.on_track_merged,
            links.on_track_merged,
            edits.on_track_merged,
        ]
        ground = AnalysisGround(
            self.db,
            feed,
            jobs,
            self.services.get(Storage),
            library,
            self.services.get(MeasureService),
            self._settings_now,
        )
        ground.on_ended.append(similar.after_listening)
        analysis = add(AnalysisService(ground, edits))
        analysis.requests.audio_key = scan.audio_key_of
        mixing = add(MixingService(analysis))
        mixing.tracks_of_playlist, exports.mixing = playlists.track_ids, mixing
        scan.on_scanned.append(analysis.after_scan)
        edits.on_edited.append(analysis.after_edit)
        duplicates.on_track_merged.append(analysis.on_track_merged)
        writing = add(WritingService(self.db, library, jobs, self.services.get(Storage), scan.tag_rules))
        edits.on_edited.append(writing.after_edit)
        inboxes = add(InboxService(self.db, jobs, scan, edits, scan.tag_rules))
        scan.on_scanned.append(inboxes.after_scan)
        steering.on_options_changed.append(inboxes.options_changed)
        streaming = add(StreamingService())
        streaming.register("tr", scan)
        tracks_of_recordings = add(TrackStreaming(self.db, archive))
        tracks_of_recordings.files = scan
        streaming.register("lt", tracks_of_recordings)
        add(LocalPlaying(partial(play_if_here, streaming)))
        add(ArchiveService(self.db, archive, lambda: self.settings.current))
        live = add(LiveService(self.db, entities, archive, jobs))
        live.details_days = lambda: self.settings.current.live.details_days
        live.weights = self._weights
        self._ranked_by = self._weights()
        add(AlignmentService(self.db, jobs, scan))
        deliveries = add(DeliveryService(self.db, scan, steering, edits))
        shelf = LibraryShelf(deliveries, lambda: self.settings.current)
        source = ArchiveSource(self.services.get(ArchiveClient))
        downloads = add(DownloadService(DownloadGround(self.db, jobs, source, shelf, lambda: self.settings.current)))
        downloads.deliver_by(deliveries)
        duplicates.on_track_merged.append(downloads.on_track_merged)
        keep_heard = KeepHeard(
            lambda: self.settings.current.live.keep_streams,
            lambda actor, recording, name: downloads.enqueue(actor, recording, files=[name]),
        )
        tracks_of_recordings.heard_whole.append(keep_heard.heard_whole)
        downloads.know_by(live)
        nights = add(
            KeepingService(
                self.db, lambda: entities, jobs, downloads, lambda: self.settings.current.live.downloads.formats
            )
        )
        nights.make_playlist = lambda actor, name, tracks, comment: playlists.create(
            actor, name, tracks, comment=comment
        )
        add(Applying(nights, accounts, live.details))
        live.on_mirrored.append(nights.after_mirror)
        tapes = add(TapeService(self.db, jobs, deliveries))
        tapes.ask = lambda: Asking(self.db, archive, live.details)
        tapes.weights = self._weights
        scan.on_scanned.append(tapes.arrive)
        scan.on_scanned.append(downloads.arrive)
        scan.on_library_removed += [
            accounts.library_deleted,
            steering.forget_schedules,
            inboxes.library_removed,
            list_files.library_removed,
            links.library_removed,
            downloads.library_removed,
            forget_library,
        ]
        accounts.on_user_erased += [
            listening.on_user_erased,
            imports.on_user_erased,
            scrobbling.on_user_erased,
            imports_of_lists.on_user_erased,
            playlists.on_user_erased,
            links.on_user_erased,
            analysis.on_user_erased,
            downloads.on_user_erased,
            nights.on_user_erased,
            live.on_user_erased,
            shows.on_user_erased,
            jobs.on_user_erased,
            forget_person,
        ]

        events = add(Events(self.db, feed))
        events.add_progress("jobs", jobs.running)
        events.add_progress("scan", scan.progress)
        events.add_progress("downloads", downloads.progress)
        self.services.authenticate = accounts.authenticate
        self.metrics.add_source(lambda: job_metrics(self.db))
        self.metrics.add_source(lambda: library_metrics(self.db))
        self.metrics.add_source(scan.picture_metrics)
        self.metrics.add_source(lambda: outside_metrics(self.db))
        patience = patience_with(self.db)
        patience.limit_s = settings.query.time_limit_s
        self.metrics.add_source(patience.metrics)
        self.metrics.add_source(lambda: listening_metrics(self.db))
        self.metrics.add_source(lambda: analysis_metrics(self.db))
        self.metrics.add_source(lambda: scrobbling_metrics(self.db))
        self.metrics.add_source(lambda: exchange_metrics(self.db))
        self.metrics.add_source(lambda: import_metrics(self.db))
        self.metrics.add_source(lambda: catalog_metrics(catalog))
        self.metrics.add_source(lambda: live_metrics(self.db))
        self.metrics.add_source(lambda: download_metrics(self.db))
        self._register_health(settings)

    def _say(self, phase: str, done: int, total: int) -> None:
        """Let those who ask for our health know what a long start is at."""
        share = f" ({100 * done // total} %)" if total and phase == "backup" else ""
        doing = {"backup": "copying the database before it is changed", "migrate": "changing the tables"}[phase]
        self.health.starting(f"Segue is {doing}{share}.")

    def _use_articles(self, changed: Settings) -> None:
        """Sort by these lists from now on, and have what is sorted already sorted again."""
        articles.use(changed.library.articles)
        if self.is_open:
            task = asyncio.create_task(self.services.get(StandingService).check())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _use_measures(self, changed: Settings) -> None:
        """Have tempo and key shown by the choice between tag and measure that holds from now on."""
        if self.is_open:
            task = asyncio.create_task(self.services.get(MeasureService).check())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _use_updates(self, changed: Settings) -> None:
        """Have the catalogue updated every month from now on, or not any more."""
        monthly = updating_tasks.monthly(changed)
        if self.is_open and (jobs := self.services.get(JobService)).registry.schedule(monthly.name) != monthly:
            jobs.registry.add(monthly)
            task = asyncio.create_task(jobs.declare())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _use_analysis(self, changed: Settings) -> None:
        """Listen from now on, where that is turned on."""
        was, self._listened = self._listened, changed.analysis.enabled
        if self.is_open and changed.analysis.enabled and not was:
            task = asyncio.create_task(self.services.get(AnalysisService).turned_on())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _settings_now(self) -> Settings:
        return self.settings.current

    def _weights(self) -> Weights:
        return Weights(**self.settings.current.live.ranking.model_dump())

    def _use_ranking(self, _changed: Settings) -> None:
        """Put recordings in order by these weights from now on, and have those of every concert put in order again."""
        if self.is_open and (weights := self._weights()) != self._ranked_by:
            self._ranked_by = weights
            task = asyncio.create_task(self.services.get(LiveService).rank_anew())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _who_may_read_metrics(self) -> tuple[Networks, str | None]:
        given = self.settings.current.metrics
        return given.allowed, given.token.get_secret_value() if given.token else None

    def _register_health(self, settings: Settings) -> None:
        self.health.register("storage", answers("Storage", self.services.get(Storage).check))
        self.health.register("cache", answers("The cache", self.services.get(Cache).check))
        self.health.register("disk", disk_space(settings.data_dir), fresh_s=60)
        self.health.register("catalog", self.services.get(CatalogService).check)
        self.health.register("archive", self.services.get(ArchiveClient).check)
        self.health.register("worker", worker_alive(self.services.get(JobService), settings.jobs.lease_s))

    def _storage(self, settings: Settings) -> Storage:
        given = settings.storage
        return open_storage(
            given.url,
            settings.data_dir,
            endpoint=given.endpoint,
            region=given.region,
            access_key=given.access_key,
            secret_key=given.secret_key.get_secret_value() if given.secret_key else None,
        )


def registry(settings: Settings) -> Registry:
    """Everything this program can do in the background."""
    return Registry().add(
        account_tasks,
        library_tasks,
        measure_tasks,
        analysis_tasks,
        tag_rules_tasks,
        override_tasks,
        preview_tasks,
        journal_tasks,
        duplicate_tasks,
        edit_tasks,
        writing_tasks,
        inbox_tasks,
        listening_tasks,
        exchange_tasks,
        import_tasks,
        scrobbling_tasks,
        catalog_tasks,
        updating_tasks,
        updating_tasks.monthly(settings),
        link_tasks,
        alignment_tasks,
        similar_tasks,
        keeping_tasks,
        tape_tasks,
        download_tasks,
        live_tasks,
        upkeep,
    )


async def _nobody_yet(_request: Request) -> Actor | None:
    raise Starting


def _retention(settings: Settings) -> Retention:
    kept = timedelta(days=settings.jobs.keep_days)
    return Retention(done=kept, failed=max(kept, timedelta(days=30)), cancelled=kept)


def _policy(settings: Settings) -> AccountPolicy:
    auth = settings.auth
    return AccountPolicy(
        access_minutes=auth.access_minutes,
        refresh_days=auth.refresh_days,
        cookie_days=auth.cookie_days,
        verified_minutes=auth.verified_minutes,
        audit_days=auth.audit_days,
        free_attempts=auth.free_attempts,
        longest_wait_s=auth.longest_wait_s,
        time_zone=settings.time_zone,
        base_path=settings.server.base_path or "/",
    )
