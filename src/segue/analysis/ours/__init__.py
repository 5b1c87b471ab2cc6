"""The engine that comes with Segue: numpy, scipy, soxr and PyAV, nothing else."""

NAME = "segue"
VERSION = 1
"""What was heard by another version is heard again. Raised with every change that makes figures differ."""

__all__ = ["NAME", "VERSION"]
