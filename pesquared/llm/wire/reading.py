"""Strict reading of a reply's JSON: what has not the form of an answer is none, whatever its status was."""

from typing import TypeVar

import msgspec

from pesquared.llm.provider import Failed, Kind

SHOWN = 200

T = TypeVar("T")


def read_json(body: bytes, schema: type[T], who: str) -> T | Failed:
    """The reply as ``schema``, or that it is none: a page of a proxy, half a reply, an error with status 200."""
    try:
        return msgspec.json.decode(body, type=schema)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        return Failed(
            Kind.RETRY,
            f"{who} sent something that is no answer: {str(error)[:SHOWN]}",
            perhaps_paid=True,
            strange=True,
            fix="check --base-url",
        )
