"""Decoding in one pass: packets to frames to blocks, and to 22,050 Hz mono beside it.

Time 0 is the first sample that is left when the encoder's delay is taken away (LAME's and iTunes' gapless figures, the
edit list of an MPEG-4 file, Opus' pre-skip): what FFmpeg, and with it browsers and gapless players, show as 0:00. An MP3
that does not state its delay keeps it, as it does in players. Where packets are missing in the middle, silence takes
their place as far as the timestamps say how long it was, so that what comes after stays where a player shows it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soxr

from segue.analysis.decode.frames import Frames
from segue.analysis.decode.lengths import declared_ms, lacks_end, unstated
from segue.analysis.decode.opening import begins_like_sound, checked, opened_container, opened_file, sound_stream
from segue.analysis.decode.samples import Filling, Samples, mend, mixed_down
from segue.analysis.errors import NoSound, NotAudio, OutsideTheFile, TooDamaged
from segue.analysis.parts import MONO_RATE, Block
from segue.analysis.records import Finding

QUALITY = "HQ"
"""Of soxr: 20 bits. Of 4 minutes it takes 0.04 s, a medium one 0.025 s."""
MOST_VALUES = 4_000_000
"""In one block, over all channels: 16 MB."""
LONGEST_S = 48 * 3600
CUT_MS, CUT_SHARE = 300, 0.005
"""A file that ends this much before its stated length was cut."""


def blocks(
    path: str | os.PathLike[str] | bytes,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    block_s: float = 10.0,
) -> Decoded:
    """The sound of a file, or of a slice of it, to be iterated once and closed (it is its own context).

    Blocks are about `block_s` long, shorter for many channels at high rates. Raises `analysis.errors.Unheard`: here what
    the opening shows, and TooDamaged and NoSound; while iterating OutsideTheFile.
    """
    file = opened_file(path)
    try:
        container = opened_container(file, Path(os.fsdecode(path)).suffix[:8])
        try:
            return Decoded(file, container, start_ms or 0, end_ms, block_s)
        except BaseException as error:
            container.close()
            if isinstance(error, (NoSound, TooDamaged)) and not begins_like_sound(file.fileno()):
                raise NotAudio from error
            raise
    except BaseException:
        file.close()
        raise


class Decoded:
    """What blocks() gives. `rate`, `channels` and `layout` hold for all blocks; `doubts` and `duration_ms` after the last."""

    def __init__(self, file: BinaryIO, container: Any, start_ms: int, end_ms: int | None, block_s: float) -> None:
        self._file, self._container = file, container
        self._stream = sound_stream(container)
        self.format: str = container.format.name
        self.codec: str = self._stream.codec_context.name
        frames = self._frames = Frames(container, self._stream)
        self.rate: int = frames.rate
        self.channels: int = frames.channels
        self.layout: str = frames.layout
        checked(self.rate, self.channels)
        self._start = start_ms * self.rate // 1000
        self._end = LONGEST_S * self.rate if end_ms is None else end_ms * self.rate // 1000
        self._asked = (start_ms, end_ms)
        self._size = max(1, min(round(block_s * self.rate), MOST_VALUES // self.channels))
        self._samples = 0
        self._ended_early = False
        self._broken = 0
        self._doubts: list[Finding] = []

    @property
    def duration_ms(self) -> int:
        """Of what was given out so far."""
        return round(self._samples * 1000 / self.rate)

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """What was passed over: damaged, gaps, not_finite, rate_changed, channels_changed, cut_short, too_long."""
        return tuple(self._doubts)

    def __enter__(self) -> Decoded:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._container.close()
        self._file.close()

    def __iter__(self) -> Iterator[Block]:
        """The blocks in order, at least one."""
        mono = _Mono(self.rate)
        waiting: Filling | None = None
        for filling in self._native():
            if waiting is not None:
                yield self._both(waiting, mono, last=False)
            waiting = filling
        if waiting is None:
            raise OutsideTheFile(*self._asked) if self._start else NoSound
        yield self._both(waiting, mono, last=True)
        self._conclude()

    def _both(self, filling: Filling, mono: _Mono, *, last: bool) -> Block:
        samples = filling.whole()
        self._samples += samples.shape[1]
        self._broken += mend(samples)
        return Block(samples, self.rate, mono.of(samples, last=last), self.layout)

    def _native(self) -> Iterator[Filling]:
        """The pieces put end to end and cut to the slice. None of what comes is empty."""
        start, end = self._start, self._end
        filling = Filling(self.channels, self._size)
        position, pieces = self._frames.pieces(start)
        for frame, form, count in pieces:
            skip = min(start - position, count) if position < start else 0
            position += count
            left = count - skip - max(0, position - end)
            while left > 0:
                if not filling.room:
                    yield filling
                    filling = Filling(self.channels, self._size)
                now = min(left, filling.room)
                if form is None:
                    filling.silence(now)
                else:
                    filling.take(frame, form, skip, now)
                skip += now
                left -= now
            if position >= end:
                self._ended_early = True
                break
        if filling.filled:
            yield filling

    def _conclude(self) -> None:
        """What was passed over on the way, as doubts."""
        frames, doubts = self._frames, self._doubts
        doubts += frames.changes
        if frames.bad:
            doubts.append(Finding("damaged", {"packets": frames.bad}))
        if frames.gaps:
            missing = sum(count for _, count in frames.gaps)
            at_ms = frames.gaps[0][0] * 1000 // self.rate
            doubts.append(
                Finding("gaps", {"count": len(frames.gaps), "at_ms": at_ms, "ms": missing * 1000 // self.rate})
            )
        if self._broken:
            doubts.append(Finding("not_finite", {"samples": self._broken}))
        if self._ended_early:
            if self._asked[1] is None:
                doubts.append(Finding("too_long", {"heard_ms": self.duration_ms}))
            return
        stated = declared_ms(self._container, self._stream, self._file.fileno())
        heard = self._asked[0] + self.duration_ms
        if stated is not None and stated - heard > max(CUT_MS, stated * CUT_SHARE):
            doubts.append(Finding("cut_short", {"stated_ms": stated, "heard_ms": heard}))
        elif self._is_torn():
            doubts.append(Finding("cut_short", {"heard_ms": heard}))

    def _is_torn(self) -> bool:
        """Whether something shows that there was more, where no length is stated."""
        fd = self._file.fileno()
        torn = self._frames.torn and not unstated(self._container, fd)
        return torn or self._frames.unread is not None or lacks_end(self._container, fd)


class _Mono:
    """The mix at MONO_RATE of one block after another."""

    def __init__(self, rate: int) -> None:
        self._stream = None
        if rate != MONO_RATE:
            self._stream = soxr.ResampleStream(rate, MONO_RATE, 1, dtype="float32", quality=QUALITY)

    def of(self, samples: Samples, *, last: bool) -> Samples:
        mono = mixed_down(samples)
        if self._stream is None:
            return mono
        resampled: Samples = np.asarray(self._stream.resample_chunk(np.ascontiguousarray(mono), last=last), np.float32)
        return resampled
