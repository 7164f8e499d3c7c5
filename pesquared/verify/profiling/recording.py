"""Runs a benchmark under ``perf record`` in its sandbox, as if nothing were there: a sandbox around a sandbox."""

import secrets
from dataclasses import dataclass, field, replace

from pesquared.core.running import Command, Purpose, RunResult
from pesquared.sandbox.around import AroundSandbox

_STACK_BYTES = 8192  # of each sample; a deeper stack is cut, which shows at its root
_EXTRA_S = 180.0  # for printing the stacks, after the benchmark's own time
_PRINTING_S = 60
_KEPT = 64 << 20

# The event is always cpu-clock: its weights are time, which a ceiling is a share of, and it works where there are
# no hardware counters. Stacks come from copies of the stack and unwind tables (dwarf), since optimised code has no
# frame pointers. perf's data never leave the sandbox: only their text does, behind a mark that nobody inside can
# foresee. Inlined functions and lines take long in programs with much debug information: where they do, the stacks
# are printed without, which leaves their frames open.
_SCRIPT = f"""
mark=$1 rate=$2
shift 2
folder=$(mktemp -d) || exit 125
perf record -q -B -N --no-bpf-event -o "$folder/data" -e cpu-clock -F "$rate" \\
    --call-graph dwarf,{_STACK_BYTES} -- "$@"
code=$?
printf '\\n%s\\n' "$mark"
print() {{
    timeout {_PRINTING_S} perf script -i "$folder/data" "$@" 2>/dev/null >"$folder/text"
}}
print -F comm,pid,tid,time,period,event,ip,sym,dso,srcline ||
    print --no-inline -F comm,pid,tid,time,period,event,ip,sym,dso && cat "$folder/text"
rm -rf "$folder"
exit "$code"
"""


@dataclass(frozen=True, slots=True)
class PerfSandbox(AroundSandbox):
    """Records every command it runs; what is returned is the command's own result, under perf."""

    rate: int  # samples a second of CPU time
    printed: list[bytes] = field(default_factory=list)  # by ``perf script``, one text a command

    def run(self, command: Command) -> RunResult:
        """Like the inner sandbox's; the text of the stacks is taken off the end of standard output."""
        mark = secrets.token_hex(16)
        limits = replace(
            command.limits,
            timeout_s=command.limits.timeout_s + _EXTRA_S,
            output_kept=_KEPT,
            output_killed=2 * _KEPT,
        )
        argv = ("sh", "-c", _SCRIPT, "sh", mark, str(self.rate), *command.argv)
        result = self.inner.run(replace(command, argv=argv, limits=limits, purpose=Purpose.PROFILE))
        stdout, _, text = result.stdout.rpartition(f"\n{mark}\n".encode())
        self.printed.append(text if stdout or text else b"")
        return replace(result, stdout=stdout)
