"""A model's numbers as a file: plain arrays in numpy's archive, read without unpickling and within a stated size."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triage_models.errors import ModelRefused

LARGEST_ARRAYS: Final = 256 * 2**20
"""Bytes that a model's arrays may have together once they are unpacked."""


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """One compressed .npz; the same arrays give the same bytes (numpy stamps no time)."""
    named: dict[str, Any] = dict(arrays)
    np.savez_compressed(path, **named)


def read_arrays(content: bytes, name: str) -> dict[str, NDArray[Any]]:
    """The arrays of a file; ModelRefused where it is no such archive, holds Python objects or unpacks to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > LARGEST_ARRAYS:
            raise ModelRefused(f"model {name} unpacks to {size} bytes, more than {LARGEST_ARRAYS}: it is not loaded")
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            return {key: found[key] for key in found.files}
    except ModelRefused:
        raise
    except Exception as error:
        raise ModelRefused(
            f"model {name} is not an archive of plain arrays ({type(error).__name__}: {error})"
        ) from error
