"""Every setting of Segue, typed, in one place, and where each value came from.

Later layers win: defaults < the settings table (what the web page changes) < DATABASE_URL, REDIS_URL and LOG_LEVEL < the YAML
file < SEGUE_* in the environment < flags. docs/operators/settings.md lists them all; a test holds it to that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, PrivateAttr, SecretStr

from segue.core.articles import DEFAULT_LISTS, checked
from segue.core.database_url import DatabaseTarget, database_target
from segue.core.layers import (
    DEFAULT,
    Layer,
    Leaf,
    Merged,
    SettingsError,
    UnknownSetting,
    Written,
    flatten,
    from_environment,
    leaves_of,
    merge,
    nearest,
    setting,
)
from segue.core.setting_types import (
    LOOPBACK,
    ArtworkSources,
    BasePath,
    GroupingRules,
    Hours,
    LogLevel,
    Networks,
    RecordingFolder,
    TimeZone,
    default_data_dir,
    folder_or_bucket,
    scheme,
    system_time_zone,
)

TABLE, FALLBACK, FILE, ENVIRONMENT, FLAGS = "settings table", "fallback", "file", "environment", "flag"
PREFIX = "SEGUE_"
CONFIG_VARIABLE = "SEGUE_CONFIG"
CONFIG_NAME = "segue.yaml"
SHORT = {"SEGUE_HOST": "server.host", "SEGUE_PORT": "server.port", "SEGUE_BASE_PATH": "server.base_path"}
FALLBACKS = {"DATABASE_URL": "database.url", "REDIS_URL": "redis.url", "LOG_LEVEL": "log.level"}
NOT_SETTINGS = (
    *(CONFIG_VARIABLE, "SEGUE_SECRET_KEY", "SEGUE_REFERENCE", "SEGUE_CATALOG_TOKEN"),
    *("SEGUE_TEST_", "SEGUE_DEV_", "SEGUE_SKIP_WEB", "SEGUE_OPENAPI", "SEGUE_WORKER_"),
)
"""Variables of ours that are no settings: where the settings are, the secret key, what shards and routers
know each other by, the test suite's, the build's."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class ServerSettings(_Part):
    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 for every network.", editable=False)
    port: int = setting(4747, "Port to listen on.", editable=False, ge=1, le=65535)
    base_path: BasePath = setting("", "Path under which a proxy shows Segue, such as /music.", editable=False)
    trusted_proxies: Networks = setting(
        (), "Addresses or networks whose X-Forwarded-* headers are believed; * believes everybody.", editable=False
    )
    cors_origins: tuple[str, ...] = setting(
        (), "Origins of other web apps that may call the API, such as https://app.example."
    )
    compress: bool = setting(True, "Whether answers are compressed (zstd, gzip) for those who can read it.")
    shutdown_s: float = setting(10.0, "Seconds that running requests get to finish when Segue stops.", ge=0, le=600)


class DatabaseSettings(_Part):
    url: str | None = setting(
        None, "postgresql://user:password@host/database, or the path of a SQLite file; none: segue.db in the data folder.",
        editable=False, hide=True,
    )  # fmt: skip
    readers: int = setting(8, "Connections for reading, in each process.", editable=False, ge=1, le=200)
    writers: int = setting(
        8, "Connections for writing, in each process (PostgreSQL; SQLite has one).", editable=False, ge=1, le=200
    )
    lock_limit_s: float = setting(30.0, "Seconds to wait for a locked database.", editable=False, ge=0.1, le=600)
    keep_backups: int = setting(3, "Copies of a SQLite database from before migrations that are kept.", ge=1, le=100)


class RedisSettings(_Part):
    url: Annotated[str, AfterValidator(scheme("redis", "rediss", "unix", "valkey", "valkeys"))] | None = setting(
        None, "Redis or Valkey shared by several processes, redis://host:6379/0; none: each process by itself.",
        editable=False, hide=True,
    )  # fmt: skip


class CacheSettings(_Part):
    items: int = setting(10_000, "Entries of the cache in memory, in each process.", ge=100, le=10_000_000)


class StorageSettings(_Part):
    url: Annotated[str, AfterValidator(folder_or_bucket)] | None = setting(
        None,
        "Where artwork and other made files are kept: a folder or s3://bucket/prefix; none: the data folder.",
        editable=False,
    )
    endpoint: Annotated[str, AfterValidator(scheme("http", "https"))] | None = setting(
        None, "Address of an S3-compatible service that is not Amazon's.", editable=False
    )
    region: str = setting("us-east-1", "Region of the bucket.", editable=False)
    access_key: str | None = setting(
        None, "S3 access key; none: AWS_* of the environment or the machine's role.", editable=False
    )
    secret_key: SecretStr | None = setting(None, "S3 secret key.", editable=False)


class AuthSettings(_Part):
    access_minutes: int = setting(15, "Minutes an access token is good for.", ge=1, le=1440)
    refresh_days: int = setting(7, "Days a refresh token is good for after its last use.", ge=1, le=365)
    cookie_days: int = setting(30, "Days a browser stays signed in when asked to remember.", ge=1, le=3650)
    free_attempts: int = setting(
        5, "Wrong passwords that cost nothing; each further one doubles the wait.", ge=1, le=100
    )
    longest_wait_s: float = setting(300.0, "Longest wait after wrong passwords, in seconds.", ge=1, le=86_400)
    verified_minutes: int = setting(10, "Minutes a verified password is remembered (as a keyed hash).", ge=0, le=1440)
    audit_days: int = setting(365, "Days that the record of sign-ins and account changes is kept.", ge=1, le=36_500)


class AdminSettings(_Part):
    username: str | None = setting(None, "Name of the administrator made at the first start.", editable=False)
    password: SecretStr | None = setting(None, "Their password; none: one is made and printed once.", editable=False)
    app_password: SecretStr | None = setting(None, "Their first app password, for Subsonic apps.", editable=False)


class ScanSettings(_Part):
    workers: int = setting(0, "Processes that read files; 0: one for each processor core, at most 8.", ge=0, le=64)
    watch: bool = setting(True, "Whether folders are watched, so that changes appear by themselves.")
    batch_window_s: float = setting(2.0, "Seconds that changes are collected before they are read.", ge=0.1, le=3600)
    memory_mb: int = setting(
        512, "Mebibytes one file may take to read before it is given up and marked.", ge=64, le=16_384
    )


class GroupingSettings(_Part):
    rules: GroupingRules = setting(
        (),
        "The rules that make albums, in the order in which they are asked; empty: the usual ones in the usual order.",
    )


class LibrarySettings(_Part):
    articles: Annotated[tuple[str, ...], AfterValidator(checked)] = setting(
        DEFAULT_LISTS,
        "Leading words that do not count when sorting, by language; * is for titles of unknown language.",
        restart=False,
    )
    tempo_and_key_from: Literal["tags", "analysis"] = setting(
        "tags", "Whose tempo and key are shown first: the files' tags, or what analysis heard; edits come before both.",
        restart=False,
    )  # fmt: skip


class TagSettings(_Part):
    file: Path | None = setting(
        None, "A file with your own rules for tags; none: tags.yaml in the data folder, if it is there.", editable=False
    )


class ImageSettings(_Part):
    workers: int = setting(1, "Processes that resize covers.", ge=1, le=64)


class ArtworkSettings(_Part):
    order: ArtworkSources = setting(
        ("embedded", "folder"),
        "Where covers come from, the best first: embedded, folder, or patterns of file names such as front*.jpg.",
    )
    cache_mb: int = setting(
        2048, "Mebibytes of small pictures that are kept; the oldest go first, and are made again when wanted.",
        ge=16, le=10_000_000,
    )  # fmt: skip


class JobSettings(_Part):
    workers: int = setting(4, "Jobs that run at once in one worker process.", ge=1, le=64)
    lease_s: float = setting(
        30.0, "Seconds after which the job of a worker that fell silent goes to another.", ge=2, le=3600
    )
    keep_days: int = setting(14, "Days that finished jobs are kept to look at.", ge=1, le=3650)


class MetricsSettings(_Part):
    token: SecretStr | None = setting(None, "Bearer token that may read /metrics.", editable=False)
    allowed: Networks = setting(
        LOOPBACK, "Addresses or networks that may read /metrics without a token.", restart=False
    )


class LogSettings(_Part):
    level: LogLevel = setting("info", "How much is logged.", restart=False)
    format: Literal["auto", "human", "json"] = setting(
        "auto", "Lines for people or for machines; auto: people on a terminal."
    )
    access: bool = setting(True, "Whether every request gets a line.", restart=False)


class OutsideSettings(_Part):
    enabled: bool = setting(True, "Whether outside services are asked at all.", restart=False)
    contact: str | None = setting(
        None, "Mail address or web page that services are told, so that they can reach whoever runs this server."
    )


class LastfmSettings(_Part):
    api_key: str | None = setting(
        None, "API key of Last.fm, from https://www.last.fm/api/account/create.", restart=False
    )
    secret: SecretStr | None = setting(None, "The shared secret that belongs to the API key.", editable=False)
    base_url: Annotated[str, AfterValidator(scheme("http", "https"))] = setting(
        "https://ws.audioscrobbler.com/2.0/", "Address of Last.fm's API.", editable=False
    )
    approval_url: Annotated[str, AfterValidator(scheme("http", "https"))] = setting(
        "https://www.last.fm/api/auth/", "Page of Last.fm on which people allow Segue to scrobble.", editable=False
    )


class ListenbrainzSettings(_Part):
    base_url: Annotated[str, AfterValidator(scheme("http", "https"))] = setting(
        "https://api.listenbrainz.org", "Address of the ListenBrainz that is usual here.", editable=False
    )


class LiveDownloadSettings(_Part):
    folder: Path | None = setting(
        None, "Folder that recordings are downloaded into; none: live in the data folder.", restart=False
    )
    template: RecordingFolder = setting(
        "{artist}/{date}[ {venue}]/{identifier}/", "The folder of each recording, a path template.", restart=False
    )
    formats: tuple[str, ...] = setting(
        ("Flac", "24bit Flac", "Shorten", "VBR MP3"), "Formats in the order in which they are preferred.", restart=False
    )
    kib_s: int = setting(
        0, "Kibibytes a second that downloads may take together; 0: no limit.", restart=False, ge=0, le=10_000_000
    )
    quiet_hours: Hours = setting(
        "",
        "Hours in which nothing is downloaded, in the server's zone, such as 18:00-23:30; empty: none.",
        restart=False,
    )
    free_gb: float = setting(
        5.0, "Gibibytes of the disk that stay free: nothing is downloaded that would leave less.", restart=False,
        ge=0, le=1_000_000,
    )  # fmt: skip
    quota_gb: float = setting(
        0.0, "Gibibytes that one person's downloads may take up; 0: no limit.", restart=False, ge=0, le=1_000_000
    )


class LiveRankingSettings(_Part):
    source_order: tuple[Literal["SBD", "MTX", "FM", "AUD", "UNKNOWN"], ...] = setting(
        ("SBD", "MTX", "FM", "AUD"), "Types of sources in the order in which they are preferred.", restart=False
    )
    preferred_people: tuple[str, ...] = setting(
        (),
        "Tapers and transferrers whose recordings are preferred, best first; a part of a name is enough.",
        restart=False,
    )
    completeness: float = setting(
        0.35, "How much it counts what share of the setlist a recording holds.", restart=False, ge=0, le=1
    )
    source_type: float = setting(0.25, "How much the type of its source counts.", restart=False, ge=0, le=1)
    rating: float = setting(0.20, "How much people's stars count.", restart=False, ge=0, le=1)
    people: float = setting(0.10, "How much it counts that it is by one of those preferred.", restart=False, ge=0, le=1)
    newest: float = setting(0.05, "How much it counts that no later transfer replaces it.", restart=False, ge=0, le=1)
    titles: float = setting(0.05, "How much it counts that its titles are understood.", restart=False, ge=0, le=1)
    gate: float = setting(
        0.90, "Share of the setlist from which a recording is complete, and comes before those that are not.",
        restart=False, ge=0, le=1,
    )  # fmt: skip


class LiveSettings(_Part):
    base_url: Annotated[str, AfterValidator(scheme("http", "https"))] = setting(
        "https://archive.org", "Address of the archive of concert recordings.", editable=False
    )
    collections: tuple[str, ...] = setting(
        ("etree",), "Collections of the archive whose bands are offered.", restart=False
    )
    requests_per_second: float = setting(
        1.0, "Questions to the archive in a second, at most; fewer as soon as it has too much to do.",
        restart=False, ge=0.02, le=5,
    )  # fmt: skip
    parallel_downloads: int = setting(
        2, "Files that are fetched from the archive at once, in each process.", restart=False, ge=1, le=8
    )
    keep_streams: bool = setting(
        False, "Whether a track that somebody heard whole from the archive is downloaded as well, where it may be.",
        restart=False,
    )  # fmt: skip
    details_days: float = setting(
        7.0, "Days after which the files and tracks of a recording are asked for again.", restart=False, ge=0, le=3650
    )
    keep_details_days: float = setting(
        365.0, "Days that they are still shown when the archive cannot be asked.", restart=False, ge=0, le=3650
    )
    search_minutes: float = setting(
        15.0, "Minutes for which the answer to a search of the archive counts.", restart=False, ge=0, le=10_080
    )
    library: str | None = setting(
        None, "Library that downloads go into, such as li-3; none: one of their own, made when it is first needed.",
        restart=False,
    )  # fmt: skip
    downloads: LiveDownloadSettings = LiveDownloadSettings()
    ranking: LiveRankingSettings = LiveRankingSettings()


class ScrobblingSettings(_Part):
    private_addresses: bool = setting(
        False,
        "Whether people who are no administrators may have their listens sent to addresses inside your own network.",
        restart=False,
    )


class CatalogUpdateSettings(_Part):
    source: Literal["none", "musicbrainz", "discogs", "two-file"] = setting(
        "none", "Whose dumps are fetched every month to build the catalogue from.", restart=False
    )
    dumps: Literal["json", "tables"] = setting(
        "json", "Which dumps of MusicBrainz: JSON documents, or tables (smaller, with redirects).", restart=False
    )
    derived: bool = setting(
        False, "Whether MusicBrainz's genres and ratings are taken in, which are not for commercial use.", restart=False
    )
    url: Annotated[str, AfterValidator(scheme("http", "https"))] | None = setting(
        None, "Address of a mirror of the dumps; none: that of who makes them.", editable=False
    )
    files: tuple[Annotated[str, AfterValidator(scheme("http", "https"))], ...] = setting(
        (), "Addresses of the two-file source: the main file, the file of tracks, the audio features.", editable=False
    )
    directory: Path | None = setting(
        None, "Folder for fetched dumps; none: catalog-dumps in the data folder.", editable=False
    )
    keep_dumps: bool = setting(False, "Whether dumps are kept once the catalogue is built.", restart=False)
    free_gb: int = setting(
        20, "Gibibytes of the disk that stay free; no dump is fetched that would leave less.", restart=False,
        ge=0, le=1_000_000,
    )  # fmt: skip


class CatalogSettings(_Part):
    snapshot: Path | None = setting(
        None, "Folder of the catalogue's snapshot; none: catalog in the data folder, if one is there.", restart=False
    )
    keep: int = setting(1, "Snapshots from before the present one that are kept.", restart=False, ge=0, le=100)
    update: CatalogUpdateSettings = CatalogUpdateSettings()


class AnalysisSettings(_Part):
    enabled: bool = setting(
        True, "Whether music is listened to in the background: tempo, key, loudness, similarity.", restart=False
    )
    engine: Literal["ours", "essentia", "service"] = setting(
        "ours", "Who listens: Segue itself, Essentia where it is installed, or a service of your own.", restart=False
    )
    essentia_python: Path | None = setting(
        None, "A Python interpreter that has Essentia; none: the one that Segue runs in.", editable=False
    )
    service_url: Annotated[str, AfterValidator(scheme("http", "https"))] | None = setting(
        None, "Address of a service of your own that listens.", editable=False
    )
    workers: int | None = setting(
        None, "Processes that listen; none: one fewer than there are cores, but at least one.", ge=1, le=256
    )
    jobs: int = setting(
        1, "Jobs that listen at once, each in a worker of its own; more than one only where several workers run.",
        restart=False, ge=1, le=64,
    )  # fmt: skip
    niceness: int = setting(15, "How far those processes stand behind others, 0 to 19.", ge=0, le=19)
    memory_mb: int = setting(400, "Mebibytes that listening to one file may take.", ge=100, le=65_536)
    least_speed: float = setting(
        10.0, "How many times faster than it plays a file must be listened to, or it is given up; a minute is always given.",
        restart=False, ge=0.1, le=1000,
    )  # fmt: skip
    quiet_hours: Hours = setting(
        "",
        "Hours in which only what people ask for is listened to, in the server's zone, such as 18:00-23:30; empty: none.",
        restart=False,
    )
    tempo_low: float | None = setting(
        None, "Tempos are told at or above this, in BPM, where a beat can be counted in several ways; none: no range.",
        restart=False, ge=20, le=300,
    )  # fmt: skip
    tempo_high: float | None = setting(
        None, "The upper end of that range, in BPM; twice the lower one leaves one way to count.", restart=False,
        ge=40, le=400,
    )  # fmt: skip
    upload_mb: int = setting(
        1024, "Mebibytes that a file may have that somebody sends or names to be listened to.", restart=False,
        ge=1, le=100_000,
    )  # fmt: skip
    requests_days: int = setting(
        30, "Days that requests for files outside of the library are kept, with what was heard.", restart=False,
        ge=1, le=3650,
    )  # fmt: skip
    keep_days: int = setting(
        365, "Days that what was heard is kept once no track has that sound any more.", restart=False, ge=0, le=36_500
    )


class QuerySettings(_Part):
    time_limit_s: float = setting(
        20.0, "Seconds that a question in the query language may take before it is refused.", ge=0.1, le=600
    )


class HousekeepingSettings(_Part):
    changes_days: int = setting(90, "Days that the change feed remembers what was deleted.", ge=1, le=3650)
    health_days: int = setting(14, "Days of health history that are kept.", ge=1, le=365)


class Settings(_Part):
    """Everything that can be set. Made by `load_settings`; unchanging."""

    data_dir: Path = setting(default_data_dir, "Folder for the database, artwork and the secret key.", editable=False)
    time_zone: TimeZone = setting(
        system_time_zone, "The server's zone, in which schedules and days are counted; a person may have their own."
    )
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    cache: CacheSettings = CacheSettings()
    storage: StorageSettings = StorageSettings()
    auth: AuthSettings = AuthSettings()
    admin: AdminSettings = AdminSettings()
    scan: ScanSettings = ScanSettings()
    library: LibrarySettings = LibrarySettings()
    grouping: GroupingSettings = GroupingSettings()
    tags: TagSettings = TagSettings()
    query: QuerySettings = QuerySettings()
    analysis: AnalysisSettings = AnalysisSettings()
    images: ImageSettings = ImageSettings()
    artwork: ArtworkSettings = ArtworkSettings()
    jobs: JobSettings = JobSettings()
    outside: OutsideSettings = OutsideSettings()
    lastfm: LastfmSettings = LastfmSettings()
    listenbrainz: ListenbrainzSettings = ListenbrainzSettings()
    live: LiveSettings = LiveSettings()
    scrobbling: ScrobblingSettings = ScrobblingSettings()
    catalog: CatalogSettings = CatalogSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()
    housekeeping: HousekeepingSettings = HousekeepingSettings()

    _winners: dict[str, str] = PrivateAttr(default_factory=dict)
    _layers: tuple[Layer, ...] = PrivateAttr(default=())
    _complaints: tuple[SettingsError, ...] = PrivateAttr(default=())

    def layer_of(self, key: str) -> str:
        """Which layer the value of `key` came from: default, settings table, fallback, file, environment or flag.

        Raises UnknownSetting.
        """
        _leaf(key)
        return self._winners.get(key, DEFAULT)

    def value_of(self, key: str) -> Any:
        """The value of the dotted `key`. Raises UnknownSetting."""
        _leaf(key)
        value: Any = self
        for name in key.split("."):
            value = getattr(value, name)
        return value

    def describe(self) -> list[SettingDescription]:
        """Every setting, in the order they are declared; secrets masked."""
        return [
            SettingDescription(
                key=leaf.key,
                type=leaf.type_name,
                default=leaf.shown(leaf.default()),
                value=leaf.shown(self.value_of(leaf.key)),
                layer=self.layer_of(leaf.key),
                description=leaf.description,
                editable=leaf.editable and self.layer_of(leaf.key) in (DEFAULT, TABLE),
                restart=leaf.restart,
                choices=leaf.choices,
            )
            for leaf in leaves().values()
        ]

    @property
    def database_target(self) -> DatabaseTarget:
        """The database to open. Raises BadDatabaseUrl."""
        return database_target(self.database.url, self.data_dir)

    @property
    def complaints(self) -> tuple[SettingsError, ...]:
        """What is wrong in the settings table (after a downgrade, say) and was therefore passed over."""
        return self._complaints

    def with_table(self, rows: Mapping[str, Any]) -> Settings:
        """These settings with the settings table's layer. What is wrong in it is passed over, see `complaints`."""
        others = [layer for layer in self._layers if layer.name != TABLE]
        complaints: list[SettingsError] = []
        table = Layer(TABLE, {key: Written(value, "settings table") for key, value in rows.items()}, complaints.append)
        return _settings([table, *others], complaints, self.data_dir)

    def check(self, key: str, value: Any) -> Any:
        """`value` as the JSON to store for `key` in the settings table. Raises UnknownSetting and WrongValue."""
        leaf = _leaf(key)
        return leaf.shown(leaf.validate(value))


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """One setting as a page or `segue settings` shows it. `value` and `default` are JSON; secrets are masked."""

    key: str
    type: str
    default: Any
    value: Any
    layer: str
    description: str
    editable: bool
    restart: bool
    choices: tuple[str, ...]


@lru_cache(maxsize=1)
def leaves() -> dict[str, Leaf]:
    """Every setting by its dotted key."""
    return leaves_of(Settings)


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    flag_names: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of this process, without the settings table (add it with `with_table` once the database is open).

    `flags` are dotted keys with the values given on the command line (None: not given), `flag_names` how each was
    spelled there, for messages. Raises SettingsError, whose message is one line.
    """
    environ = os.environ if environ is None else environ
    spelled = flag_names or {}
    given = {key: Written(value, spelled.get(key, "flag")) for key, value in (flags or {}).items() if value is not None}
    variables = from_environment(environ, leaves(), prefix=PREFIX, short=SHORT, ignored=NOT_SETTINGS)
    fallbacks = {key: Written(environ[name], name) for name, key in FALLBACKS.items() if environ.get(name)}
    later = [Layer(ENVIRONMENT, variables), Layer(FLAGS, given)]
    folder = Path(merge(leaves(), later).tree.get("data_dir") or default_data_dir(environ)).expanduser()
    layers = [Layer(FALLBACK, fallbacks), Layer(FILE, _file_values(environ.get(CONFIG_VARIABLE), folder)), *later]
    settings = _settings(layers, [], folder)
    settings.database_target  # noqa: B018 - a bad URL is said now, not when it is first used
    return settings


def _leaf(key: str) -> Leaf:
    leaf = leaves().get(key)
    if leaf is None:
        raise UnknownSetting(key, near=nearest(key, leaves()))
    return leaf


def _settings(layers: list[Layer], complaints: list[SettingsError], folder: Path | None = None) -> Settings:
    merged: Merged = merge(leaves(), layers)
    if folder is not None and "data_dir" not in merged.tree:
        merged.tree["data_dir"] = folder
    if "data_dir" in merged.tree:
        merged.tree["data_dir"] = Path(merged.tree["data_dir"]).expanduser().absolute()
    settings = Settings.model_validate(merged.tree)
    settings._winners, settings._layers, settings._complaints = merged.winners, tuple(layers), tuple(complaints)
    return settings


def _file_values(chosen: str | None, folder: Path) -> dict[str, Written]:
    path = Path(chosen).expanduser() if chosen else folder / CONFIG_NAME
    if not chosen and not path.exists():
        return {}
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"The settings file {path} is not UTF-8 text.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise SettingsError(f"The settings file {path}{line}: {problem}.") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise SettingsError(f"The settings file {path} must hold keys with values, such as server: {{port: 4747}}.")
    return flatten(document, leaves(), str(path))
