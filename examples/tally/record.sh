#!/bin/sh
# Records the benchmark with perf and writes its stacks, folded, to stacks/perf.folded.
# Folded means one line a stack: program;outermost frame;...;innermost frame COUNT
set -eu
cd "$(dirname "$0")"
test -f build/CMakeCache.txt || cmake -B build
cmake --build build
data=$(mktemp)
trap 'rm -f "$data"' EXIT

# cpu-clock works in virtual machines too; ":u" leaves the kernel's frames out.
perf record -q -e cpu-clock:u -F 999 --call-graph dwarf -o "$data" ./build/bench

# perf script prints a line with the program's name, then the frames from the innermost out, then an empty line.
# Inlined functions count as frames: the compiler puts most of the small ones into others.
perf script -i "$data" --inline -F comm,ip,sym | awk '
    /^[^ \t]/      { stack = $1; depth = 0; next }
    NF > 0         { sub(/^[ \t]*[0-9a-f]+ /, ""); sub(/ \(inlined\)$/, ""); frame[++depth] = $0; next }
    depth > 0      { while (depth > 0) stack = stack ";" frame[depth--]; seen[stack]++ }
    END            { for (stack in seen) print stack, seen[stack] }
' | sort > stacks/perf.folded
