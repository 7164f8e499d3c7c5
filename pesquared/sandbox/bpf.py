"""A small assembler for the filters that the kernel runs on every system call of a program.

A filter is a program for the machine of classic BPF: it loads words of ``struct seccomp_data``, compares them, and
returns what shall become of the call. Rules are tried in order; the first that applies decides.

Opcodes and layout: <linux/bpf_common.h>, <linux/filter.h>, <linux/seccomp.h>, seccomp(2).
"""

import struct
from collections.abc import Iterable

Instruction = tuple[int, int, int, int]  # opcode, instructions to skip if true, if false, constant
Rule = tuple[Instruction, ...]

ALLOW = 0x7FFF0000
KILL = 0x80000000  # the whole process, with SIGSYS
_FAIL = 0x00050000  # and the number of the error in the lower half

_LOAD, _JUMP, _RETURN = 0x20, 0x05, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45

_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16
_ENOSYS = 38
_X32_BIT = 0x40000000  # a second set of numbers on x86-64, which would pass by every rule


def failing(error: int) -> int:
    """The verdict that makes a call return -1 with ``errno`` set."""
    return _FAIL | error


def refuse(number: int, error: int) -> Rule:
    """The call fails, whatever its arguments."""
    return _if_called(number, (_end(failing(error)),))


def refuse_bits(number: int, argument: int, mask: int, error: int) -> Rule:
    """The call fails if any bit of ``mask`` is set in the lower half of an argument (counted from 0)."""
    test = (_IF_ANY_BIT, 0, 1, mask)
    return _if_called(number, (_load_argument(argument), test, _end(failing(error)), _end(ALLOW)))


def refuse_values(number: int, argument: int, values: Iterable[int], error: int) -> Rule:
    """The call fails if the lower half of an argument is one of ``values``."""
    return refuse_any(number, is_one(argument, values, error))


def allow_values(number: int, argument: int, values: Iterable[int], error: int) -> Rule:
    """The call fails unless the lower half of an argument is one of ``values``."""
    return refuse_any(number, is_other(argument, values, error))


def refuse_any(number: int, *tests: Rule) -> Rule:
    """The call fails if any test says so: ``is_one``, ``is_other``."""
    return _if_called(number, (*(step for test in tests for step in test), _end(ALLOW)))


def is_one(argument: int, values: Iterable[int], error: int) -> Rule:
    """A test that fails if the lower half of an argument is one of ``values``."""
    steps = (step for value in values for step in ((_IF_EQUAL, 0, 1, value), _end(failing(error))))
    return (_load_argument(argument), *steps)


def is_other(argument: int, values: Iterable[int], error: int) -> Rule:
    """A test that fails if the lower half of an argument is none of ``values``."""
    wanted = tuple(values)
    steps = ((_IF_EQUAL, len(wanted) - place, 0, value) for place, value in enumerate(wanted))
    return (_load_argument(argument), *steps, _end(failing(error)))


def assemble(machines: Iterable[tuple[int, Iterable[Rule]]]) -> bytes:
    """A whole filter: for each machine (an ``AUDIT_ARCH_…``) its rules; programs for any other are killed.

    Returns:
        An array of ``struct sock_filter``.
    """
    code: list[Instruction] = [(_LOAD, 0, 0, _MACHINE_AT)]
    for machine, rules in machines:
        body = [(_LOAD, 0, 0, _NUMBER_AT), (_IF_AT_LEAST, 0, 1, _X32_BIT), _end(failing(_ENOSYS))]
        body += [instruction for rule in rules for instruction in rule]
        body.append(_end(ALLOW))
        # A conditional jump reaches 255 instructions, an unconditional one any number.
        code += [(_IF_EQUAL, 1, 0, machine), (_JUMP, 0, 0, len(body)), *body]
    code.append(_end(KILL))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _end(verdict: int) -> Instruction:
    return (_RETURN, 0, 0, verdict)


def _load_argument(index: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * index)  # its lower half: all these machines are little-endian


def _if_called(number: int, then: Rule) -> Rule:
    """``then`` must end with a verdict on every way through it: the number is no longer loaded afterwards."""
    return ((_IF_EQUAL, 0, len(then), number), *then)
