"""A result as one JSON document."""

import json
from collections.abc import Mapping


def render(document: Mapping[str, object]) -> str:
    """Schema 1, documented in docs/reference/json.md. Text that is no UTF-8 comes out escaped."""
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
