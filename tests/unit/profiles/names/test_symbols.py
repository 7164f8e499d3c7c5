"""Frames as perf, nm, addr2line, py-spy and folding scripts really spell them, and what is made of them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pesquared.core.profile import UNKNOWN
from pesquared.profiles.names.symbols import MAX_SYMBOL, clean

# raw, text, name, parameters
SPELLINGS = [
    # C, and what tools append
    ("main", "main", "main", None),
    ("multiply+0x1f", "multiply", "multiply", None),
    ("multiply+0x1f/0x200", "multiply", "multiply", None),
    ("finish_task_switch.isra.0", "finish_task_switch", "finish_task_switch", None),
    ("unlink_chunk.constprop.0", "unlink_chunk", "unlink_chunk", None),
    ("f.part.3.cold", "f", "f", None),
    ("f.llvm.1234567", "f", "f", None),
    ("f.lto_priv.0.localalias", "f", "f", None),
    ("main.cold+0x3", "main", "main", None),
    ("multiply_[i]", "multiply", "multiply", None),
    ("exp@@GLIBC_2.29", "exp", "exp", None),
    ("__cxa_finalize@GLIBC_2.2.5", "__cxa_finalize", "__cxa_finalize", None),
    ("memcpy@plt", "memcpy", "memcpy", None),
    # C++ with parameters
    ("V2::operator()(double) const [clone .isra.0]", "V2::operator()(double) const", "V2::operator()", "double"),
    ("partfn(double, int) [clone .constprop.0]", "partfn(double, int)", "partfn", "double, int"),
    ("Derived::work(int) [clone .part.0] [clone .cold]", "Derived::work(int)", "Derived::work", "int"),
    (
        "ns::A<3>::operator<(ns::A<3> const&) const",
        "ns::A::operator<(ns::A<3> const&) const",
        "ns::A::operator<",
        "ns::A<3> const&",
    ),
    (
        "bool ns::A<3>::operator< <double>(double) const",
        "ns::A::operator<(double) const",
        "ns::A::operator<",
        "double",
    ),
    ("ns::A<3>::operator<<(int)", "ns::A::operator<<(int)", "ns::A::operator<<", "int"),
    (
        "ns::A<3>::operator<=>(ns::A<3> const&) const &&",
        "ns::A::operator<=>(ns::A<3> const&) const &&",
        "ns::A::operator<=>",
        "ns::A<3> const&",
    ),
    ("ns::A<3>::operator>(int) const", "ns::A::operator>(int) const", "ns::A::operator>", "int"),
    ("ns::A<3>::operator->()", "ns::A::operator->()", "ns::A::operator->", ""),
    ("ns::A<3>::operator->*(int)", "ns::A::operator->*(int)", "ns::A::operator->*", "int"),
    ("ns::A<3>::operator[](int)", "ns::A::operator[](int)", "ns::A::operator[]", "int"),
    ("ns::A<3>::operator,(int)", "ns::A::operator,(int)", "ns::A::operator,", "int"),
    (
        "ns::A<3>::operator new[](unsigned long)",
        "ns::A::operator new[](unsigned long)",
        "ns::A::operator new[]",
        "unsigned long",
    ),
    ("operator delete(void*)", "operator delete(void*)", "operator delete", "void*"),
    (
        'ns::operator"" _km(unsigned long long)',
        'ns::operator"" _km(unsigned long long)',
        'ns::operator"" _km',
        "unsigned long long",
    ),
    ("Hidden::operator double() const", "Hidden::operator double() const", "Hidden::operator double", ""),
    (
        "Hidden::operator char const*() const",
        "Hidden::operator char const*() const",
        "Hidden::operator char const*",
        "",
    ),
    ("X::operator void (*)(int)()", "X::operator void (*)(int)()", "X::operator void (*)(int)", ""),
    ("ns::A<3>::~A()", "ns::A::~A()", "ns::A::~A", ""),
    ("str[abi:cxx11](int)", "str(int)", "str", "int"),
    # operators without parameters, as plain perf prints them
    ("V2::operator()", "V2::operator()", "V2::operator()", None),
    ("ns::operator<<", "ns::operator<<", "ns::operator<<", None),
    ("Hidden::operator double", "Hidden::operator double", "Hidden::operator double", None),
    # return types of template functions
    (
        "bool ns::A<3>::operator()<double>(double, double) const",
        "ns::A::operator()(double, double) const",
        "ns::A::operator()",
        "double, double",
    ),
    (
        "double ns::A<3>::f<double>(double, void (*)(int)) const",
        "ns::A::f(double, void (*)(int)) const",
        "ns::A::f",
        "double, void (*)(int)",
    ),
    ("decltype ({parm#1}+(1)) ns::g<int>(int)", "ns::g(int)", "ns::g", "int"),
    ("unsigned long long var<int, char>(int, char)", "var(int, char)", "var", "int, char"),
    ("void (*ns::h<int>(int))(int)", "ns::h(int)", "ns::h", "int"),
    ("int (*V<int>::get2<int>(int)) [3]", "V::get2(int)", "V::get2", "int"),
    ("char const* const& V<int>::cc<double>(double)", "V::cc(double)", "V::cc", "double"),
    ("ns::C<((4)>(3))> ns::k<4>(ns::C<((4)>(3))>*)", "ns::k(ns::C<((4)>(3))>*)", "ns::k", "ns::C<((4)>(3))>*"),
    ("int pt<&(pred(int))>()", "pt()", "pt", ""),
    ("int pick<&ns::A::operator< >(int)", "pick(int)", "pick", "int"),
    ("void sort<int*>", "sort", "sort", None),
    ("void k<4>(ns::C<((4)<(3))>*)", "k(ns::C<((4)<(3))>*)", "k", "ns::C<((4)<(3))>*"),
    ("call (*f)", "call (*f)", "call (*f)", None),
    # unnamed namespaces
    (
        "(anonymous namespace)::Hidden::eval(double) const",
        "(anonymous namespace)::Hidden::eval(double) const",
        "Hidden::eval",
        "double",
    ),
    ("long (anonymous namespace)::anon<long>(long)", "(anonymous namespace)::anon(long)", "anon", "long"),
    ("ns::(anonymous namespace)::f()", "ns::(anonymous namespace)::f()", "ns::f", ""),
    # lambdas and local classes
    (
        "main::{lambda(double)#1}::operator()(double) const",
        "main::{lambda(double)#1}::operator()(double) const",
        "main::{lambda(double)#1}::operator()",
        "double",
    ),
    (
        "auto main::{lambda(auto:1)#2}::operator()<float>(float) const",
        "main::{lambda(auto:1)#2}::operator()(float) const",
        "main::{lambda(auto:1)#2}::operator()",
        "float",
    ),
    (
        "outer(int, double)::Local::m(int) const",
        "outer(int, double)::Local::m(int) const",
        "outer::Local::m",
        "int",
    ),
    (
        "C::f(int) const::{lambda()#1}::operator()() const",
        "C::f(int) const::{lambda()#1}::operator()() const",
        "C::f::{lambda()#1}::operator()",
        "",
    ),
    ("main(int, char**)::<lambda()>", "main(int, char**)::<lambda()>", "main::<lambda()>", None),
    (
        "main::'lambda'(int)::operator()(int) const",
        "main::'lambda'(int)::operator()(int) const",
        "main::'lambda'(int)::operator()",
        "int",
    ),
    ("main::$_0::operator()(int) const", "main::$_0::operator()(int) const", "main::$_0::operator()", "int"),
    (
        "std::_Function_handler<double (double), main::{lambda(double)#1}>::_M_invoke(std::_Any_data const&, double&&)",
        "main::{lambda(double)#1}",
        "main::{lambda(double)#1}",
        None,
    ),
    (
        "std::thread::_State_impl<std::thread::_Invoker<std::tuple<main::{lambda()#3}> > >::_M_run()",
        "main::{lambda()#3}",
        "main::{lambda()#3}",
        None,
    ),
    (
        "void std::__invoke_impl<void, f<int>(V<int, char>)::{lambda(int, char)#2} const&>(std::__invoke_other)",
        "f(V<int, char>)::{lambda(int, char)#2}",
        "f::{lambda(int, char)#2}",
        None,
    ),
    (
        "__invoke_impl<void, main(int, char**)::<lambda()> >",
        "main(int, char**)::<lambda()>",
        "main::<lambda()>",
        None,
    ),
    (
        "void* std::__1::__thread_proxy[abi:ne180100]<std::__1::tuple<std::__1::unique_ptr<T>, main::$_0>>(void*)",
        "main::$_0",
        "main::$_0",
        None,
    ),
    (
        "std::sort<int*, main::{lambda(int, int)#1}>",
        "std::sort<int*, main::{lambda(int, int)#1}>",
        "std::sort",
        None,
    ),
    ("__invoke<int>", "__invoke", "__invoke", None),
    (
        "V<int>& V<int>::each<main::{lambda(int)#1}>(main::{lambda(int)#1})",
        "V::each(main::{lambda(int)#1})",
        "V::each",
        "main::{lambda(int)#1}",
    ),
    # made by the compiler
    ("non-virtual thunk to D::v(int)", "D::v(int)", "D::v", "int"),
    # mangled names stay mangled
    ("_ZNK2V2clEd.isra.0", "_ZNK2V2clEd", "_ZNK2V2clEd", None),
    # the C library: the symbol stays, the name is the public one
    ("__GI___exp", "__GI___exp", "exp", None),
    ("__GI_memcpy", "__GI_memcpy", "memcpy", None),
    ("__sin_fma", "__sin_fma", "sin", None),
    ("__ieee754_pow_fma", "__ieee754_pow_fma", "pow", None),
    ("__memcpy_avx512_unaligned_erms", "__memcpy_avx512_unaligned_erms", "memcpy", None),
    ("__libc_start_main_impl", "__libc_start_main_impl", "__libc_start_main", None),
    ("__libc_start_call_main", "__libc_start_call_main", "__libc_start_call_main", None),
    ("__GI___libc_write", "__GI___libc_write", "__libc_write", None),
    # other languages
    ("K.m (pt.py:4)", "K.m (pt.py)", "K.m", None),
    (
        "work.<locals>.<listcomp>.<lambda> (pt.py:9)",
        "work.<locals>.<listcomp>.<lambda> (pt.py)",
        "work.<locals>.<listcomp>.<lambda>",
        None,
    ),
    ("<module> (<frozen runpy>:88)", "<module> (<frozen runpy>)", "<module>", None),
    ("main.(*T).Method", "main.(*T).Method", "main.(*T).Method", None),
    ("main.part", "main.part", "main.part", None),
    (
        "<alloc::vec::Vec<T> as core::ops::Drop>::drop",
        "<alloc::vec::Vec<T> as core::ops::Drop>::drop",
        "<alloc::vec::Vec<T> as core::ops::Drop>::drop",
        None,
    ),
    (
        "core::ptr::read::h0123456789abcdef",
        "core::ptr::read::h0123456789abcdef",
        "core::ptr::read::h0123456789abcdef",
        None,
    ),
    ("GC Thread#0", "GC Thread#0", "GC Thread#0", None),
    ("worker (2)", "worker (2)", "worker (2)", None),
]


@pytest.mark.parametrize(("raw", "text", "name", "parameters"), SPELLINGS, ids=[row[0][:60] for row in SPELLINGS])
def test_spelling(raw, text, name, parameters):
    symbol = clean(raw)
    assert (symbol.text, symbol.name, symbol.parameters) == (text, name, parameters)
    assert symbol.raw == raw
    assert not symbol.truncated
    assert not symbol.module_only


@pytest.mark.parametrize(
    "raw",
    ["main::{lambda", "foo<", "operator", "V2::operator", "std::_Function_handler<double", "f(int", "f)", "a>b"],
)
def test_a_name_that_was_cut_is_marked_and_left_alone(raw):
    symbol = clean(raw)
    assert symbol.truncated
    assert symbol.text == symbol.name == raw


@pytest.mark.parametrize("raw", [UNKNOWN, "[libm.so.6]", "[[vdso]]", "0x7f0012ab", "", "  "])
def test_a_frame_without_a_function_is_only_a_module(raw):
    symbol = clean(raw)
    assert symbol.module_only
    assert symbol.text == (raw if raw.startswith("[") else UNKNOWN)


def test_a_kernel_function_is_not_the_function_of_that_name():
    kernel, ours = clean("schedule.part.0_[k]"), clean("schedule")
    assert kernel.kernel
    assert kernel.name == ours.name == "schedule"
    assert kernel.text == "schedule_[k]"
    assert clean(kernel.text) == clean("schedule_[k]")
    assert not ours.kernel


def test_an_unknown_frame_of_the_kernel_is_unknown_like_any_other():
    assert clean("[unknown]_[k]").text == UNKNOWN
    assert clean("[unknown]_[k]").kernel


def test_inlining_is_remembered_but_does_not_make_another_function():
    assert clean("f(int)_[i]").inlined
    assert clean("f(int)_[i]").text == clean("f(int)").text


def test_overloads_stay_apart_and_instances_of_a_template_do_not():
    assert clean("f(int)").text != clean("f(double)").text
    assert clean("A::f() const").text != clean("A::f()").text
    assert clean("int f<1>(int)").text == clean("int f<2>(int)").text
    assert (
        clean("outer(int)::{lambda()#1}::operator()() const").text
        != clean("outer(char)::{lambda()#1}::operator()() const").text
    )


PIECES = st.sampled_from(
    [
        *"abc<>()[]{}:;,.&*'$@+ _~0\n",
        "::", "operator", "operator<", "operator()", " const", "(anonymous namespace)", "{lambda(int)#1}", "'lambda'",
        ".cold", ".isra.0", ".part", "_[k]", "_[i]", "+0x1f", "@plt", "@@GLIBC_2", " [clone .cold]", "[abi:cxx11]", "std::",
        "__GI_", "__sin_fma", "0x1f", " (a.py:3)", "[unknown]", "->", "void ", ".(*",
    ]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=24).map("".join) | st.text(max_size=40))
@example("foo.isra.0<int>")
@example("(anonymous namespace)::")
@example("_[k]_[k]")
@example("< _[i]")
def test_cleaning_is_total_and_idempotent(raw):
    once = clean(raw)
    again = clean(once.text)
    assert (again.text, again.name, again.parameters) == (once.text, once.name, once.parameters)
    assert once.text
    assert once.name


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True).filter(lambda name: name not in ("const", "operator"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(NAMES, min_size=1, max_size=4),
    st.lists(st.sampled_from(["int", "char const*", "std::vector<int, A<3> >&", "void (*)(int)"]), max_size=3),
    st.sampled_from(["", "<int>", "<a::b<3>, void (*)(x<1>)>", "<((4)>(3))>"]),
    st.sampled_from(["", ".isra.0", ".cold", "+0x1", "_[i]"]),
    st.sampled_from(["", " const", " const &"]),
)
def test_what_is_put_around_a_name_is_taken_off_again(scopes, parameters, arguments, affix, qualifiers):
    name, listed = "::".join(scopes), ", ".join(parameters)
    returned = "unsigned long " if arguments else ""
    symbol = clean(f"{returned}{name}{arguments}({listed}){qualifiers}{affix}")
    assert symbol.name == name
    assert symbol.parameters == listed
    assert symbol.text == f"{name}({listed}){qualifiers}"


@pytest.mark.parametrize(
    "piece",
    ["<", "(", ">", "operator<", ".part.0", "@A_0", " (*", "::", "a(int) const::", " (a.py", "+0x1", "__a_"],
)
def test_a_hostile_symbol_of_the_greatest_length_is_no_trap(piece):
    raw = piece * (MAX_SYMBOL // len(piece)) + "!"
    symbol = clean(raw)  # what is quadratic in the length does not come back within a test's time limit
    assert symbol.raw == raw
    assert len(symbol.text) <= len(raw)


def test_beyond_the_greatest_length_nothing_is_taken_apart():
    raw = "f<" + "a" * MAX_SYMBOL + ">"
    assert clean(raw).text == raw
    assert clean(raw).truncated
