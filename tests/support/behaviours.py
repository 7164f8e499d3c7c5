"""What servers of language models do to those who ask them: one line each, with what is to become of it."""

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from pesquared.llm.provider import Kind
from tests.support.model_server import Behaviour, Talk, answer, good

HUGE = 400 << 20
CHUNK = b" " * (1 << 20)


@dataclass(frozen=True)
class Expected:
    """``kind`` None: an answer. ``paid``: the server has charged for it. ``word`` names what the answer lacks."""

    kind: Kind | None = None
    word: str = ""
    after_s: float | None = None
    paid: bool = False
    truncated: bool = False


def error(status: int, code: str = "", message: str = "boom", headers: str = "") -> Behaviour:
    body = json.dumps({"type": "error", "error": {"type": code or "api_error", "code": code, "message": message}})
    return lambda talk: talk.reply(status, body.encode(), headers)


def said(body: bytes, headers: str = "") -> Behaviour:
    return lambda talk: talk.reply(200, body, headers)


def made(**options: object) -> Behaviour:
    return lambda talk: talk.reply(200, json.dumps(answer(talk.asked.api, **options)).encode())  # type: ignore[arg-type]


def changed(change: Callable[[dict[str, object]], object]) -> Behaviour:
    return lambda talk: talk.reply(200, json.dumps(change(answer(talk.asked.api))).encode())


def chunked(talk: Talk) -> None:
    body = json.dumps(answer(talk.asked.api)).encode()
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    for start in range(0, len(body), 100):
        part = body[start : start + 100]
        talk.send(b"%x\r\n%s\r\n" % (len(part), part))
    talk.send(b"0\r\n\r\n")


def huge(status: int) -> Behaviour:
    def behave(talk: Talk) -> None:
        talk.send(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, HUGE))
        for _ in range(HUGE // len(CHUNK)):
            if not talk.send(CHUNK):
                return

    return behave


def half(talk: Talk) -> None:
    body = json.dumps(answer(talk.asked.api)).encode()
    talk.reply(200, body[: len(body) // 2], length=len(body))


def reset_midway(talk: Talk) -> None:
    half(talk)
    talk.reset()


def hang(talk: Talk) -> None:
    talk.closing.wait(30)


def hang_behind_head(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    talk.closing.wait(30)


def drip(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while talk.send(b" ") and not talk.closing.wait(0.02):
        pass


def packed(talk: Talk) -> None:
    talk.reply(200, gzip.compress(json.dumps(answer(talk.asked.api)).encode()), "Content-Encoding: gzip\r\n")


def endless_head(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(3000):
        if not talk.send(b"X-%d: %s\r\n" % (number, b"y" * 1000)):
            return


def dated(talk: Talk) -> None:
    talk.reply(429, b"{}", f"Retry-After: {formatdate(time.time() + 40, usegmt=True)}\r\n")


def echoed(talk: Talk) -> None:
    keys = f"{talk.asked.headers.get('authorization', '')} {talk.asked.headers.get('x-api-key', '')}"
    talk.reply(401, json.dumps({"error": {"message": f"Incorrect API key provided: {keys}"}}).encode())


def empty_list(document: dict[str, object]) -> dict[str, object]:
    return document | {"choices": [], "output": [], "content": []}


RETRY, AFTER, REPAIR = Kind.RETRY, Kind.RETRY_AFTER, Kind.REPAIR
CONFIG, BUDGET = Kind.FATAL_CONFIG, Kind.FATAL_BUDGET
OK = Expected(paid=True)
GARBLED = Expected(RETRY)

BEHAVIOURS: dict[str, tuple[Behaviour, Expected]] = {
    "good": (good, OK),
    "in chunks": (chunked, OK),
    "unknown fields": (changed(lambda it: it | {"new": {"field": [1]}, "usage_2": None}), OK),
    "cut off": (made(ending="cut"), Expected(paid=True, truncated=True)),
    "refused": (made(ending="refused"), Expected(word="refused", paid=True)),
    "empty": (made(text=""), Expected(word="empty-reply", paid=True)),
    "no text at all": (made(text=None), Expected(word="empty-reply", paid=True)),
    "no choices": (changed(empty_list), Expected(word="empty-reply", paid=True)),
    "429": (error(429, "rate_limit_exceeded"), Expected(RETRY)),
    "429, a second": (error(429, headers="Retry-After: 1\r\n"), Expected(AFTER, after_s=1)),
    "429, milliseconds": (error(429, headers="retry-after-ms: 1500\r\n"), Expected(AFTER, after_s=1.5)),
    "429, five minutes": (error(429, headers="Retry-After: 300\r\n"), Expected(AFTER, after_s=300)),
    "429, a date": (dated, Expected(AFTER, after_s=40)),
    "429, in 2099": (error(429, headers="Retry-After: Thu, 01 Jan 2099 00:00:00 GMT\r\n"), Expected(AFTER)),
    "429, negative": (error(429, headers="Retry-After: -5\r\n"), Expected(RETRY)),
    "429, no number": (error(429, headers="Retry-After: nan\r\n"), Expected(RETRY)),
    "quota": (error(429, "insufficient_quota", "You exceeded your current quota"), Expected(BUDGET)),
    "payment required": (error(402, "billing_error"), Expected(BUDGET)),
    "no credit": (error(400, "invalid_request_error", "Your credit balance is too low"), Expected(BUDGET)),
    "no such key": (error(401, "authentication_error"), Expected(CONFIG)),
    "key said again": (echoed, Expected(CONFIG)),
    "forbidden": (error(403, "permission_error"), Expected(CONFIG)),
    "no such model": (error(404, "not_found_error"), Expected(CONFIG)),
    "bad parameter": (error(400, "unsupported_parameter", "'temperature' is not supported"), Expected(CONFIG)),
    "prompt too long": (error(400, "context_length_exceeded"), Expected(REPAIR, "prompt-too-long")),
    "request too large": (error(413, "request_too_large"), Expected(REPAIR, "prompt-too-long")),
    "content policy": (error(400, "content_policy_violation"), Expected(REPAIR, "refused")),
    "408": (error(408), Expected(RETRY)),
    "500 in HTML": (lambda talk: talk.reply(500, b"<html><h1>Oops</h1></html>"), Expected(RETRY)),
    "502": (error(502), Expected(RETRY)),
    "503, two seconds": (error(503, headers="Retry-After: 2\r\n"), Expected(AFTER, after_s=2)),
    "504": (error(504), Expected(RETRY)),
    "529": (error(529, "overloaded_error"), Expected(RETRY)),
    "error of 400 MB": (huge(500), Expected(RETRY)),
    "redirected": (lambda talk: talk.reply(307, b"", "Location: http://127.0.0.1:1/v1\r\n"), Expected(CONFIG)),
    "null": (said(b"null"), GARBLED),
    "nothing": (said(b""), GARBLED),
    "{}": (said(b"{}"), GARBLED),
    "error in a 200": (said(b'{"error": {"message": "no"}}'), GARBLED),
    "HTML in a 200": (said(b"<!doctype html><title>Log in</title>"), GARBLED),
    "wrong types": (changed(lambda it: it | {"choices": 1, "output": "x", "content": 7}), GARBLED),
    "a list": (said(b"[1, 2]"), GARBLED),
    "nested deeply": (said(b"[" * 100_000), GARBLED),
    "not UTF-8": (said(b'{"choices": [{"message": {"content": "\xff"}}]}'), GARBLED),
    "400 MB": (huge(200), GARBLED),
    "packed": (packed, GARBLED),
    "half": (half, GARBLED),
    "reset": (lambda talk: talk.reset(), GARBLED),
    "reset midway": (reset_midway, GARBLED),
    "no HTTP": (lambda talk: talk.send(b"SSH-2.0-OpenSSH_9.2\r\n"), GARBLED),
    "endless head": (endless_head, GARBLED),
    "hang": (hang, GARBLED),
    "hang behind the head": (hang_behind_head, GARBLED),
    "drip": (drip, GARBLED),
}  # fmt: skip
SLOW = ("hang", "hang behind the head", "drip")  # take until the deadline
LARGE = ("400 MB", "error of 400 MB")
