"""The kinds of cursors that belong together, as libclang's Python package names them and as bare numbers."""

from collections.abc import Iterable
from typing import Any

from pesquared.source.clang.library import cindex

_K = cindex.CursorKind


def numbers(kinds: Iterable[Any]) -> frozenset[int]:
    """The values of ``enum CXCursorKind``."""
    return frozenset(kind.value for kind in kinds)


FUNCTIONS = frozenset(
    {
        _K.FUNCTION_DECL,
        _K.CXX_METHOD,
        _K.CONSTRUCTOR,
        _K.DESTRUCTOR,
        _K.CONVERSION_FUNCTION,
        _K.FUNCTION_TEMPLATE,
    }
)
RECORDS = frozenset(
    {
        _K.STRUCT_DECL,
        _K.UNION_DECL,
        _K.CLASS_DECL,
        _K.CLASS_TEMPLATE,
        _K.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION,
    }
)
SCOPES = frozenset({_K.NAMESPACE, _K.LINKAGE_SPEC, _K.UNEXPOSED_DECL, _K.FRIEND_DECL, *RECORDS})
BODIES = frozenset({_K.COMPOUND_STMT, _K.CXX_TRY_STMT})
TYPEDEFS = frozenset({_K.TYPEDEF_DECL, _K.TYPE_ALIAS_DECL, _K.TYPE_ALIAS_TEMPLATE_DECL})

FUNCTION_NUMBERS = numbers(FUNCTIONS)
RECORD_NUMBERS = numbers(RECORDS)
SCOPE_NUMBERS = numbers(SCOPES)
BODY_NUMBERS = numbers(BODIES)
ENUM = _K.ENUM_DECL.value
TYPE_NUMBERS = numbers({*RECORDS, *TYPEDEFS, _K.ENUM_DECL})
VARIABLE = _K.VAR_DECL.value
PREPROCESSING = range(_K.PREPROCESSING_DIRECTIVE.value, _K.INCLUSION_DIRECTIVE.value + 1)
