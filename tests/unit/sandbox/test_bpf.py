"""Filters decide as their rules say: run here on a machine of a few lines, and by the kernel in test_seccomp.py."""

import errno
import struct

from hypothesis import given
from hypothesis import strategies as st

from pesquared.sandbox import bpf

HERE, OTHER = 0xC000003E, 0x40000003
MANY = list(range(300))


def verdict(program: bytes, machine: int, number: int, arguments: tuple[int, ...] = (0,) * 6) -> int:
    """What the kernel would do with a call: the semantics of classic BPF, <linux/filter.h>."""
    data = struct.pack("=IIQ6Q", number, machine, 0, *arguments)
    code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    at, loaded = 0, 0
    while True:
        opcode, if_true, if_false, constant = code[at]
        at += 1
        if opcode == 0x06:
            return constant
        if opcode == 0x20:
            (loaded,) = struct.unpack_from("=I", data, constant)
        elif opcode == 0x05:
            at += constant
        else:
            holds = {0x15: loaded == constant, 0x35: loaded >= constant, 0x45: bool(loaded & constant)}[opcode]
            at += if_true if holds else if_false


numbers = st.integers(0, 600)
words = st.integers(0, 2**64 - 1)


@given(st.sets(numbers, max_size=300), numbers, st.sampled_from([HERE, OTHER]))
def test_listed_calls_fail_and_all_others_pass(refused, number, machine):
    rules = [bpf.refuse(call, errno.EPERM) for call in refused]
    program = bpf.assemble([(HERE, rules), (OTHER, [])])
    expected = bpf.failing(errno.EPERM) if machine == HERE and number in refused else bpf.ALLOW
    assert verdict(program, machine, number) == expected


@given(st.sets(st.integers(0, 2**32 - 1), max_size=8), words, st.integers(0, 5), numbers)
def test_values_of_an_argument_decide_by_its_lower_half(values, value, argument, number):
    arguments = tuple(value if index == argument else 0 for index in range(6))
    fails, listed = bpf.failing(errno.EACCES), (value & 0xFFFFFFFF) in values
    only = bpf.assemble([(HERE, [bpf.allow_values(41, argument, values, errno.EACCES)])])
    none = bpf.assemble([(HERE, [bpf.refuse_values(41, argument, values, errno.EACCES)])])
    assert verdict(only, HERE, 41, arguments) == (bpf.ALLOW if listed else fails)
    assert verdict(none, HERE, 41, arguments) == (fails if listed else bpf.ALLOW)
    if number != 41:
        assert verdict(only, HERE, number, arguments) == bpf.ALLOW


@given(words, st.integers(1, 2**32 - 1))
def test_bits_of_an_argument_decide(value, mask):
    program = bpf.assemble([(HERE, [bpf.refuse_bits(56, 0, mask, errno.EPERM)])])
    expected = bpf.failing(errno.EPERM) if value & mask else bpf.ALLOW
    assert verdict(program, HERE, 56, (value, 0, 0, 0, 0, 0)) == expected


@given(st.integers(0, 2**32 - 1))
def test_programs_of_an_unknown_machine_are_killed(machine):
    program = bpf.assemble([(HERE, [bpf.refuse(call, 1) for call in MANY]), (OTHER, [])])
    expected = bpf.ALLOW if machine in (HERE, OTHER) else bpf.KILL
    assert verdict(program, machine, 400) == expected


def test_the_second_set_of_numbers_is_no_way_around_the_rules():
    program = bpf.assemble([(HERE, [bpf.refuse(101, errno.EPERM)])])
    assert verdict(program, HERE, 0x40000000 | 101) == bpf.failing(errno.ENOSYS)


def test_rules_are_tried_in_order():
    program = bpf.assemble([(HERE, [bpf.refuse(1, errno.EPERM), bpf.refuse(1, errno.ENOSYS)])])
    assert verdict(program, HERE, 1) == bpf.failing(errno.EPERM)
