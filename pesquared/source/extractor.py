"""``DependencyExtractor``: from the name of a function to its source and all that a rewrite has to know."""

from pathlib import Path

from pesquared.core.protocols import Profile, SourceIndex
from pesquared.core.source import (
    CONTEXT_TOKENS,
    Ambiguous,
    CompileView,
    Definition,
    FunctionContext,
    Missing,
    Resolution,
)
from pesquared.errors import UsageError
from pesquared.source.languages import LANGUAGES, Keep, Run


class DependencyExtractor:
    """Extracts what surrounds a function: types, macros, globals, callees and callers.

    Args:
        index: the language's view of the tree, from ``LANGUAGES`` or by ``for_codebase``.
    """

    def __init__(self, index: SourceIndex) -> None:
        self.index = index

    @classmethod
    def for_codebase(
        cls, root: Path, run: Run | None = None, language: str = "clang", keep: Keep | None = None
    ) -> "DependencyExtractor":
        """The extractor for the tree at ``root``.

        Args:
            root: the code base.
            run: executes a shell command line in the code base's folder, confined, so that ``make -n`` can be
                asked for the compile flags. None: they are read from compile_commands.json or guessed.
            language: a name in ``LANGUAGES``.
            keep: where an index of the whole code base is kept; None: callers are looked for in the units that
                mention the function.

        Raises:
            UsageError: ``root`` is no folder, or there is no such language.
        """
        if not root.is_dir():
            raise UsageError(f"{root} is not a folder", "give the folder of the code base")
        return cls(LANGUAGES.load(language)(root, run, keep))

    def resolve(self, symbol: str) -> Resolution:
        """The one definition ``symbol`` stands for, or why there is not one."""
        return self.index.resolve(symbol)

    def extract(
        self, function: Definition | str, profile: Profile | None = None, tokens: int = CONTEXT_TOKENS
    ) -> FunctionContext:
        """The context of a definition, or of the function with that name, as a model is to see it.

        Args:
            function: which.
            profile: weighs the callers.
            tokens: about how many the context may take; the function's own text is whole in any case.

        Raises:
            UsageError: the name fits no definition, or several.
        """
        found = self.resolve(function) if isinstance(function, str) else function
        return self.index.extract(self.definition(found), profile, tokens)

    def compile_view(self, function: Definition | str) -> CompileView:
        """The function in one file that compiles by itself.

        Raises:
            UsageError: the name fits no definition, or several.
        """
        found = self.resolve(function) if isinstance(function, str) else function
        return self.index.compile_view(self.definition(found))

    @staticmethod
    def definition(found: Resolution) -> Definition:
        """The definition that was found.

        Raises:
            UsageError: there is none, or several.
        """
        if isinstance(found, Missing):
            raise UsageError(f"{found.symbol}: {found.reason}", "give the name as the profile prints it")
        if isinstance(found, Ambiguous):
            places = ", ".join(f"{one.extent.path}:{one.extent.line}" for one in found.candidates)
            raise UsageError(
                f"{found.symbol} fits several definitions: {places}",
                "name the file as FILE:FUNCTION, or add the parameter types",
            )
        return found
