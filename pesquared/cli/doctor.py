"""``pesquared doctor``: what is there to work with, and what is missing. One function a part."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from pesquared.cli import places
from pesquared.cli.options import configure
from pesquared.cli.providers import KEY_OF
from pesquared.cli.reading import reading
from pesquared.core.settings import ModelSettings, Settings
from pesquared.errors import PesquaredError
from pesquared.llm.knobs import DEFAULT_MODELS
from pesquared.llm.provider import Access
from pesquared.llm.providers.addressed import line_to
from pesquared.llm.providers.anthropic import BASE_URL as ANTHROPIC_URL
from pesquared.llm.providers.openai import BASE_URL as OPENAI_URL
from pesquared.llm.reach import LOCAL, Reached, reach
from pesquared.llm.registry import open_provider
from pesquared.llm.spending.price import parse_price
from pesquared.reporters.words import printable

GOOD, BAD, ABSENT = "ok", "!!", "--"
SHOWN = 5  # models of a list
ADDRESS = {"openai": OPENAI_URL, "anthropic": ANTHROPIC_URL}


@click.command()
@click.argument("codebase", type=click.Path(path_type=Path), default=".")
@click.option("--provider", metavar="NAME", help="Look at this provider's settings, too.")
@click.option("--model", metavar="NAME", multiple=True, help="And at this model.")
@click.option("--base-url", metavar="URL", help="And at this address.")
@click.pass_context
def doctor(ctx: click.Context, /, codebase: Path, **options: object) -> None:
    """Say what there is to work with: models that can be reached, what they cost, how CODEBASE can be read."""
    settings = configure(codebase, options).settings
    environ = ctx.obj or dict(os.environ)
    for mark, text in (*models(settings, environ), *reading(codebase, settings, environ)):
        click.echo(f"{mark}  {printable(text)}")


def models(settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Who could be asked: by a key, on this machine, and what the settings say."""
    keys = places.keys(environ)
    for provider, key in KEY_OF.items():
        if key not in keys:
            yield ABSENT, f"{provider}: no key ({key})"
        else:
            chosen = ModelSettings(provider=provider, model=DEFAULT_MODELS[provider])
            yield _looked_at(chosen, environ, keys)
    for name, address in LOCAL:
        reached = reach(line_to(address, "none", ModelSettings(), Access()))
        if not reached.problem:
            yield GOOD, f"{name} at {address}: {_listed(reached)}; --provider openai --base-url {address}"
    wanted = settings.model
    if wanted.provider not in ("", "rules") and (wanted.base_url or wanted.provider not in KEY_OF or wanted.model):
        yield _looked_at(wanted, environ, keys)


def _looked_at(settings: ModelSettings, environ: Mapping[str, str], keys: Mapping[str, str]) -> tuple[str, str]:
    """One provider as the settings have it: can it be opened, what does it cost, is somebody there?"""
    name = " ".join(part for part in (settings.provider, settings.base_url) if part)
    key = keys.get(KEY_OF.get(settings.provider, ""), "")
    try:
        price = parse_price(settings.price) if settings.price else None
        runs = str(places.state_path(environ) / "runs")
        opened = open_provider(settings, Access(environ, key, price, runs=runs))
        if settings.provider not in ADDRESS:
            return GOOD, f"{name}: {opened.model}, {opened.price.describe()}"
        address = settings.base_url or ADDRESS[settings.provider]
        line = line_to(address, key or "none", replace(settings, timeout_s=5.0), Access(environ))
    except PesquaredError as error:
        return BAD, f"{name}: {error.message}; {error.fix}"
    told = f"{name}: {opened.model}, {opened.price.describe()}"
    reached = reach(line, settings.provider)
    if reached.problem:
        return BAD, f"{told}; {reached.problem}"
    there = opened.model in reached.models
    return (GOOD, f"{told}; reached") if there else (BAD, f"{told}; it does not list it, but {_listed(reached)}")


def _listed(reached: Reached) -> str:
    names = ", ".join(reached.models[:SHOWN]) or "no models"
    more = len(reached.models) - SHOWN
    return names + (f" and {more} more" if more > 0 else "")
