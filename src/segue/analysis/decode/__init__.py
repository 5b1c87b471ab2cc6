"""Any audio file as blocks of samples: PyAV decodes, soxr resamples, one pass, memory bounded at any length."""

from segue.analysis.decode.reading import Decoded, blocks

__all__ = ["Decoded", "blocks"]
