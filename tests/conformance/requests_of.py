"""One or more requests for every method of the protocol, with `{song}`, `{album}` … where a library's own ids go."""

from __future__ import annotations

REQUESTS: dict[str, list[str]] = {
    "ping": [""],
    "getLicense": [""],
    "getOpenSubsonicExtensions": [""],
    "tokenInfo": [""],
    "getMusicFolders": [""],
    "getIndexes": ["", "musicFolderId={folder}", "ifModifiedSince=4102444800000"],
    "getMusicDirectory": ["id={artist}", "id={album}", "id=li-{folder}", "id=fo-2"],
    "getGenres": [""],
    "getArtists": ["", "musicFolderId={folder}"],
    "getArtist": ["id={artist}", "id={composer}"],
    "getAlbum": ["id={album}", "id={two_discs}"],
    "getSong": ["id={song}", "id={classical}"],
    "getVideos": [""],
    "getArtistInfo": ["id={artist}", "id={album}"],
    "getArtistInfo2": ["id={artist}&count=5&includeNotPresent=true"],
    "getAlbumInfo": ["id={album}", "id={song}"],
    "getAlbumInfo2": ["id={album}"],
    "getSimilarSongs": ["id={song}&count=3", "id={album}", "id={artist}"],
    "getSimilarSongs2": ["id={artist}"],
    "getSonicSimilarTracks": ["id={song}&count=3", "id={song}&count=0"],
    "findSonicPath": ["startSongId={song}&endSongId={classical}", "startSongId={song}&endSongId={song}&count=5"],
    "getTopSongs": ["artist={artist_name}", "id={artist}&count=2", "artist=nobody+at+all"],
    "getAlbumList": [
        *(f"type={kind}&size=500" for kind in ("random", "newest", "highest", "frequent", "recent", "starred")),
        "type=alphabeticalByName&size=2&offset=1",
        "type=alphabeticalByArtist&musicFolderId={folder}",
        "type=byYear&fromYear=2030&toYear=1900",
        "type=byGenre&genre={genre}",
    ],
    "getAlbumList2": [
        *(f"type={kind}&size=500" for kind in ("random", "newest", "highest", "frequent", "recent", "starred")),
        "type=alphabeticalByName&size=2&offset=1",
        "type=alphabeticalByArtist",
        "type=byYear&fromYear=1900&toYear=2030",
        "type=byGenre&genre={genre}",
    ],
    "getRandomSongs": ["", "size=2&genre={genre}&fromYear=1900&toYear=2030&musicFolderId={folder}"],
    "getSongsByGenre": ["genre={genre}&count=2&offset=1"],
    "getNowPlaying": [""],
    "getStarred": ["", "musicFolderId={folder}"],
    "getStarred2": [""],
    "search": ["any={word}", "title={word}&count=1"],
    "search2": ["query={word}", "query="],
    "search3": ["query={word}", "query=", 'query=""&songCount=500&albumCount=0', "query=nothing+is+called+this"],
    "getPlaylists": ["", "username={user}", "username=nobody"],
    "getPlaylist": ["id={playlist}"],
    "createPlaylist": ["name=New&songId={song}", "playlistId={playlist}&songId={song}&songId={song}"],
    "getLyrics": ["", "artist=nobody&title=nothing"],
    "getLyricsBySongId": ["id={song}", "id={with_lyrics}&enhanced=true"],
    "getUser": ["username={user}"],
    "getUsers": [""],
    "getBookmarks": [""],
    "getPlayQueue": [""],
    "getPlayQueueByIndex": [""],
    "getScanStatus": [""],
    "getShares": [""],
    "getPodcasts": ["", "includeEpisodes=false"],
    "getNewestPodcasts": ["count=3"],
    "getInternetRadioStations": [""],
    "getChatMessages": ["since=0"],
    "scrobble": ["id={song}&submission=false", "id={song}&time=1700000000000", "id={song}&id={classical}"],
    "star": ["id={song}&albumId={album}&artistId={artist}"],
    "setRating": ["id={song}&rating=4", "id={album}&rating=5"],
    "createBookmark": ["id={song}&position=1000&comment=here"],
    "savePlayQueue": ["id={song}&id={classical}&current={classical}&position=500"],
    "savePlayQueueByIndex": ["id={song}&id={song}&currentIndex=1&position=500"],
    "updatePlaylist": [
        "playlistId={playlist}&name=Renamed&comment=&public=true&songIdToAdd={song}&songIndexToRemove=0"
    ],
    "refreshPodcasts": [""],
    "startScan": [""],
    "unstar": ["id={song}&albumId={album}&artistId={artist}"],
    "deleteBookmark": ["id={song}"],
    "deletePlaylist": ["id={playlist}"],
}
"""What succeeds with music in the library, in an order in which each finds what it needs."""

READS = [name for name in REQUESTS if name.startswith(("get", "find", "search", "ping", "token"))]
"""Those that change nothing."""

BINARY = ["stream", "download", "getCoverArt", "getAvatar", "hls.m3u8", "getCaptions", "getTranscodeStream"]
"""Those whose success is bytes."""
