"""Renders the prompt of a request: first the stable part, about the function, then what varies with the turn."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from typing import TYPE_CHECKING

from pesquared.core.proposal import ProposalRequest, Stage
from pesquared.core.source import Caller
from pesquared.core.verdict import Gain
from pesquared.core.words import percent
from pesquared.errors import UsageError
from pesquared.llm import Prompt
from pesquared.propose.methodology import METHODOLOGIES
from pesquared.propose.reply import clean
from pesquared.propose.strategies import strategy_for

if TYPE_CHECKING:
    import jinja2

LONGEST_ITEM = 20_000  # characters of one definition
LONGEST_SECTION = 60_000
LONGEST_REPLY = 40_000
LONGEST_DETAIL = 6_000
MOST_EARLIER = 10
MOST_FLAGS = 40
TELLING = re.compile(
    r"-O\w*|-std=[\w+]+|-m[\w.=+-]+|-f(?!file|debug|macro|profile|coverage)[\w=+-]+|-pthread|-DNDEBUG"
)
TAGS = {"c": "c", "c++": "cpp"}
LANGUAGES = {"c": "C", "c++": "C++"}


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of data and what it is."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    items: tuple[Item, ...]


def render(request: ProposalRequest, folder: str = "") -> Prompt:
    """The prompt. The same request always gives the same text.

    Args:
        request: what is asked.
        folder: of templates that take the place of ours, "" for none.

    Raises:
        UsageError: a template there cannot be used.
    """
    import jinja2  # noqa: PLC0415

    nonce = nonce_for(request)
    template = "repair.md.j2" if request.stage is Stage.REPAIR else "optimize.md.j2"
    varying = {**_varying(request), "strategy": strategy_for(request, folder), "methodologies": METHODOLOGIES}
    try:
        templates = templates_of(folder)
        first = templates.get_template("context.md.j2").render(_stable(request), nonce=nonce)
        then = templates.get_template(template).render(varying, nonce=nonce)
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise UsageError(
            f"a prompt cannot be made: {error}", "see the README beside our templates for the names they know"
        ) from error
    return Prompt(clean(first), clean(then))


def nonce_for(request: ProposalRequest) -> str:
    """What delimits data: a hash of the function, so that prompts stay the same, and one that no data holds."""
    held = repr(request)
    seed = f"{request.context.definition.key}\0{request.context.text}"
    return next(nonce for nonce in map(partial(_nonce, seed), count()) if nonce not in held)


def _nonce(seed: str, salt: int) -> str:
    return "data-" + hashlib.sha256(f"{salt}\0{seed}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


@cache
def templates_of(folder: str) -> "jinja2.Environment":
    """Our templates, or those of the same name in ``folder`` where that is not ""."""
    import jinja2  # noqa: PLC0415 - not needed to print a help text

    own = [jinja2.FileSystemLoader(folder)] if folder else []
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([*own, jinja2.PackageLoader("pesquared.propose", "prompts")]),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown for a model; HTML entities would change the code
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _stable(request: ProposalRequest) -> dict[str, object]:
    """What depends on the function alone."""
    context = request.context
    definition = context.definition
    return {
        "language": LANGUAGES.get(definition.language, definition.language),
        "tag": TAGS.get(definition.language, definition.language),
        "name": definition.name,
        "file": definition.extent.path,
        "definition": context.text,  # whole, however long: it is to be rewritten
        "share": request.share,
        "metric": {"cpu": "CPU", "wall": "wall-clock"}.get(request.metric, request.metric),
        "role": request.role.value,
        "chain": "\n".join(request.chain),
        "hot_callee": request.hot_callee,
        "flags": " ".join(_telling(context.compile_flags)),
        "remarks": "\n".join(request.remarks),
        "sections": [section for section in _sections(request) if section.items],
        "notes": "\n".join(context.notes),
        "sealed": "\n".join(request.sealed),
    }


def _sections(request: ProposalRequest) -> Iterable[Section]:
    context = request.context
    yield Section("Included in its file", _items("include lines", ["\n".join(context.includes)]))
    yield Section("Types it uses", _items("type", context.types))
    yield Section("Macros it uses", _items("macro", context.macros))
    yield Section("Globals it uses", _items("global", context.variables))
    yield Section("Functions it calls", _items("signature", context.callees))
    yield Section("Functions that call it", _fitting([_caller(caller) for caller in context.callers]))


def _caller(caller: Caller) -> Item:
    share = "" if caller.share is None else f", {caller.share * 100:.1f} % of the profile run through this call"
    text = f"in {caller.definition.extent.path}{share}:\n{caller.text}"
    return Item("caller", shortened(text, LONGEST_ITEM))


def _items(label: str, texts: Sequence[str]) -> tuple[Item, ...]:
    return _fitting([Item(label, shortened(text, LONGEST_ITEM)) for text in texts if text.strip()])


def _fitting(items: Sequence[Item]) -> tuple[Item, ...]:
    """As many items as there is room for in a section."""
    found: list[Item] = []
    room = LONGEST_SECTION
    for item in items:
        room -= len(item.text)
        if room < 0:
            break
        found.append(item)
    return tuple(found)


def _varying(request: ProposalRequest) -> dict[str, object]:
    """What depends on the turn."""
    earlier = [
        f"{one.verdict}{_measured(one.gain)} ({shortened(one.reason, 300)}): {shortened(one.rationale, 600)}"
        for one in request.earlier[-MOST_EARLIER:]
    ]
    failure = request.failure
    return {
        "earlier": earlier,
        "reply": shortened(failure.reply, LONGEST_REPLY) if failure else "",
        "gate": failure.gate if failure else "reply",
        "detail": shortened(failure.detail, LONGEST_DETAIL) if failure else "",
    }


def _measured(gain: Gain | None) -> str:
    """What it saved, with its interval."""
    return f", {percent(gain.median)} saved [{percent(gain.low)}, {percent(gain.high)}]" if gain else ""


def _telling(flags: Sequence[str]) -> list[str]:
    """The flags that say what the compiler may do; no folder of this machine is among them."""
    return [flag for flag in flags if TELLING.fullmatch(flag)][:MOST_FLAGS]


def shortened(text: str, longest: int) -> str:
    """Head and tail of a text that is longer than ``longest`` characters, and how much is missing between."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n[{len(text) - 2 * half} characters left out]\n{text[-half:]}"
