"""What is wrong with a recording, as far as its samples tell: clipping, an offset, channels, and where its spectrum ends.

`QualityPart` (in `part`) hears blocks; `conclude` weighs what it found with what is known of the file.
"""

from segue.analysis.quality.conclusion import conclude, lossless

__all__ = ["conclude", "lossless"]
