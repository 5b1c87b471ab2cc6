"""Every answer of the protocol, declared once: Subsonic 1.16.1 with what OpenSubsonic added.

Names, order and types are the specification's. A field has a default where Segue knows the thing and the value may be
empty; it is left out where an empty value would be wrong (a rating of 0, a year of 0, a date that never was).
"""

from __future__ import annotations

from segue.subsonic.shapes import (
    REQUIRED,
    Root,
    Scalar,
    Shape,
    boolean,
    content,
    element,
    integer,
    many,
    number,
    one,
    shape,
    text,
    time,
)

ERROR = shape("Error", integer("code", REQUIRED), text("message"), text("helpUrl", opensubsonic=True))

ITEM_GENRE = shape("ItemGenre", text("name", REQUIRED))
ITEM_DATE = shape("ItemDate", integer("year"), integer("month"), integer("day"))
RECORD_LABEL = shape("RecordLabel", text("name", REQUIRED))
DISC_TITLE = shape("DiscTitle", integer("disc", REQUIRED), text("title", REQUIRED), text("coverArt"))
REPLAY_GAIN = shape(
    "ReplayGain",
    number("trackGain"),
    number("albumGain"),
    number("trackPeak"),
    number("albumPeak"),
    number("baseGain"),
    number("fallbackGain"),
)
WORK = shape("Work", text("name", REQUIRED), text("musicBrainzId"))
MOVEMENT = shape("Movement", text("name", REQUIRED), integer("number"), integer("count"))

ARTIST = shape(
    "Artist",
    text("id", REQUIRED),
    text("name", REQUIRED),
    text("artistImageUrl"),
    time("starred"),
    integer("userRating"),
    number("averageRating"),
    text("coverArt", opensubsonic=True),
)
ARTIST_ID3 = shape(
    "ArtistID3",
    text("id", REQUIRED),
    text("name", REQUIRED),
    text("coverArt"),
    text("artistImageUrl"),
    integer("albumCount", 0),
    time("starred"),
    integer("userRating", opensubsonic=True),
    text("musicBrainzId", "", opensubsonic=True),
    text("sortName", "", opensubsonic=True),
    text("disambiguation", opensubsonic=True),
    many("roles", Scalar.TEXT, opensubsonic=True),
)
CREDITED_ARTIST = shape("CreditedArtist", text("id", REQUIRED), text("name", REQUIRED))
"""An artist inside a song or an album: only what identifies it, as the specification asks."""

CONTRIBUTOR = shape("Contributor", text("role", REQUIRED), text("subRole"), one("artist", CREDITED_ARTIST, REQUIRED))

CHILD = shape(
    "Child",
    text("id", REQUIRED),
    text("parent"),
    boolean("isDir", REQUIRED),
    text("title", REQUIRED),
    text("album"),
    text("artist"),
    integer("track"),
    integer("year"),
    text("genre"),
    text("coverArt"),
    integer("size"),
    text("contentType"),
    text("suffix"),
    text("transcodedContentType"),
    text("transcodedSuffix"),
    integer("duration"),
    integer("bitRate"),
    text("path"),
    boolean("isVideo", False),
    integer("userRating"),
    number("averageRating"),
    integer("playCount"),
    integer("discNumber"),
    time("created"),
    time("starred"),
    text("albumId"),
    text("artistId"),
    text("type", "music"),
    integer("bookmarkPosition"),
    integer("bitDepth", 0, opensubsonic=True),
    integer("samplingRate", 0, opensubsonic=True),
    integer("channelCount", 0, opensubsonic=True),
    text("mediaType", "song", opensubsonic=True),
    time("played", opensubsonic=True),
    integer("bpm", 0, opensubsonic=True),
    text("comment", "", opensubsonic=True),
    text("sortName", "", opensubsonic=True),
    text("musicBrainzId", "", opensubsonic=True),
    many("isrc", Scalar.TEXT, opensubsonic=True),
    many("genres", ITEM_GENRE, opensubsonic=True),
    many("artists", CREDITED_ARTIST, opensubsonic=True),
    text("displayArtist", "", opensubsonic=True),
    many("albumArtists", CREDITED_ARTIST, opensubsonic=True),
    text("displayAlbumArtist", "", opensubsonic=True),
    many("contributors", CONTRIBUTOR, opensubsonic=True),
    text("displayComposer", "", opensubsonic=True),
    many("moods", Scalar.TEXT, opensubsonic=True),
    one("replayGain", REPLAY_GAIN, opensubsonic=True),
    text("explicitStatus", "", opensubsonic=True),
    many("works", WORK, opensubsonic=True),
    many("movements", MOVEMENT, opensubsonic=True),
    many("groupings", Scalar.TEXT, opensubsonic=True),
)

ALBUM_ID3 = shape(
    "AlbumID3",
    text("id", REQUIRED),
    text("name", REQUIRED),
    text("version", opensubsonic=True),
    text("artist"),
    text("artistId"),
    text("coverArt"),
    integer("songCount", REQUIRED),
    integer("duration", REQUIRED),
    integer("playCount"),
    time("created", REQUIRED),
    time("starred"),
    integer("year"),
    text("genre"),
    time("played", opensubsonic=True),
    integer("userRating", opensubsonic=True),
    many("recordLabels", RECORD_LABEL, opensubsonic=True),
    text("musicBrainzId", "", opensubsonic=True),
    many("genres", ITEM_GENRE, opensubsonic=True),
    many("artists", CREDITED_ARTIST, opensubsonic=True),
    text("displayArtist", "", opensubsonic=True),
    many("releaseTypes", Scalar.TEXT, opensubsonic=True),
    many("moods", Scalar.TEXT, opensubsonic=True),
    text("sortName", "", opensubsonic=True),
    one("originalReleaseDate", ITEM_DATE, opensubsonic=True),
    one("releaseDate", ITEM_DATE, opensubsonic=True),
    boolean("isCompilation", False, opensubsonic=True),
    text("explicitStatus", "", opensubsonic=True),
    many("discTitles", DISC_TITLE, opensubsonic=True),
)
ALBUM_WITH_SONGS = ALBUM_ID3.extended("AlbumID3WithSongs", many("song", CHILD))
ARTIST_WITH_ALBUMS = ARTIST_ID3.extended("ArtistWithAlbumsID3", many("album", ALBUM_ID3))

LICENSE = shape("License", boolean("valid", REQUIRED), text("email"), time("licenseExpires"), time("trialExpires"))
EXTENSION = shape("OpenSubsonicExtension", text("name", REQUIRED), many("versions", Scalar.INTEGER))
TOKEN_INFO = shape("TokenInfo", text("username", REQUIRED))

MUSIC_FOLDERS = shape("MusicFolders", many("musicFolder", shape("MusicFolder", integer("id", REQUIRED), text("name"))))
INDEXES = shape(
    "Indexes",
    integer("lastModified", REQUIRED),
    text("ignoredArticles", REQUIRED),
    many("shortcut", ARTIST),
    many("index", shape("Index", text("name", REQUIRED), many("artist", ARTIST))),
    many("child", CHILD),
)
DIRECTORY = shape(
    "Directory",
    text("id", REQUIRED),
    text("parent"),
    text("name", REQUIRED),
    time("starred"),
    integer("userRating"),
    number("averageRating"),
    integer("playCount"),
    many("child", CHILD),
)
GENRES = shape(
    "Genres",
    many("genre", shape("Genre", integer("songCount", REQUIRED), integer("albumCount", REQUIRED), content())),
)
ARTISTS_ID3 = shape(
    "ArtistsID3",
    text("ignoredArticles", REQUIRED),
    many("index", shape("IndexID3", text("name", REQUIRED), many("artist", ARTIST_ID3))),
)

ALBUM_INFO = shape(
    "AlbumInfo",
    element("notes"),
    element("musicBrainzId"),
    element("lastFmUrl"),
    element("smallImageUrl"),
    element("mediumImageUrl"),
    element("largeImageUrl"),
)
_ARTIST_INFO_BASE = shape(
    "ArtistInfoBase",
    element("biography"),
    element("musicBrainzId"),
    element("lastFmUrl"),
    element("smallImageUrl"),
    element("mediumImageUrl"),
    element("largeImageUrl"),
)
ARTIST_INFO = _ARTIST_INFO_BASE.extended("ArtistInfo", many("similarArtist", ARTIST))
ARTIST_INFO2 = _ARTIST_INFO_BASE.extended("ArtistInfo2", many("similarArtist", ARTIST_ID3))

NOW_PLAYING = shape(
    "NowPlaying",
    many(
        "entry",
        CHILD.extended(
            "NowPlayingEntry",
            text("username", REQUIRED),
            integer("minutesAgo", REQUIRED),
            integer("playerId", REQUIRED),
            text("playerName"),
        ),
    ),
)
SEARCH_RESULT = shape("SearchResult", integer("offset", REQUIRED), integer("totalHits", REQUIRED), many("match", CHILD))

PLAYLIST = shape(
    "Playlist",
    text("id", REQUIRED),
    text("name", REQUIRED),
    text("comment", ""),
    text("owner"),
    boolean("public", False),
    integer("songCount", REQUIRED),
    integer("duration", REQUIRED),
    time("created", REQUIRED),
    time("changed", REQUIRED),
    text("coverArt"),
    boolean("readonly", False, opensubsonic=True),
    time("validUntil", opensubsonic=True),
    many("allowedUser", Scalar.TEXT),
)
PLAYLIST_WITH_SONGS = PLAYLIST.extended("PlaylistWithSongs", many("entry", CHILD))

LYRICS = shape("Lyrics", text("artist"), text("title"), content())
CUE_LINE = shape(
    "CueLine",
    integer("index", REQUIRED),
    integer("start"),
    integer("end"),
    text("agentId"),
    text("value", REQUIRED),
    many(
        "cue",
        shape(
            "Cue",
            integer("start", REQUIRED),
            integer("end"),
            integer("byteStart", REQUIRED),
            integer("byteEnd", REQUIRED),
            text("value", REQUIRED),
        ),
    ),
)
LYRICS_LIST = shape(
    "LyricsList",
    many(
        "structuredLyrics",
        shape(
            "StructuredLyrics",
            text("lang", REQUIRED),
            boolean("synced", REQUIRED),
            text("displayArtist"),
            text("displayTitle"),
            integer("offset", 0),
            many("line", shape("Line", integer("start"), content())),
            text("kind"),
            many("agents", shape("Agent", text("id", REQUIRED), text("role", REQUIRED), text("name")), left_out=True),
            many("cueLine", CUE_LINE, left_out=True),
        ),
    ),
)

USER = shape(
    "User",
    text("username", REQUIRED),
    text("email"),
    boolean("scrobblingEnabled", REQUIRED),
    integer("maxBitRate"),
    boolean("adminRole", REQUIRED),
    boolean("settingsRole", REQUIRED),
    boolean("downloadRole", REQUIRED),
    boolean("uploadRole", REQUIRED),
    boolean("playlistRole", REQUIRED),
    boolean("coverArtRole", REQUIRED),
    boolean("commentRole", REQUIRED),
    boolean("podcastRole", REQUIRED),
    boolean("streamRole", REQUIRED),
    boolean("jukeboxRole", REQUIRED),
    boolean("shareRole", REQUIRED),
    boolean("videoConversionRole", REQUIRED),
    time("avatarLastChanged"),
    many("folder", Scalar.INTEGER),
)

BOOKMARK = shape(
    "Bookmark",
    integer("position", REQUIRED),
    text("username", REQUIRED),
    text("comment"),
    time("created", REQUIRED),
    time("changed", REQUIRED),
    one("entry", CHILD, REQUIRED),
)
PLAY_QUEUE = shape(
    "PlayQueue",
    text("current"),
    integer("position"),
    text("username", REQUIRED),
    time("changed", REQUIRED),
    text("changedBy", REQUIRED),
    many("entry", CHILD),
)
PLAY_QUEUE_BY_INDEX = shape(
    "PlayQueueByIndex",
    integer("currentIndex"),
    integer("position"),
    text("username", REQUIRED),
    time("changed", REQUIRED),
    text("changedBy", REQUIRED),
    many("entry", CHILD),
)
SCAN_STATUS = shape(
    "ScanStatus",
    boolean("scanning", REQUIRED),
    integer("count"),
    integer("folderCount", opensubsonic=True),
    time("lastScan", opensubsonic=True),
)


SHARE = shape(
    "Share",
    text("id", REQUIRED),
    text("url", REQUIRED),
    text("description"),
    text("username", REQUIRED),
    time("created", REQUIRED),
    time("expires"),
    time("lastVisited"),
    integer("visitCount", REQUIRED),
    many("entry", CHILD),
)
PODCAST_EPISODE = CHILD.extended(
    "PodcastEpisode",
    text("streamId"),
    text("channelId", REQUIRED),
    text("description"),
    text("status", REQUIRED),
    time("publishDate"),
)
PODCAST_CHANNEL = shape(
    "PodcastChannel",
    text("id", REQUIRED),
    text("url", REQUIRED),
    text("title"),
    text("description"),
    text("coverArt"),
    text("originalImageUrl"),
    text("status", REQUIRED),
    text("errorMessage"),
    many("episode", PODCAST_EPISODE),
)
RADIO_STATION = shape(
    "InternetRadioStation",
    text("id", REQUIRED),
    text("name", REQUIRED),
    text("streamUrl", REQUIRED),
    text("homePageUrl"),
    text("coverArt", opensubsonic=True),
)
CHAT_MESSAGE = shape("ChatMessage", text("username", REQUIRED), integer("time", REQUIRED), text("message", REQUIRED))

SONIC_MATCH = shape("SonicMatch", one("entry", CHILD, REQUIRED), number("similarity", REQUIRED))


def _lists(name: str, **children: Shape) -> Shape:
    return shape(name, *(many(child, of) for child, of in children.items()))


ROOTS: dict[str, Root] = {
    root.name: root
    for root in (
        Root("error", ERROR),
        Root("license", LICENSE),
        Root("openSubsonicExtensions", EXTENSION, many=True),
        Root("tokenInfo", TOKEN_INFO),
        Root("musicFolders", MUSIC_FOLDERS),
        Root("indexes", INDEXES),
        Root("directory", DIRECTORY),
        Root("genres", GENRES),
        Root("artists", ARTISTS_ID3),
        Root("artist", ARTIST_WITH_ALBUMS),
        Root("album", ALBUM_WITH_SONGS),
        Root("song", CHILD),
        Root("videos", _lists("Videos", video=CHILD)),
        Root("artistInfo", ARTIST_INFO),
        Root("artistInfo2", ARTIST_INFO2),
        Root("albumInfo", ALBUM_INFO),
        Root("similarSongs", _lists("SimilarSongs", song=CHILD)),
        Root("similarSongs2", _lists("SimilarSongs2", song=CHILD)),
        Root("sonicMatch", SONIC_MATCH, many=True),
        Root("topSongs", _lists("TopSongs", song=CHILD)),
        Root("albumList", _lists("AlbumList", album=CHILD)),
        Root("albumList2", _lists("AlbumList2", album=ALBUM_ID3)),
        Root("randomSongs", _lists("Songs", song=CHILD)),
        Root("songsByGenre", _lists("Songs", song=CHILD)),
        Root("nowPlaying", NOW_PLAYING),
        Root("starred", _lists("Starred", artist=ARTIST, album=CHILD, song=CHILD)),
        Root("starred2", _lists("Starred2", artist=ARTIST_ID3, album=ALBUM_ID3, song=CHILD)),
        Root("searchResult", SEARCH_RESULT),
        Root("searchResult2", _lists("SearchResult2", artist=ARTIST, album=CHILD, song=CHILD)),
        Root("searchResult3", _lists("SearchResult3", artist=ARTIST_ID3, album=ALBUM_ID3, song=CHILD)),
        Root("playlists", _lists("Playlists", playlist=PLAYLIST)),
        Root("playlist", PLAYLIST_WITH_SONGS),
        Root("lyrics", LYRICS),
        Root("lyricsList", LYRICS_LIST),
        Root("user", USER),
        Root("users", _lists("Users", user=USER)),
        Root("bookmarks", _lists("Bookmarks", bookmark=BOOKMARK)),
        Root("playQueue", PLAY_QUEUE),
        Root("playQueueByIndex", PLAY_QUEUE_BY_INDEX),
        Root("scanStatus", SCAN_STATUS),
        Root("shares", _lists("Shares", share=SHARE)),
        Root("podcasts", _lists("Podcasts", channel=PODCAST_CHANNEL)),
        Root("newestPodcasts", _lists("NewestPodcasts", episode=PODCAST_EPISODE)),
        Root("internetRadioStations", _lists("InternetRadioStations", internetRadioStation=RADIO_STATION)),
        Root("chatMessages", _lists("ChatMessages", chatMessage=CHAT_MESSAGE)),
    )
}
"""What may stand below `subsonic-response`, by name."""
