"""Packets decoded to frames: damage is counted and passed over, changes on the way are resampled to what came first, and
where timestamps say that something is missing, there is a gap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import av.error

from segue.analysis.decode.samples import FORMATS, SampleFormat
from segue.analysis.errors import NoDecoder, NoSound, TooDamaged
from segue.analysis.records import Finding

GAP_S = 0.02
"""Timestamps that are further off than this are believed: a lost packet is longer, rounding is shorter."""
LONGEST_GAP_S = 60.0
"""Where a gap is longer, or goes back, the timestamps begin anew."""
BAD_IN_A_ROW = 2000
"""Packets: after so many, nothing more is expected of the file."""
BAD_READS = 20
RUN_IN_S = 1.0
"""Decoding begins so much before a slice: MP3 and AAC need some packets until all they say is right."""
SEEKABLE = frozenset(
    {
        "flac",
        "wav",
        "w64",
        "aiff",
        "caf",
        "mov,mp4,m4a,3gp,3g2,mj2",
        "matroska,webm",
        "mp3",
        "ogg",
        "wv",
        "ape",
        "tta",
        "dsf",
    }
)
"""Formats whose packets keep their time when one jumps; in others a slice is reached by decoding from the beginning."""

Piece = tuple[Any, SampleFormat | None, int]
"""A frame, its format and its number of samples; without a frame, a gap of so many samples."""


class Frames:
    """The frames of one stream, from the first on or from near a slice on. To be read once."""

    def __init__(self, container: Any, stream: Any) -> None:
        self._container, self._stream = container, stream
        self._context = stream.codec_context
        self.bad = 0
        """Packets that could not be decoded."""
        self.torn = False
        """Whether the last packet read was cut off, or could not be decoded."""
        self.unread: str | None = None
        """Why reading ended before the end of the file."""
        self.gaps: list[tuple[int, int]] = []
        """(sample at which, samples that are missing)."""
        self.changes: list[Finding] = []
        self._bad_in_a_row = 0
        self._decoded = self._all()
        self.first: Any = next(self._decoded, None)
        if self.first is None:
            raise TooDamaged(self.bad) if self.bad or self.unread or (stream.duration or 0) > 0 else NoSound
        self.rate: int = self.first.sample_rate
        self._layout = self.first.layout
        self.channels: int = self._layout.nb_channels
        self._origin: int | None = self.first.pts
        self._tick = float(stream.time_base * self.rate) if stream.time_base else 0.0

    @property
    def layout(self) -> str:
        """FFmpeg's name of it; of one or two channels mono and stereo where nothing is said, else empty."""
        name: str = self._layout.name
        return {1: "mono", 2: "stereo"}.get(self.channels, "") if "channel" in name else name

    def pieces(self, start: int) -> tuple[int, Iterator[Piece]]:
        """Where decoding begins (in samples from the beginning of the file, not after `start`), and the pieces from there."""
        begins = self._sought(start) if start > 2 * RUN_IN_S * self.rate else 0
        return begins, self._pieces(begins)

    def _sought(self, start: int) -> int:
        if self._origin is None or not self._tick or self._container.format.name not in SEEKABLE:
            return 0
        target = self._origin * float(self._stream.time_base) + start / self.rate - RUN_IN_S
        first = self.first
        try:
            self._container.seek(int(target * av.time_base))
            self._decoded = self._all()
            landed = next(self._decoded, None)
            if landed is not None and landed.pts is not None and 0 < self._place(landed.pts) <= start:
                self.first = landed
                return self._place(landed.pts)
            self._container.seek(int(self._origin * float(self._stream.time_base) * av.time_base))
        except av.error.FFmpegError:
            return 0
        self._decoded = self._all()
        self.first = next(self._decoded, first)
        return max(0, self._place(self.first.pts)) if self.first.pts is not None else 0

    def _place(self, pts: int) -> int:
        return round((pts - (self._origin or 0)) * self._tick)

    def _pieces(self, position: int) -> Iterator[Piece]:
        tolerance, longest = int(GAP_S * self.rate), int(LONGEST_GAP_S * self.rate)
        rate, name, layout = self.rate, self.first.format.name, self._layout.name
        form = _form(name)
        origin, tick = self._origin or 0, self._tick
        trusted = self._origin is not None and tick > 0
        frame, frames = self.first, self._decoded
        self.first = None
        while frame is not None:
            if frame.sample_rate != rate or frame.layout.name != layout:
                break
            if frame.format.name != name:
                name = frame.format.name
                form = _form(name)
            if trusted and frame.pts is not None:
                off = round((frame.pts - origin) * tick) - position
                if tolerance < off <= longest:
                    self.gaps.append((position, off))
                    yield None, None, off
                    position += off
                elif abs(off) > tolerance:
                    origin += round(off / tick)
            count = frame.samples
            position += count
            yield frame, form, count
            frame = next(frames, None)
        if frame is not None:
            yield from self._resampled(frame)

    def _resampled(self, frame: Any) -> Iterator[Piece]:
        """Everything from a change on, as what came first: FFmpeg's resampler makes it of that rate and layout."""
        form = FORMATS["fltp"]
        known = self.rate, self._layout.name
        resampler: Any = None
        while frame is not None:
            this = frame.sample_rate, frame.layout.name
            if resampler is None or this != known:
                if resampler is not None:
                    yield from ((out, form, out.samples) for out in resampler.resample(None))
                self._note(known, this)
                known = this
                resampler = av.AudioResampler(format="fltp", layout=self._layout, rate=self.rate)
            frame.pts = None
            yield from ((out, form, out.samples) for out in resampler.resample(frame))
            frame = next(self._decoded, None)
        yield from ((out, form, out.samples) for out in resampler.resample(None))

    def _note(self, before: tuple[int, str], after: tuple[int, str]) -> None:
        if len(self.changes) >= 10:
            return
        if before[0] != after[0]:
            self.changes.append(Finding("rate_changed", {"from": before[0], "to": after[0]}))
        if before[1] != after[1]:
            self.changes.append(Finding("channels_changed", {"from": before[1], "to": after[1]}))

    def _all(self) -> Iterator[Any]:
        """Every frame that can be decoded."""
        context, reads = self._context, 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError as error:
                reads += 1
                if reads >= BAD_READS or isinstance(error, OSError):
                    self.unread = str(error)
                    return
                packets = self._container.demux(self._stream)
                continue
            except OSError as error:
                self.unread = error.strerror or str(error)
                return
            try:
                frames = context.decode(packet)
            except av.error.FFmpegError as error:
                if isinstance(error, (av.error.DecoderNotFoundError, av.error.PatchWelcomeError)):
                    raise NoDecoder(context.name) from error
                self.bad += 1
                self._bad_in_a_row += 1
                self.torn = True
                if self._bad_in_a_row >= BAD_IN_A_ROW:
                    self.unread = str(error)
                    return
                continue
            if packet.size:
                self.torn = packet.is_corrupt
            if frames:
                self._bad_in_a_row = 0
                yield from frames


def _form(name: str) -> SampleFormat:
    form = FORMATS.get(name)
    if form is None:
        raise NoDecoder(name)
    return form
