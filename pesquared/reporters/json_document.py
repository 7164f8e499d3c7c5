"""The run as one JSON document."""

import json

from pesquared.core.attempt import RunReport
from pesquared.core.document import report_document


def render(report: RunReport) -> str:
    """Schema 1, documented in docs/reference/json.md. Text that is no UTF-8 comes out escaped."""
    return json.dumps(report_document(report), indent=2, ensure_ascii=True, allow_nan=False) + "\n"
