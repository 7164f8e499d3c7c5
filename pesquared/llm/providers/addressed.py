"""What all providers behind an address share: further headers, with secrets from variables, and certificates."""

import re

from pesquared.core.settings import ModelSettings
from pesquared.errors import UsageError
from pesquared.llm.provider import Access
from pesquared.llm.wire.transport import Line, check_certificates

NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110, 5.6.2
VARIABLE = re.compile(r"\$\{(\w+)\}")


def line_to(base_url: str, api_key: str, settings: ModelSettings, access: Access) -> Line:
    """How ``base_url`` is reached.

    Raises:
        UsageError: a header cannot be sent, names an unset variable, or the certificates cannot be read.
    """
    if settings.ca_file:
        check_certificates(settings.ca_file)
    headers = tuple(_header(text, access) for text in settings.headers)
    return Line(base_url, api_key, settings.timeout_s, headers, settings.ca_file)


def _header(text: str, access: Access) -> tuple[str, str]:
    """``Name: value``; ``${VARIABLE}`` in the value stands for one of the environment."""
    name, colon, value = text.partition(":")
    if not colon or not NAME.fullmatch(name.strip()):
        raise UsageError(f"{name!r} is no header", 'write "Name: value", such as "api-key: ${AZURE_KEY}"')
    for variable in VARIABLE.findall(value):
        if variable not in access.environ:
            raise UsageError(f"the header {name!r} needs the variable {variable}", f"set {variable}")
    value = VARIABLE.sub(lambda found: access.environ[found[1]], value).strip()
    if not (value.isascii() and value.isprintable()):
        raise UsageError(f"the value of the header {name!r} cannot be sent", "use printable ASCII")
    return name.strip(), value
