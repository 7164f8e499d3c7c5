"""The documentation says what the code does: options, settings, words, codes and links, in both directions."""

import ast
import dataclasses
import json
import re
import subprocess
from pathlib import Path

import click
import pytest

from pesquared import errors
from pesquared.core.attempt import RunReport
from pesquared.core.document import report_document
from pesquared.core.settings import DEFAULT_SEALS, Settings
from pesquared.core.verdict import Word

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
FOREIGN = (".venv", ".git", ".hypothesis", "node_modules", "build")
PAGES = sorted(
    path.relative_to(ROOT)
    for path in ROOT.rglob("*.md")
    if not any(part in FOREIGN for part in path.relative_to(ROOT).parts) and not path.is_symlink()
)


def text(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def sections(page: str) -> dict[str, str]:
    """Heading of the second level, without backquotes → what stands below it."""
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return {heading.strip().strip("`"): body for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def rows(body: str) -> list[list[str]]:
    """The cells of all table rows whose first cell is code."""
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in body.splitlines() if re.match(r"\|\s*`", line)]
    return [[cell.strip() for cell in line] for line in lines]


def as_toml(value: object) -> str:
    return json.dumps(list(value)) if isinstance(value, tuple) else json.dumps(value)


def test_every_setting_is_documented_with_its_default_and_nothing_else_is():
    documented = {
        (heading.strip("[]"), row[0].strip("`")): row[1].strip("`")
        for heading, body in sections(text("configuration.md")).items()
        if heading.startswith("[")
        for row in rows(body.partition("\n### ")[0])
    }
    expected = {
        (section.name, key.name): as_toml(getattr(getattr(Settings(), section.name), key.name))
        for section in dataclasses.fields(Settings)
        for key in dataclasses.fields(getattr(Settings(), section.name))
    }
    assert documented.pop(("seal", "files")) == "tests, benchmarks, build files"
    expected.pop(("seal", "files"))
    assert documented == expected


def test_every_key_of_a_case_is_documented_with_its_default():
    from pesquared.core.settings import CheckCase

    body = sections(text("configuration.md"))["[check]"].partition("### `[[check.case]]`")[2]
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows(body)}
    defaults = {field.name: field.default for field in dataclasses.fields(CheckCase)}
    assert documented == {
        name: "" if default is dataclasses.MISSING else as_toml(default) for name, default in defaults.items()
    }


def test_the_default_seals_are_documented():
    listed = re.search(
        r"<!-- default seals -->(.*)<!-- end of default seals -->", text("configuration.md"), re.DOTALL
    )
    assert listed is not None
    assert re.findall(r"`([^`]+)`", listed[1]) == list(DEFAULT_SEALS)


def test_which_sections_a_code_base_may_set_is_documented():
    from pesquared.cli.configuration import FREE_SECTIONS

    trusted = sections(text("configuration.md"))["Whose word counts"]
    closed = {field.name for field in dataclasses.fields(Settings)} - set(FREE_SECTIONS)
    assert set(re.findall(r"`\[(\w+)\]`", trusted.partition("count.")[0])) == set(FREE_SECTIONS)
    assert closed <= set(re.findall(r"`\[(\w+)\]`", trusted.partition("count.")[2]))


def test_every_verdict_word_is_documented_and_no_other():
    words = rows(text("verdict-words.md").partition("## Reason codes")[0])
    assert [row[0].strip("`") for row in words] == [word.value for word in Word]


def reason_codes() -> set[str]:
    """All reason codes that the source names: after a Word, in a refused reply, as ``reason_code=…``."""
    found = set()
    for path in (ROOT / "pesquared").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.keyword) and node.arg == "reason_code"
            kept = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("code", "reason_code")
            if isinstance(node, ast.keyword | ast.Assign) and (named or kept):
                found |= constants(node.value)
            elif isinstance(node, ast.Call):
                for before, after in zip(node.args, node.args[1:], strict=False):
                    if ast.unparse(before).startswith("Word."):
                        found |= constants(after)
                by_reply = path.parent.name == "propose" and ast.unparse(node.func) == "Refused"
                if node.args and (by_reply or ast.unparse(node.func) == "InvalidReply"):
                    found |= constants(node.args[0])
    return found


def constants(node: ast.expr) -> set[str]:
    """The text a node stands for; both of a conditional expression."""
    if isinstance(node, ast.IfExp):
        return constants(node.body) | constants(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_every_reason_code_is_documented():
    codes = {row[0].strip("`") for row in rows(sections(text("verdict-words.md"))["Reason codes"])}
    assert "duplicate" in reason_codes(), "the search for reason codes finds none"
    assert reason_codes() - codes == set()


def test_no_reason_code_is_documented_that_the_source_does_not_know():
    codes = {row[0].strip("`") for row in rows(sections(text("verdict-words.md"))["Reason codes"])}
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "pesquared").rglob("*.py"))
    guards = {f"guard-{metric}" for metric in ("cpu", "wall")}  # composed of the metric's name
    assert {code for code in codes - guards if f'"{code}"' not in source} == set()


def test_every_exit_code_is_documented():
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", text("exit-codes.md"), re.MULTILINE)}
    raised = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PesquaredError)
    }
    assert documented == raised | {0, 3, 130}


def test_every_field_of_the_json_document_is_documented():
    report = RunReport("r", "b", "b", "", "h", "none", (), (), None, None)
    top = rows(sections(text("json.md"))["Top level"])
    assert [row[0].strip("`") for row in top] == list(report_document(report))


def test_every_field_of_a_measurement_is_documented():
    from pesquared.core.document import measurement_document
    from pesquared.core.measurement import Measurement, Side
    from pesquared.core.verdict import Verdict

    side = Side("main", "c")
    document = measurement_document(
        Measurement(side, side, Verdict(Word.WRONG, "output", ""), None, None, 0.001, "", "")
    )
    assert [row[0].strip("`") for row in rows(sections(text("json.md"))["Measurement"])] == list(document)


@pytest.mark.parametrize(
    ("heading", "build"),
    [("Attempts", "an_attempt"), ("Gain", "a_gain"), ("Noise", "a_noise")],
)
def test_every_field_below_is_documented(heading: str, build: str):
    from pesquared.core.attempt import Attempt
    from pesquared.core.document import attempt_document
    from pesquared.core.verdict import Gain, Noise, Verdict

    shapes = {
        "an_attempt": list(
            attempt_document(
                Attempt("r/1", 1, "f", "f.c", "", "", Verdict(Word.WRONG, "output", ""), 0, "rules", "", 0)
            )
        ),
        "a_gain": [field.name for field in dataclasses.fields(Gain)],
        "a_noise": [field.name for field in dataclasses.fields(Noise)],
    }
    documented = [
        name for row in rows(sections(text("json.md"))[heading]) for name in re.findall(r"`(\w+)`", row[0])
    ]
    assert documented == shapes[build]


def test_every_field_of_the_strength_document_is_documented():
    from pesquared.core.proposal import Edit
    from pesquared.core.strength import Fate, GateStrength, Kind, Mutant, Sample, Tried
    from pesquared.reporters.strength import mutant_document, strength_document

    report = GateStrength(Sample("b", 1, (), (), ()), (), (), ())
    mutant = Mutant(Kind.BOUND, "f", 1, Edit("a.c", 0, 0, "", b""), "", "")
    body = sections(text("json.md"))["Strength of the gates"]
    documented = [name for row in rows(body) for name in re.findall(r"`(\w+)`", row[0])]
    assert documented == [*strength_document(report), *mutant_document(Tried(mutant, Fate.KILLED))]
    assert {kind.value for kind in Kind} | {fate.value for fate in Fate} <= set(re.findall(r"`(\w+)`", body))


def test_every_field_of_the_profile_documents_is_documented():
    from pesquared.core.hot import HotFunction, HotReport
    from pesquared.core.profile import Hotspot
    from pesquared.core.recording import Recording, Wanted, recording_document
    from pesquared.reporters.hotspots import hotspots_document

    hot = HotFunction(Hotspot("f", 1, 1, 1, 1, ()))
    (function,) = hotspots_document(HotReport(1, (hot,), 1, 1))["functions"]
    shapes = {
        "Hotspots": [*hotspots_document(HotReport(1, (), 0, 0)), *function],
        "Recording": list(recording_document(Recording("", "", "", Wanted(), 0, 0, 0, ()), "")),
    }
    for heading, names in shapes.items():
        body = sections(text("json.md"))[heading]
        documented = [name for row in rows(body) for name in re.findall(r"`(\w+)`", row[0])]
        assert sorted(documented) == sorted(names)


def commands() -> dict[str, click.Command]:
    from pesquared.cli.main import group

    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def test_the_help_says_of_each_command_what_the_command_says():
    from pesquared.cli.main import COMMANDS

    said = {name: command.get_short_help_str(80) for name, command in commands().items()}
    assert {"optimize": said["optimize"], **COMMANDS} == said


def option_names(command: click.Command) -> set[str]:
    return {name for option in command.params if isinstance(option, click.Option) for name in option.opts}


def test_every_option_is_documented_and_no_other():
    page = text("cli.md")
    documented = {name for row in rows(page) for name in re.findall(r"`(--?[a-z-]+)", row[0])}
    expected = set().union(*(option_names(command) for command in commands().values()))
    assert documented == expected | {"--help", "-h", "--version"}


def test_every_command_but_the_main_job_has_a_section():
    headings = " ".join(sections(text("cli.md")))
    for name in commands():
        assert name == "optimize" or f"pesquared {name}" in headings


def test_options_name_the_setting_they_stand_for():
    from pesquared.cli.options import SETTING_OF

    documented = {row[0].split()[0].strip("`"): row[2].strip("`") for row in rows(text("cli.md")) if len(row) == 4}
    for option, (section, key) in SETTING_OF.items():
        assert documented[f"--{option.replace('_', '-')}"] == f"{section}.{key}"


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_relative_link_leads_somewhere(page: Path):
    content = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", content):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (ROOT / page).parent.joinpath(path).resolve() if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        if fragment:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert fragment in [anchor(heading) for heading in headings], f"{page}: {target}"


def test_every_page_can_be_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)\s#]+)", page.read_text(encoding="utf-8"))
        waiting += [(page.parent / target).resolve() for target in links]
    assert {ROOT / page for page in PAGES if page.parts[0] == "docs"} - seen == set()


def test_every_script_a_page_names_exists():
    for page in PAGES:
        for script in re.findall(r"python (benchmarks/[a-z_]+\.py)", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / script).is_file(), f"{page}: {script}"
    for script in (ROOT / "benchmarks").glob("*.py"):
        assert script.name in (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")


def test_the_makefile_has_what_the_readme_promises():
    for target in re.findall(r"^    make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_every_field_of_the_context_documents_is_documented():
    from pesquared.core.source import Caller, CompileView, Definition, Evidence, Extent, FunctionContext, Linkage
    from pesquared.reporters.context import context_document, view_document

    definition = Definition("f", "int f()", Extent("a.c", 0, 1, 1, 1, ""), Linkage.EXTERNAL, "c", "k")
    context = FunctionContext(
        definition, "", callers=(Caller(definition, "", None),), evidence=(Evidence("", "", "", 1),)
    )
    documents = [*context_document(context), *view_document(CompileView("", minimal=True, arguments=()))]
    body = sections(text("json.md"))["Context of a function"]
    documented = [name for row in rows(body) for name in re.findall(r"`(\w+)`", row[0])]
    assert documented == documents
