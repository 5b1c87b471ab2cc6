"""The one table from every tag system's names to ours; ours are Picard's.

A row reads: our field, then its names in ID3v2.4, Vorbis comments, MP4, APEv2 and ASF. ID3's `TXXX:` and MP4's freeform
names (written `----:`, of whatever owner) are compared without regard to case, as are Vorbis, APE and ASF names.
Sources: the tag mapping of MusicBrainz Picard, and the names written by foobar2000, Mp3tag and iTunes.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One field and its names; several names of one system are separated by `|`, the best first."""

    field: str
    id3: str = ""
    vorbis: str = ""
    mp4: str = ""
    ape: str = ""
    asf: str = ""


def _free(field: str, label: str, *, vorbis: str = "", ape: str = "", asf: str = "") -> Row:
    """A field that is free text everywhere: `TXXX:label`, `LABEL`, `----:label`."""
    vorbis = vorbis or label
    return Row(field, f"TXXX:{label}|TXXX:{vorbis}", vorbis, f"----:{label}|----:{vorbis}", ape or vorbis,
               asf or f"{label}|WM/{label}")  # fmt: skip


TABLE: tuple[Row, ...] = (
    Row("title", "TIT2", "TITLE", "©nam", "Title", "Title"),
    Row("titlesort", "TSOT|TXXX:TITLESORT", "TITLESORT", "sonm", "TITLESORT", "WM/TitleSortOrder"),
    Row("subtitle", "TIT3|TXXX:SUBTITLE", "SUBTITLE|VERSION", "----:SUBTITLE", "Subtitle", "WM/SubTitle"),
    Row("album", "TALB", "ALBUM", "©alb", "Album", "WM/AlbumTitle"),
    Row("albumsort", "TSOA|TXXX:ALBUMSORT", "ALBUMSORT", "soal", "ALBUMSORT", "WM/AlbumSortOrder"),
    Row("artist", "TPE1", "ARTIST", "©ART", "Artist", "Author"),
    Row("artists", "TXXX:ARTISTS", "ARTISTS", "----:ARTISTS", "Artists", "WM/ARTISTS|ARTISTS"),
    Row("artistsort", "TSOP|TXXX:ARTISTSORT", "ARTISTSORT", "soar", "ARTISTSORT", "WM/ArtistSortOrder"),
    _free("artists_sort", "ARTISTS_SORT", vorbis="ARTISTSSORT|ARTISTS_SORT"),
    Row("albumartist", "TPE2|TXXX:ALBUMARTIST|TXXX:ALBUM ARTIST", "ALBUMARTIST|ALBUM ARTIST|ALBUM_ARTIST",
        "aART", "Album Artist|ALBUMARTIST|ALBUM_ARTIST", "WM/AlbumArtist"),
    Row("albumartists", "TXXX:ALBUMARTISTS|TXXX:ALBUM_ARTISTS", "ALBUMARTISTS|ALBUM_ARTISTS",
        "----:ALBUMARTISTS|----:ALBUM_ARTISTS", "ALBUMARTISTS", "WM/ALBUMARTISTS|ALBUMARTISTS"),
    Row("albumartistsort", "TSO2|TXXX:ALBUMARTISTSORT", "ALBUMARTISTSORT", "soaa", "ALBUMARTISTSORT",
        "WM/AlbumArtistSortOrder"),
    _free("albumartists_sort", "ALBUMARTISTS_SORT", vorbis="ALBUMARTISTSSORT|ALBUMARTISTS_SORT"),
    Row("composer", "TCOM", "COMPOSER", "©wrt", "Composer", "WM/Composer"),
    Row("composersort", "TSOC|TXXX:COMPOSERSORT", "COMPOSERSORT", "soco", "COMPOSERSORT", "WM/ComposerSortOrder"),
    Row("lyricist", "TEXT", "LYRICIST", "----:LYRICIST", "Lyricist", "WM/Writer"),
    Row("writer", "TXXX:Writer", "WRITER", "----:WRITER", "Writer", "Writer"),
    Row("conductor", "TPE3", "CONDUCTOR", "----:CONDUCTOR|©con", "Conductor", "WM/Conductor"),
    Row("performer", "TXXX:PERFORMER", "PERFORMER", "----:PERFORMER", "Performer", "WM/Performer"),
    Row("remixer", "TPE4", "REMIXER", "----:REMIXER", "MixArtist|Remixer", "WM/ModifiedBy"),
    Row("arranger", "TXXX:ARRANGER", "ARRANGER", "----:ARRANGER", "Arranger", "WM/Arranger"),
    Row("producer", "TXXX:PRODUCER", "PRODUCER", "----:PRODUCER|©prd", "Producer", "WM/Producer"),
    Row("engineer", "TXXX:ENGINEER", "ENGINEER", "----:ENGINEER", "Engineer", "WM/Engineer"),
    Row("mixer", "TXXX:MIXER", "MIXER", "----:MIXER", "Mixer", "WM/Mixer"),
    Row("djmixer", "TXXX:DJMIXER", "DJMIXER", "----:DJMIXER", "DJMixer", "WM/DJMixer"),
    Row("director", "TXXX:DIRECTOR", "DIRECTOR", "©dir|----:DIRECTOR", "Director", "WM/Director"),
    Row("genre", "TCON", "GENRE", "©gen|gnre", "Genre", "WM/Genre"),
    Row("mood", "TMOO|TXXX:MOOD", "MOOD", "----:MOOD", "Mood", "WM/Mood"),
    Row("grouping", "GRP1|TIT1", "GROUPING|CONTENTGROUP", "©grp|----:GROUPING", "Grouping",
        "WM/ContentGroupDescription"),
    Row("label", "TPUB|TXXX:LABEL", "LABEL|ORGANIZATION|PUBLISHER", "----:LABEL|©pub|----:PUBLISHER",
        "Label|Publisher", "WM/Publisher"),
    _free("catalognumber", "CATALOGNUMBER", vorbis="CATALOGNUMBER|LABELNO|CATALOG", ape="CatalogNumber",
          asf="WM/CatalogNo"),
    _free("barcode", "BARCODE", vorbis="BARCODE|UPC|EAN", ape="Barcode|UPC", asf="WM/Barcode"),
    _free("asin", "ASIN"),
    Row("isrc", "TSRC", "ISRC", "----:ISRC", "ISRC", "WM/ISRC"),
    Row("date", "TDRC", "DATE|YEAR", "©day", "Year|Date", "WM/Year|Date"),
    Row("releasedate", "TDRL|TXXX:RELEASEDATE", "RELEASEDATE", "----:RELEASEDATE", "RELEASEDATE", "WM/ReleaseDate"),
    Row("originaldate", "TDOR|TXXX:ORIGINALDATE", "ORIGINALDATE|ORIGINALRELEASEDATE", "----:ORIGINALDATE",
        "ORIGINALDATE", "WM/OriginalReleaseTime"),
    _free("originalyear", "ORIGINALYEAR", asf="WM/OriginalReleaseYear"),
    _free("recordingdate", "RECORDINGDATE", vorbis="RECORDINGDATE|RECORDING_DATE"),
    Row("tracknumber", "TRCK", "TRACKNUMBER|TRACK", "trkn", "Track", "WM/TrackNumber"),
    Row("tracktotal", "TXXX:TRACKTOTAL|TXXX:TOTALTRACKS", "TRACKTOTAL|TOTALTRACKS", "----:TRACKTOTAL",
        "TRACKTOTAL|TOTALTRACKS", "WM/TrackTotal|TotalTracks"),
    Row("discnumber", "TPOS", "DISCNUMBER|DISC", "disk", "Disc|Discnumber", "WM/PartOfSet"),
    Row("disctotal", "TXXX:DISCTOTAL|TXXX:TOTALDISCS", "DISCTOTAL|TOTALDISCS", "----:DISCTOTAL",
        "DISCTOTAL|TOTALDISCS", "WM/DiscTotal|TotalDiscs"),
    Row("discsubtitle", "TSST|TXXX:DISCSUBTITLE", "DISCSUBTITLE|SETSUBTITLE", "----:DISCSUBTITLE", "DiscSubtitle",
        "WM/SetSubTitle"),
    Row("compilation", "TCMP|TXXX:COMPILATION", "COMPILATION", "cpil", "Compilation", "WM/IsCompilation"),
    _free("releasetype", "MusicBrainz Album Type", vorbis="RELEASETYPE|MUSICBRAINZ_ALBUMTYPE",
          ape="MUSICBRAINZ_ALBUMTYPE|RELEASETYPE", asf="MusicBrainz/Album Type"),
    _free("releasestatus", "MusicBrainz Album Status", vorbis="RELEASESTATUS|MUSICBRAINZ_ALBUMSTATUS",
          ape="MUSICBRAINZ_ALBUMSTATUS|RELEASESTATUS", asf="MusicBrainz/Album Status"),
    _free("releasecountry", "MusicBrainz Album Release Country", vorbis="RELEASECOUNTRY",
          asf="MusicBrainz/Album Release Country"),
    Row("media", "TMED", "MEDIA", "----:MEDIA", "Media", "WM/Media"),
    Row("language", "TLAN", "LANGUAGE", "----:LANGUAGE", "Language", "WM/Language"),
    _free("script", "SCRIPT", ape="Script", asf="WM/Script"),
    Row("musicbrainz_recordingid", "UFID:http://musicbrainz.org|TXXX:MusicBrainz Track Id|TXXX:MUSICBRAINZ_TRACKID",
        "MUSICBRAINZ_TRACKID", "----:MusicBrainz Track Id|----:MUSICBRAINZ_TRACKID", "MUSICBRAINZ_TRACKID",
        "MusicBrainz/Track Id"),
    _free("musicbrainz_trackid", "MusicBrainz Release Track Id", vorbis="MUSICBRAINZ_RELEASETRACKID",
          asf="MusicBrainz/Release Track Id"),
    _free("musicbrainz_albumid", "MusicBrainz Album Id", vorbis="MUSICBRAINZ_ALBUMID", asf="MusicBrainz/Album Id"),
    _free("musicbrainz_artistid", "MusicBrainz Artist Id", vorbis="MUSICBRAINZ_ARTISTID",
          asf="MusicBrainz/Artist Id"),
    _free("musicbrainz_albumartistid", "MusicBrainz Album Artist Id", vorbis="MUSICBRAINZ_ALBUMARTISTID",
          asf="MusicBrainz/Album Artist Id"),
    _free("musicbrainz_releasegroupid", "MusicBrainz Release Group Id", vorbis="MUSICBRAINZ_RELEASEGROUPID",
          asf="MusicBrainz/Release Group Id"),
    _free("musicbrainz_workid", "MusicBrainz Work Id", vorbis="MUSICBRAINZ_WORKID", asf="MusicBrainz/Work Id"),
    _free("musicbrainz_discid", "MusicBrainz Disc Id", vorbis="MUSICBRAINZ_DISCID", asf="MusicBrainz/Disc Id"),
    _free("acoustid", "Acoustid Id", vorbis="ACOUSTID_ID", asf="Acoustid/Id"),
    _free("discogs_release", "DISCOGS_RELEASE_ID", vorbis="DISCOGS_RELEASE_ID|DISCOGS_ID"),
    _free("discogs_master", "DISCOGS_MASTER_ID"),
    _free("spotify_track", "SPOTIFY_TRACK_ID"),
    _free("bandcamp_url", "BANDCAMP_URL"),
    Row("bpm", "TBPM|TXXX:BPM", "BPM|TEMPO", "tmpo|----:BPM", "BPM", "WM/BeatsPerMinute"),
    Row("key", "TKEY|TXXX:INITIALKEY|TXXX:KEY", "KEY|INITIALKEY", "----:initialkey|----:KEY", "KEY|INITIALKEY",
        "WM/InitialKey"),
    Row("comment", "COMM", "COMMENT|DESCRIPTION", "©cmt|desc", "Comment", "Description"),
    Row("copyright", "TCOP", "COPYRIGHT", "cprt", "Copyright", "Copyright"),
    Row("work", "TXXX:WORK", "WORK", "©wrk|----:WORK", "WORK", "WM/Work"),
    Row("movement", "MVNM|TXXX:MOVEMENTNAME", "MOVEMENTNAME|MOVEMENT NAME", "©mvn|----:MOVEMENTNAME", "MOVEMENTNAME",
        "WM/MovementName"),
    Row("movementnumber", "MVIN|TXXX:MOVEMENT", "MOVEMENT|MOVEMENTNUMBER", "©mvi", "MOVEMENT", "WM/Movement"),
    Row("movementtotal", "TXXX:MOVEMENTTOTAL", "MOVEMENTTOTAL", "©mvc", "MOVEMENTTOTAL", "WM/MovementTotal"),
    _free("explicit", "ITUNESADVISORY"),
    _free("replaygain_track_gain", "REPLAYGAIN_TRACK_GAIN"),
    _free("replaygain_track_peak", "REPLAYGAIN_TRACK_PEAK"),
    _free("replaygain_album_gain", "REPLAYGAIN_ALBUM_GAIN"),
    _free("replaygain_album_peak", "REPLAYGAIN_ALBUM_PEAK"),
    _free("r128_track_gain", "R128_TRACK_GAIN"),
    _free("r128_album_gain", "R128_ALBUM_GAIN"),
    Row("lyrics", "USLT|TXXX:LYRICS", "LYRICS|UNSYNCEDLYRICS|SYNCEDLYRICS", "©lyr|----:LYRICS",
        "Lyrics|Unsyncedlyrics", "WM/Lyrics"),
    _free("cuesheet", "CUESHEET", ape="Cuesheet"),
)  # fmt: skip

ROLES: dict[str, str] = {
    "composer": "composer",
    "lyricist": "lyricist",
    "writer": "writer",
    "conductor": "conductor",
    "performer": "performer",
    "remixer": "remixer",
    "arranger": "arranger",
    "producer": "producer",
    "engineer": "engineer",
    "mixer": "mixer",
    "djmixer": "dj_mixer",
    "director": "director",
}
"""Fields that name people, and the role each is credited with."""

INVOLVED: dict[str, str] = {
    "arranger": "arranger",
    "engineer": "engineer",
    "producer": "producer",
    "mix": "mixer",
    "mixer": "mixer",
    "dj-mix": "dj_mixer",
    "dj-mixer": "dj_mixer",
    "director": "director",
    "composer": "composer",
    "conductor": "conductor",
    "lyricist": "lyricist",
    "remixer": "remixer",
    "writer": "writer",
}
"""Roles in ID3's involved people list (TIPL, IPLS); any other word there is an instrument."""

RIFF_INFO: dict[str, str] = {
    "INAM": "title",
    "IART": "artist",
    "IPRD": "album",
    "ICRD": "date",
    "IGNR": "genre",
    "ITRK": "tracknumber",
    "IPRT": "tracknumber",
    "ICMT": "comment",
    "ICOP": "copyright",
    "IMUS": "composer",
    "IWRI": "writer",
}
"""WAV's LIST/INFO chunk, used where the file has no ID3 tag."""


def _names(column: str, *, fold: bool) -> dict[str, tuple[str, int]]:
    out: dict[str, tuple[str, int]] = {}
    for row in TABLE:
        for rank, name in enumerate(part for part in getattr(row, column).split("|") if part):
            out.setdefault(_folded(name) if fold else name, (row.field, rank))
    return out


def _folded(name: str) -> str:
    return name.lower()


VORBIS = _names("vorbis", fold=True)
APE = _names("ape", fold=True)
ASF = _names("asf", fold=True)
ID3 = {(n.lower() if n.startswith("TXXX:") else n): v for n, v in _names("id3", fold=False).items()}
MP4 = {(n.lower() if n.startswith("----:") else n): v for n, v in _names("mp4", fold=False).items()}
"""Lookups: a name as a file spells it (folded as said above) to (field, rank); rank 0 is the best name of its field."""
