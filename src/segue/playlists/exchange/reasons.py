"""What can be wrong with a playlist file or a row of it, as sentences; stored as codes with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segue.match import sentence as of_match

SENTENCES = {
    "hls_stream": "This is the playlist of a stream (HLS), which lists pieces of one broadcast and no tracks.",
    "lines_cut": "{count} lines were longer than 32 KB; what is beyond was left out.",
    "rows_left_out": "Only the first {most} rows were taken.",
    "rows_broken": "{count} lines could not be read as a table.",
    "no_headers": "The table has no line of headers; its columns were taken for title, artist and album.",
    "no_rows": "There are no tracks in it.",
    "xml_entities": "It declares entities of its own. They were not expanded, for that is how files blow up.",
    "xml_broken": "The XML is broken in line {line}, column {column} ({reason}). What stands before was read.",
    "xml_too_deep": "Its elements are nested more than {most} deep. What stands before was read.",
    "json_broken": "The JSON is broken at character {place}. What stands before was read.",
    "json_value_too_large": "A single value at character {place} is larger than 1 MB. What stands before was read.",
    "json_too_deep": "Its values are nested too deep at character {place}. What stands before was read.",
    "smart_unreadable": "The smart playlist could not be read: it is no JSON object, or larger than {most} bytes.",
    "smart_not_understood": "The smart playlist asks for something Segue cannot answer: {message}",
    "smart_in_part": "Of the smart playlist this was left out: {what}.",
    "smart_otherwise": "Of the smart playlist: {what}.",
    "smart_as_contents": "“{name}” fills itself in iTunes; what it held was taken.",
    "unknown_format": "“{name}” is in no format of a playlist that Segue knows.",
    "zip_broken": "The ZIP is broken.",
    "zip_in_zip": "“{name}” is a ZIP within a ZIP and was passed over.",
    "members_left_out": "The ZIP holds {count} playlists; only the first {most} were read.",
    "member_unreadable": "“{name}” in the ZIP could not be read: {reason}.",
    "member_too_large": "“{name}” in the ZIP is larger than {bytes} bytes when unpacked and was passed over.",
    "file_too_large": "The file has {bytes} bytes; at most {most} are read.",
    "file_unreadable": "The file could not be read: {reason}.",
    "file_not_written": "The playlist could not be written into its file: {reason}.",
    "unknown_encoding": "There is no encoding called “{encoding}”.",
    "list_too_long": "“{name}” has more than {most} rows; the first {most} were taken.",
    "too_many_lists": "The file holds more than {most} lists; the first {most} were taken.",
    "no_location": "It names no file.",
    "not_text": "Line {line} is no text.",
    "empty_row": "It says nothing of a track.",
    "not_a_track": "It is no track.",
    "episode": "It is an episode of a podcast.",
    "unknown_track": "It is track {number}, of which the file says nothing.",
    "too_few_columns": "It has {columns} columns where there should be {wanted}.",
}


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """The reason in English, also one of those that `match` gives."""
    if code not in SENTENCES:
        return of_match(code, dict(params))
    try:
        return SENTENCES[code].format_map(dict(params))
    except KeyError:
        return code.replace("_", " ")
