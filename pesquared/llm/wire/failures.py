"""What an HTTP answer that is no success means, for all providers: by status, headers and error code.

Sources: RFC 9110 (15, statuses; 10.2.3, Retry-After), the providers' lists of errors. What is not known by its
code is judged by its status, so that gateways which speak a dialect are understood, too.
"""

import email.utils
import json
import math
import re
from collections.abc import Mapping

from pesquared.llm.provider import Failed, Kind

SHOWN = 300  # characters of a server's message
MOST_READ = 64 << 10  # of an error's body
NO_MONEY = re.compile(
    r"insufficient_quota|billing|credit balance|quota[_ ]exceeded|exceeded your current quota|payment",
    re.IGNORECASE,
)
TOO_LONG = re.compile(
    r"context[_ ]length|context window|too many tokens|prompt is too long|maximum context|string_above_max_length"
    r"|request_too_large",
    re.IGNORECASE,
)
REFUSED = re.compile(r"content[_ ](?:filter|policy|management)|responsible_?ai|safety", re.IGNORECASE)
OVERLOADED = re.compile(r"overloaded|rate[_ ]limit|try again|temporarily", re.IGNORECASE)
NO_SUCH_MODEL = re.compile(r"model[_ ]not[_ ]found|not_found_error|does not exist", re.IGNORECASE)
CHECK = "check the key, --model and --base-url"
# Milliseconds, seconds and dates, in the order in which they are believed.
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
TEMPORARY = frozenset({408, 409, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530})


def failure_of(status: int, headers: Mapping[str, str], body: bytes, who: str, now: float) -> Failed:
    """The failure behind an answer with another status than 200.

    Args:
        status: of the answer.
        headers: by names in lower case.
        body: as far as it was read; anything may be in it.
        who: the provider's name, for the reason.
        now: seconds since 1970, for headers that hold a date.
    """
    code, message = error_of(body)
    said = f"{code} {message}"
    reason = f"{who} answered {status}" + (f": {message or code}" if message or code else "")
    after = retry_after(headers, now)
    if status in (402, 429, 403, 400) and NO_MONEY.search(said):
        return Failed(Kind.FATAL_BUDGET, reason, after, fix="the account has no money or quota left: top it up")
    if status == 413 or (status in (400, 422) and TOO_LONG.search(said)):
        return Failed(Kind.REPAIR, reason, reason_code="prompt-too-long")
    if status in (400, 403, 451) and REFUSED.search(said):
        return Failed(Kind.REPAIR, reason, reason_code="refused")
    if status == 429 or (status in TEMPORARY and after is not None):
        return Failed(Kind.RETRY if after is None else Kind.RETRY_AFTER, reason, after)
    if status in TEMPORARY or status >= 500 or (status == 400 and OVERLOADED.search(said)):
        return Failed(Kind.RETRY, reason, perhaps_paid=status in (504, 524))
    return Failed(Kind.FATAL_CONFIG, reason, fix=_fix(status, headers, said))


def _fix(status: int, headers: Mapping[str, str], said: str) -> str:
    if 300 <= status < 400:
        where = headers.get("location", "")[:SHOWN]
        return f"the address redirects{f' to {where!r}' if where else ''}: give the right one as --base-url"
    if status == 401:
        return "the key is refused or has expired: set a new one"
    if status == 403:
        return "the key may not do this: look at its rights, and at --model"
    if status == 404 or NO_SUCH_MODEL.search(said):
        return "there is no such model or address: check --model and --base-url"
    return CHECK


def error_of(body: bytes) -> tuple[str, str]:
    """Code and message of an error in JSON, as OpenAI, Anthropic and others write it; else a line."""
    body = body[:MOST_READ]
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "", _line(body.decode("utf-8", "replace"))
    error = document.get("error", document) if isinstance(document, dict) else document
    if not isinstance(error, dict):
        return "", _line(error) if isinstance(error, str) else ""
    code = " ".join(_line(error[key]) for key in ("code", "type") if isinstance(error.get(key), str))
    message = error.get("message", error.get("detail", ""))
    return code, _line(message) if isinstance(message, str) else ""


def _line(text: str) -> str:
    """One printable line: a server's words go to a terminal and into a log."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * SHOWN])
    shown = " ".join(re.sub(r"<[^<>]*>", " ", shown).split())
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the answer asks to wait, None where it does not say or talks nonsense."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("retry-after", "").strip()
    if said:
        seconds = _number(said)
        return seconds if seconds is not None else _until(said, now)
    for name in ("x-ratelimit-reset-tokens", "x-ratelimit-reset-requests"):
        if headers.get(name.replace("reset", "remaining"), "").strip() == "0":
            waits = _DURATION.fullmatch(headers.get(name, "").strip())
            if waits and any(waits.groups()):
                hours, minutes, seconds_, ms = (float(part or 0) for part in waits.groups())
                return 3600 * hours + 60 * minutes + seconds_ + ms / 1000
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(text: str, now: float) -> float | None:
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
