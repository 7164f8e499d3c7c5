from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Plant = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes files into a code base and returns its folder."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "code"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write
