from pesquared.source.clang.index import open_index

TYPES = """\
#ifndef TYPES_H
#define TYPES_H
struct point { int x; int y; };
typedef struct { union { int whole; char parts[4]; } value; struct point *at; } cell;
#endif
"""
UNIT = '#include "types.h"\nint f(cell *c) { struct local { int z; } l = {c->value.whole}; return l.z; }\n'


def layouts(plant, types, unit=UNIT):
    return open_index(plant({"types.h": types, "a.c": unit})).layouts("types.h")


def test_size_alignment_and_members_of_every_record_of_the_file(plant):
    found = layouts(plant, TYPES)
    assert found["struct point"] == "8 bytes, aligned to 4; 0: int x; 32: int y"
    assert found["cell"].startswith("16 bytes, aligned to 8; 0: ")
    assert not any("local" in name for name in found)


def test_a_layout_does_not_change_with_its_place_or_its_comments(plant):
    before = layouts(plant, TYPES)
    assert layouts(plant, TYPES.replace("struct point {", "/* where */\n\nstruct point {")) == before


def test_a_member_more_a_type_wider_or_another_order_shows(plant):
    before = layouts(plant, TYPES)
    for old, new in (("int y;", "int y, z;"), ("int x;", "long x;"), ("int x; int y;", "int y; int x;")):
        after = layouts(plant, TYPES.replace(old, new))
        assert after["struct point"] != before["struct point"]
        assert after["cell"] == before["cell"]


def test_classes_with_bases_and_templates(plant):
    code = (
        "struct base { int a; };\nclass derived : base { double d; };\ntemplate <class T> struct box { T t; };\n"
    )
    found = open_index(plant({"a.cpp": code})).layouts("a.cpp")
    assert found["derived"] == "16 bytes, aligned to 8; base base; 64: double d"
    assert set(found) == {"base", "derived"}


def test_a_broken_unit_shows_what_it_can_and_a_file_that_is_not_there_nothing(plant):
    assert "struct point" in layouts(plant, TYPES, unit='#include "types.h"\nint f( {{{{')
    assert open_index(plant({"a.c": ""})).layouts("gone.h") == {}


def test_how_a_header_is_compiled_is_told_by_the_units_that_include_it(plant):
    index = open_index(plant({"types.h": TYPES, "a.c": UNIT, "b.c": "int g;\n"}))
    (unit,) = index.units_of("types.h")
    assert (unit.file, unit.guessed) == ("a.c", True)
    assert unit.arguments[:2] == ("-x", "c")
    assert index.units_of("b.c")[0].file == "b.c"
