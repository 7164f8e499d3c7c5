"""How well source is read: index, contexts, compile views and splices of real code bases; binaries with -g.

    python benchmarks/extract.py CODEBASE[:BINARY]… [--functions 200] [--unsafe-make]

CODEBASE should have compile commands; --unsafe-make lets ``make -n`` and cmake run, unconfined, where it has none.
"""

import argparse
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.edits import apply_edits
from pesquared.core.running import RunResult, Usage
from pesquared.core.source import Definition
from pesquared.errors import PesquaredError
from pesquared.source.clang.compile_view import check
from pesquared.source.clang.index import ClangIndex, open_index
from pesquared.source.clang.unit import parse_unit
from pesquared.source.languages import Keep
from pesquared.source.sizes import about_tokens
from pesquared.source.splice import NestedInClassError, add_include, insert_helper_before, replace_definition

SEED = 1
HELPER = "static int pesquared_helper(int a) { return a + 1; }"


@dataclass(frozen=True, slots=True)
class Project:
    """A code base with its index."""

    index: ClangIndex
    definitions: list[Definition]  # that can be replaced, in random order

    @property
    def name(self) -> str:
        return self.index.root.name


def make_run(root: Path) -> Callable[[str], RunResult]:
    """Runs a command line in the code base as it is: only for code bases that are trusted."""

    def run(command: str) -> RunResult:
        done = subprocess.run(command, shell=True, cwd=root, capture_output=True, check=False)
        return RunResult(done.returncode, done.stdout, done.stderr, Usage(0.0, 0.0, 0, "wall"))

    return run


def cpu(work: Callable[[], object]) -> float:
    """CPU milliseconds of this process."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))] if values else 0.0


def indexed(root: Path, keep: Path, *, make: bool) -> Project:
    """Builds the index anew and prints what it took."""
    index = open_index(root, make_run(root) if make else None, Keep(keep))
    shelf = index.shelf
    began = time.process_time()
    store = shelf.current(index) if shelf is not None else None
    ours = time.process_time() - began
    if shelf is None or store is None or shelf.report is None:
        raise SystemExit(f"{root} cannot be indexed")
    report = shelf.report
    paths = [path for (path,) in store.connection.execute("SELECT path FROM file")]
    lines = sum((index.root / path).read_bytes().count(b"\n") for path in paths if not path.startswith("/"))
    total = report.cpu_s + ours
    print(
        f"\n{index.root.name}: {report.units} units by {index.database.origin}, {lines} lines,"
        f" {len(report.lost)} lost"
    )
    print(f"  index: {total:.2f} CPU s, {total / max(lines, 1) * 1e5:.2f} a 100k lines, {report.wall_s:.1f} s")
    names = [path for (path,) in store.connection.execute("SELECT DISTINCT path FROM definition")]
    found = {
        one.definition.key + str(one.definition.extent.start): one.definition
        for path in names
        for one in shelf.entries_in(index, path) or ()
    }
    definitions = [one for one in found.values() if not one.from_macro]
    print(f"  definitions: {len(found)}, {len(found) - len(definitions)} of them written by macros")
    random.Random(SEED).shuffle(definitions)
    return Project(index, definitions)


def contexts(project: Project, wanted: list[Definition]) -> None:
    """Time and size of contexts."""
    index = project.index
    cold, warm, ratio, shares, tokens = [], [], [], [], []
    for one in wanted:
        index.units.forget()
        taken = cpu(lambda one=one: index.extract(one))  # type: ignore[misc]
        (command, *_) = index.commands_for(one.extent.path)
        parse = cpu(lambda command=command: parse_unit(index.root, command))  # type: ignore[misc]
        cold.append(taken)
        ratio.append(taken / max(parse, 1e-3))
        warm.append(cpu(lambda one=one: index.extract(one)))  # type: ignore[misc]
        context = index.extract(one)
        file = (index.root / one.extent.path).read_text(errors="replace")
        tokens.append(float(context.tokens))
        callers = about_tokens(*(caller.text for caller in context.callers))
        shares.append((context.tokens - callers) / max(about_tokens(file), 1))
    print(
        f"  context: cold p95 {p95(cold):.0f} ms ({p95(ratio):.2f} parses), warm p95 {p95(warm):.1f} ms,"
        f" median {statistics.median(warm):.1f} ms"
    )
    print(
        f"  model's view: median {statistics.median(shares):.1%} of the file without callers, "
        f"p95 {p95(tokens):.0f} tokens"
    )


def views(project: Project, wanted: list[Definition]) -> None:
    """How many compile views compile by themselves."""
    minimal = whole = 0
    failed = []
    for one in wanted:
        view = project.index.compile_view(one)
        minimal += view.minimal and not view.problems
        whole += not view.minimal
        if view.problems:
            failed.append(f"{one.extent.path} {one.name}: {view.problems[0]}")
    compiled = minimal + whole
    print(
        f"  compile view: {compiled} of {len(wanted)} compile ({compiled / len(wanted):.1%}),"
        f" {whole} of them as the whole unit"
    )
    for line in failed[:5]:
        print(f"    {line}")


def splices(project: Project, wanted: list[Definition]) -> None:
    """Identity over every definition; a helper and an include added to some."""
    index = project.index
    sources = {one.extent.path: (index.root / one.extent.path).read_bytes() for one in project.definitions}
    same = 0
    for one in project.definitions:
        source = sources[one.extent.path]
        text = source[one.extent.start : one.extent.end].decode("utf-8", "surrogateescape")
        same += apply_edits(source, [replace_definition(source, one, text)]) == source
    print(f"  identity splice: {same} of {len(project.definitions)}")
    good = tried = nested = 0
    for one in wanted:
        source = sources[one.extent.path]
        (command, *_) = index.commands_for(one.extent.path)
        unit = index.units.get(command)
        if unit is None or command.file != one.extent.path or unit.problems:
            continue
        try:
            edits = [add_include(source, one, "#include <string.h>"), insert_helper_before(source, one, HELPER)]
        except NestedInClassError:
            nested += 1
            continue
        tried += 1
        text = apply_edits(source, [edit for edit in edits if edit is not None]).decode("utf-8", "surrogateescape")
        good += not check(unit, text, beside=True)
    print(f"  helper and include: {good} of {tried} compile; {nested} stand in a class and are refused")


def symbols(project: Project, binary: Path) -> None:
    """How many symbols of a binary with debug information are mapped to one definition, and how many wrongly."""
    mapped = wrong = total = 0
    missed = []
    root = f"{project.index.root}/"
    for name, file, line in _symbols(binary):
        if not file.startswith(root) or line == 0:
            continue
        found = project.index.resolve_at(name, file, line)
        if not isinstance(found, Definition) and "generated" in getattr(found, "reason", ""):
            continue
        total += 1
        if isinstance(found, Definition):
            mapped += 1
            extent = found.extent
            # Of the file nothing is said: where code was inlined, addr2line may name the unit for the header.
            elsewhere = not extent.line <= line <= extent.end_line
            wrong += elsewhere
            if elsewhere:
                place = f"{file.removeprefix(root)}:{line}"
                missed.append(f"{name} at {place}: mapped to {extent.path}:{extent.line}")
        else:
            missed.append(f"{name} at {file.removeprefix(root)}:{line}: {getattr(found, 'reason', 'ambiguous')}")
    print(
        f"  symbols: {mapped} of {total} mapped ({mapped / max(total, 1):.2%}),"
        f" {wrong} of them elsewhere than debug information says"
    )
    for one in missed[:5]:
        print(f"    {one[:160]}")


def _symbols(binary: Path) -> Iterator[tuple[str, str, int]]:
    """Mangled name, file and line of each function; of what was inlined at its start, the outermost."""
    listed = subprocess.run(["nm", "--defined-only", binary], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    names = {row[0]: row[2] for row in rows if len(row) == 3 and row[1] in "tTwW"}
    asked = "\n".join(names)
    told = subprocess.run(
        ["addr2line", "-a", "-i", "-e", binary], input=asked, capture_output=True, text=True, check=True
    )
    places: dict[str, str] = {}
    address = ""
    for line in told.stdout.splitlines():
        if line.startswith("0x"):
            address = line[2:].rjust(16, "0")
        else:
            places[address] = line  # the last one is the outermost
    for address, name in names.items():
        file, _, number = places.get(address.rjust(16, "0"), "").partition(":")
        digits = number.split()[0] if number.split() else "0"
        yield (
            name,
            str(Path(file).resolve()) if file not in ("", "??") else "",
            int(digits) if digits.isdigit() else 0,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codebases", nargs="+", metavar="CODEBASE[:BINARY]")
    parser.add_argument("--functions", type=int, default=200)
    parser.add_argument("--unsafe-make", action="store_true")
    asked = parser.parse_args()
    for one in asked.codebases:
        folder, _, binary = one.partition(":")
        keep = Path(tempfile.mkdtemp())
        try:
            project = indexed(Path(folder).resolve(), keep, make=asked.unsafe_make)
            wanted = project.definitions[: asked.functions]
            for look in (contexts, views, splices):
                look(project, wanted)
            if binary:
                symbols(project, Path(folder, binary))
        except PesquaredError as error:
            print(f"{folder}: {error}")
        finally:
            shutil.rmtree(keep, ignore_errors=True)


if __name__ == "__main__":
    main()
