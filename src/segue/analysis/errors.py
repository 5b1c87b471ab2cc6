"""Why a file cannot be heard, each reason as a type of its own.

A reason is kept as its code and parameters; `told` makes the error of them again, so that a face can say the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segue.core.errors import Invalid, SegueError


class Unheard(Invalid):
    """This audio cannot be heard, and trying again will not change that."""


class NoSuchFile(Unheard):
    def __init__(self) -> None:
        super().__init__("no_such_file", "There is no such file.")


class NotAFile(Unheard):
    """`kind` is what it is: directory, fifo, socket, device."""

    def __init__(self, kind: str) -> None:
        super().__init__("not_a_file", f"It is no file but a {kind}.", kind=kind)


class CannotOpen(Unheard):
    """`cause` is what the operating system said."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            "cannot_open",
            f"The file cannot be read: {cause}.",
            hint="The account that Segue runs as needs to read it.",
            cause=cause,
        )


class EmptyFile(Unheard):
    def __init__(self) -> None:
        super().__init__("empty_file", "The file is empty.")


class NotAudio(Unheard):
    def __init__(self) -> None:
        super().__init__("not_audio", "This is no audio that is known here.")


class NoAudioStream(Unheard):
    """`format` is FFmpeg's name of the container."""

    def __init__(self, format: str) -> None:
        super().__init__("no_audio_stream", f"There is no sound in it (it is {format}).", format=format)


class Encrypted(Unheard):
    """`scheme` is the sign of it: drms, enca, aavd, asf, matroska."""

    def __init__(self, scheme: str) -> None:
        super().__init__(
            "encrypted",
            "The sound is encrypted.",
            hint="Only what the shop that sold it plays can play it; a copy without protection can be heard.",
            scheme=scheme,
        )


class NoDecoder(Unheard):
    def __init__(self, codec: str) -> None:
        super().__init__("no_decoder", f"There is no decoder for its codec ({codec}).", codec=codec)


class StrangeSound(Unheard):
    """A sample rate or a number of channels that no music has."""

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(
            "strange_sound",
            f"It says of itself that it has {channels} channels and {rate} samples a second.",
            rate=rate,
            channels=channels,
        )


class TooDamaged(Unheard):
    """`packets` that could not be decoded, before anything was heard."""

    def __init__(self, packets: int) -> None:
        super().__init__("too_damaged", "It is damaged: nothing of it can be decoded.", packets=packets)


class NoSound(Unheard):
    def __init__(self) -> None:
        super().__init__("no_sound", "There is not one sample in it.")


class OutsideTheFile(Unheard):
    """A slice that begins after the end, or that ends before it begins."""

    def __init__(self, start_ms: int, end_ms: int | None) -> None:
        super().__init__(
            "outside_the_file", f"The file has ended before {start_ms} ms.", start_ms=start_ms, end_ms=end_ms
        )


class EngineAbsent(Unheard):
    """An engine that was asked for cannot listen. `reason` says what it lacks."""

    status = 503

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__("engine_absent", f"{engine} cannot listen: {reason}", engine=engine, reason=reason)


class EngineFailed(SegueError):
    """An engine beside ours gave no usable answer. `reason` is what it said or how it ended."""

    status = 502

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__("engine_failed", f"{engine} gave no answer: {reason}", engine=engine, reason=reason)


REASONS: Mapping[str, type[SegueError]] = {
    "no_such_file": NoSuchFile,
    "not_a_file": NotAFile,
    "cannot_open": CannotOpen,
    "empty_file": EmptyFile,
    "not_audio": NotAudio,
    "no_audio_stream": NoAudioStream,
    "encrypted": Encrypted,
    "no_decoder": NoDecoder,
    "strange_sound": StrangeSound,
    "too_damaged": TooDamaged,
    "no_sound": NoSound,
    "outside_the_file": OutsideTheFile,
    "engine_absent": EngineAbsent,
    "engine_failed": EngineFailed,
}
"""By code: everything that says why a file was not heard. What befalls a child process has codes of `core.pool`."""


def told(code: str, params: Mapping[str, Any]) -> SegueError:
    """The error that was kept as `code` and `params`; of an unknown code, one that says the code."""
    kind = REASONS.get(code)
    if kind is not None:
        try:
            return kind(**params)
        except TypeError:
            pass
    words = {
        "child_crashed": "The process that listened to it died.",
        "deadline_exceeded": "It was not heard in the time that its length allows.",
        "memory_exceeded": "It needed more memory than one file may have.",
    }
    return SegueError(code, words.get(code, f"It could not be heard ({code})."), **params)
