"""Makes a verifier of its class; what keeps a user's class from being made is reported as theirs."""

from pesquared.core.settings import Settings
from pesquared.verify.blame import VerifierError, blamed, files_of, shown
from pesquared.verify.verifier import PerformanceVerifier

_TAKES_SETTINGS = "let it take them: def __init__(self, settings): super().__init__(settings)"


def made(kind: type[PerformanceVerifier], settings: Settings) -> PerformanceVerifier:
    """An instance of ``kind``.

    Raises:
        VerifierError: its ``__init__`` raises something, or does not take the settings; the message says where.
    """
    files = files_of(kind)
    with blamed(files):
        try:
            return kind(settings)
        except TypeError as error:
            inside = error.__traceback__ is not None and error.__traceback__.tb_next is not None
            if inside or not files:
                raise
            raise VerifierError(f"{_place(kind, files)}: {error}", _fix(kind)) from error


def _place(kind: type[PerformanceVerifier], files: tuple[str, ...]) -> str:
    """The line of the user's ``__init__``; of classes without one, the file."""
    code = getattr(kind.__init__, "__code__", None)
    if code is None or code.co_filename not in files:
        return shown(files[0])
    return f"{shown(code.co_filename)}:{code.co_firstlineno}"


def _fix(kind: type[PerformanceVerifier]) -> str:
    lacking = sorted(getattr(kind, "__abstractmethods__", ()))
    return f"write {', '.join(lacking)}(), see verifiers/README.md" if lacking else _TAKES_SETTINGS
