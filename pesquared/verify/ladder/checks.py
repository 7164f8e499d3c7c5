"""Is one run right? The unchanged code's runs teach what varies; all later ones are held against that."""

from pesquared.core.events import Notice, Observer
from pesquared.core.verdict import Word
from pesquared.errors import BaselineError
from pesquared.verify.diagnosis import ending, excerpt, one_line, remedy
from pesquared.verify.failure import Failed, unstable
from pesquared.verify.ladder.crash import CrashWatch
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.ladder.scrub import EndlessMatchingError
from pesquared.verify.measuring.bench import BenchRun


class RunChecks:
    """Looks at every run, timed or not: the first right run of a candidate does not vouch for the rest."""

    def __init__(self, output: OutputGate, observer: Observer, *, tested: bool, required: bool = True) -> None:
        self.output = output
        self._crashes = CrashWatch(observer)
        self._tested = tested  # where tests or cases judge, too, output may turn out not to be comparable
        self._required = required  # is it an error when there is nothing to be right by?
        self._said = False
        self._observer = observer

    def baseline(self, run: BenchRun) -> Failed | None:
        """Learns from a run of the unchanged code, which cannot be wrong; only while it is established.

        Later the baseline may be code that was accepted, and nobody vouches for that: see ``settled``.

        Raises:
            BaselineError: it fails, writes where it must not, or leaves nothing to be right by.
        """
        if not run.result.ok:
            raise BaselineError(
                f"the benchmark {ending(run.result)} on the unchanged code\n{excerpt(run.result)}".rstrip(),
                remedy(run.result) or "a benchmark must end with exit code 0, every time",
            )
        if run.strays:
            raise BaselineError(
                f"the benchmark writes other files from run to run: {', '.join(map(one_line, run.strays[:3]))}",
                'name the folder or a pattern:  [bench] writes = ["out/"]',
            )
        self._crashes.learn("the benchmark", run.result)
        for notice in self.output.learn(run.streams):
            self._observer.notify(Notice(notice))
        if not self._tested and not self.output.comparable:
            self._nothing_to_be_right_by()
        return None

    def _nothing_to_be_right_by(self) -> None:
        why = "no tests, no cases, and no output of the benchmark that stays the same"
        if self._required:
            raise BaselineError(
                f"there is nothing to be right by: {why}",
                "give --test or a [[check.case]], or let the benchmark print a result (see [bench] compare)",
            )
        if not self._said:
            self._said = True
            self._observer.notify(Notice(f"nothing is checked: {why}"))

    def settled(self, run: BenchRun) -> Failed | None:
        """Holds a later run of the baseline against what was learned; it teaches nothing any more.

        A baseline that deviates leaves nothing to compare with. That says nothing of the candidate.
        """
        failed = self.candidate(run)
        return unstable(failed.reason, failed.detail) if failed else None

    def candidate(self, run: BenchRun) -> Failed | None:
        """What is wrong with a candidate's run, if anything."""
        result = run.result
        if result.stopped == "timeout":
            return Failed(Word.SLOWER, "timeout", "the benchmark took too long and was stopped", ending(result))
        if result.stopped:  # "output", "memory", "disk"
            return Failed(Word.WRONG, result.stopped, f"the benchmark {ending(result)}", ending(result))
        if result.exit_code:
            reason = f"the benchmark {ending(result)}"
            return Failed(Word.WRONG, "exit-code", reason, f"{reason}\n{excerpt(result)}")
        if failed := self._crashes.candidate("the benchmark", result):
            return failed
        if run.strays:
            names = ", ".join(map(one_line, run.strays[:3]))
            reason = f"the benchmark changed files that the baseline leaves alone: {names}"
            return Failed(Word.WRONG, "tree-changed", reason, reason)
        return self._differs(run)

    def _differs(self, run: BenchRun) -> Failed | None:
        try:
            difference = self.output.difference(run.streams)
        except EndlessMatchingError as error:  # not with the baseline's output
            return Failed(Word.WRONG, "output", f"the benchmark's output cannot be compared: {error.message}")
        if not difference:
            return None
        return Failed(Word.WRONG, "output", "the benchmark's output differs from the baseline's", difference)
