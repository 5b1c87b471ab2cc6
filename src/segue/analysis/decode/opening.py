"""A file opened for listening: which stream, or why there is none.

FFmpeg gets an open regular file and nothing else: it never sees the name (which could be read as an address), may not
open anything by itself (playlists name other files), and only knows formats that hold sound.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

import av
import av.error
from av.stream import Discard

from segue.analysis.decode.encryption import encryption
from segue.analysis.errors import (
    CannotOpen,
    EmptyFile,
    Encrypted,
    NoAudioStream,
    NoDecoder,
    NoSuchFile,
    NotAFile,
    NotAudio,
    StrangeSound,
    TooDamaged,
)

FORMATS = (
    "3dostr,aa,aac,aax,ac3,act,adx,aea,aiff,alaw,amr,amrnb,amrwb,apc,ape,apm,asf,au,avi,bonk,caf,daud,dsf,dts,dtshd,eac3,flac,"
    "flv,g722,g723_1,g729,gsm,iff,ircam,laf,loas,mlp,matroska,webm,mmf,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,mulaw,mxf,"
    "nistsphere,nut,ogg,oma,osq,pvf,qcp,qoa,rka,rm,rso,sbc,sds,shn,sol,svx,tak,truehd,tta,usm,voc,vqf,w64,wav,wsaud,wsd,wv,xa,xwma"
)
"""Names of demuxers; none of them reads a second file."""
_BEGINNINGS = (
    b"fLaC", b"OggS", b"RIFF", b"RF64", b"riff", b"FORM", b"FRM8", b"DSD ", b"ID3", b"wvpk", b"MAC ", b"TTA1", b"MPCK", b"MP+",
    b"caff", b".snd", b"tBaK", b"#!AMR", b"\x1aE\xdf\xa3", b"0&\xb2u\x8ef\xcf\x11",
)  # fmt: skip
READ_BYTES = 128 * 1024
LOWEST_RATE, HIGHEST_RATE = 1_000, 6_144_000
"""Samples a second; FFmpeg gives DSD at an eighth of its bit rate: DSD1024 is 5,644,800."""
MOST_CHANNELS = 64


def opened_file(path: str | os.PathLike[str] | bytes) -> BinaryIO:
    """The regular file at `path`, open. Never waits for a writer, as opening a pipe would.

    Raises NoSuchFile, NotAFile, CannotOpen, EmptyFile.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoSuchFile from error
    except (OSError, ValueError) as error:
        raise _cannot_open(path, error) from error
    try:
        state = os.fstat(fd)
        if not stat.S_ISREG(state.st_mode):
            raise NotAFile(_kind(state.st_mode))
        if not state.st_size:
            raise EmptyFile
    except BaseException:
        os.close(fd)
        raise
    return io.FileIO(fd, "rb")  # type: ignore[return-value]


def opened_container(file: BinaryIO, extension: str) -> Any:
    """FFmpeg's view of the open file. `extension` (".mp3") helps where the first bytes do not tell.

    Raises Encrypted, NotAudio, TooDamaged, CannotOpen.
    """
    scheme = encryption(file.fileno())
    if scheme is not None:
        raise Encrypted(scheme)
    file.name = f"sound{extension}"  # type: ignore[misc]
    try:
        return av.open(
            file,
            metadata_errors="replace",
            buffer_size=READ_BYTES,
            io_open=_refuse,
            options={"format_whitelist": FORMATS},
        )
    except MemoryError:
        raise
    except (av.error.FFmpegError, ValueError, UnicodeError, EOFError) as error:
        if isinstance(error, av.error.PermissionError):
            raise CannotOpen(str(error)) from error
        raise (TooDamaged(0) if begins_like_sound(file.fileno()) else NotAudio()) from error
    except OSError as error:
        raise CannotOpen(error.strerror or str(error)) from error


def sound_stream(container: Any) -> Any:
    """Its best audio stream, every other stream passed over unread.

    Raises NoAudioStream, NoDecoder, Encrypted, TooDamaged.
    """
    stream = container.streams.best("audio")
    if stream is None:
        if not container.streams.audio:
            raise NoAudioStream(container.format.name)
        silent = container.streams.audio[0]
        raise NoDecoder(_codec_name(silent)) if silent.codec_context is None else TooDamaged(0)
    if "enc_key_id" in stream.metadata:
        raise Encrypted("matroska")
    if stream.codec_context is None:
        raise NoDecoder(_codec_name(stream))
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    context = stream.codec_context
    context.thread_count = 1
    context.thread_type = "NONE"
    return stream


def begins_like_sound(fd: int) -> bool:
    """Whether its first bytes are those of a format that holds sound."""
    head = os.pread(fd, 12, 0)
    return head.startswith(_BEGINNINGS) or head[4:8] == b"ftyp" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0")


def checked(rate: int, channels: int) -> None:
    """Raises StrangeSound for what no music has."""
    if not LOWEST_RATE <= rate <= HIGHEST_RATE or not 1 <= channels <= MOST_CHANNELS:
        raise StrangeSound(rate, channels)


def _refuse(url: str, flags: int, options: dict[str, str]) -> Any:
    raise PermissionError(f"a sound file may not open {url!r}")


def _codec_name(stream: Any) -> str:
    try:
        return str(stream.codec_context.name)
    except AttributeError:
        return "unknown"


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "directory"
    if stat.S_ISFIFO(mode):
        return "fifo"
    if stat.S_ISSOCK(mode):
        return "socket"
    return "device"


def _cannot_open(path: str | os.PathLike[str] | bytes, error: Exception) -> NotAFile | CannotOpen:
    try:
        mode = Path(os.fsdecode(path)).stat().st_mode
    except (OSError, ValueError):
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode):
        return NotAFile(_kind(mode))
    return CannotOpen(getattr(error, "strerror", None) or str(error))
