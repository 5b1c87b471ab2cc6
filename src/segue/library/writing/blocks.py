"""What stood in a file before and behind its music, kept so that a write can be undone to the byte.

Large ones (covers) are kept as the difference to what stands there after the write: their pictures are in the file still.
Such a block can be opened only with the file as it was left.
"""

from __future__ import annotations

import struct

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

SMALL_BYTES = 128 * 1024
"""Blocks up to this size are kept by themselves."""
LARGEST_BYTES = 256 * 1024 * 1024
_HEADER = struct.Struct("<BBQQ")
_STEP = struct.Struct("<BQQ")
_VERSION, _WHOLE, _DIFFERENCE = 1, 0, 1
_OWN, _SAME = 0, 1
_PROBE, _STRIDE, _NEAR = 64, 509, 256 * 1024
_MOST_SEARCHES = 200
"""Searches through everything that may fail, so that a cover that was exchanged costs no minutes."""


def pack(head: bytes, tail: bytes, new_head: bytes, new_tail: bytes) -> bytes:
    """The block of a file whose music was between `head` and `tail`, and is now between the new ones."""
    content = head + tail
    if len(content) <= SMALL_BYTES:
        kind, body = _WHOLE, content
    else:
        kind, body = _DIFFERENCE, _difference(content, new_head + new_tail)
    return _HEADER.pack(_VERSION, kind, len(head), len(tail)) + ZstdCompressor(level=6).compress(body)


def unpack(block: bytes, present_head: bytes, present_tail: bytes) -> tuple[bytes, bytes]:
    """The head and tail that a file had. Raises ValueError where the block is damaged or the file is not as it was left."""
    if len(block) < _HEADER.size:
        raise ValueError("the block is cut short")
    version, kind, head, tail = _HEADER.unpack_from(block)
    if version != _VERSION or kind not in (_WHOLE, _DIFFERENCE) or head + tail > LARGEST_BYTES:
        raise ValueError("a block of another kind")
    try:
        content = ZstdDecompressor().decompress(block[_HEADER.size :], max_output_size=2 * LARGEST_BYTES)
    except ZstdError as error:
        raise ValueError("the block cannot be opened") from error
    if kind == _DIFFERENCE:
        content = _restored(content, present_head + present_tail)
    if len(content) != head + tail:
        raise ValueError("the block is of another length")
    return content[:head], content[head:]


def _difference(old: bytes, new: bytes) -> bytes:
    """`old` as steps: bytes of its own, or a stretch of `new`."""
    steps: list[bytes] = []
    written = at = near = searches = 0
    while at + _PROBE <= len(old):
        probe = old[at : at + _PROBE]
        found = new.find(probe, near, near + _NEAR)
        if found < 0 and searches < _MOST_SEARCHES:
            found = new.find(probe)
            searches += found < 0
        if found < 0:
            at += _STRIDE
            continue
        back = _common(old[written:at][::-1], new[max(0, found - (at - written)) : found][::-1])
        start, begin = at - back, found - back
        length = back + _common(old[at:], new[found:])
        if start > written:
            steps.append(_STEP.pack(_OWN, start - written, 0) + old[written:start])
        steps.append(_STEP.pack(_SAME, length, begin))
        written = at = start + length
        near = begin + length
    if written < len(old):
        steps.append(_STEP.pack(_OWN, len(old) - written, 0) + old[written:])
    return b"".join(steps)


def _restored(steps: bytes, new: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while at + _STEP.size <= len(steps):
        kind, length, start = _STEP.unpack_from(steps, at)
        at += _STEP.size
        if kind == _OWN:
            parts.append(steps[at : at + length])
            at += length
        else:
            parts.append(new[start : start + length])
    return b"".join(parts)


def _common(one: bytes, other: bytes) -> int:
    """How many bytes at their beginnings are equal."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low + 1 < high:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low if one[low : low + 1] != other[low : low + 1] else low + 1
