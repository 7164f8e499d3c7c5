"""The cheats: what each hopes for, in C. All but the honest one want to look faster than they are."""

# ruff: noqa: Q000, Q003 - foreign languages with quotes of their own

from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.cheats.project import HONEST, MIX_H

_INCLUDES = """\
#define _GNU_SOURCE
#include "mix.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
"""
_REAL = f"static uint32_t honest(const unsigned char *data, size_t n)\n{HONEST}"
_READ = """\
static int holds(const char *path, const char *word)
{
    char block[65536];
    int fd = open(path, O_RDONLY);
    ssize_t got = fd < 0 ? 0 : read(fd, block, sizeof block);
    close(fd);
    return got > 0 && memmem(block, (size_t)got, word, strlen(word)) != 0;
}
"""
SIGNATURE = "uint32_t mix(const unsigned char *data, size_t n)"


@dataclass(frozen=True, slots=True)
class Cheat:
    """One rewrite.

    Attributes:
        files: what it changes.
        itself: it goes for a benchmark's own clock; else for the process's time.
        excused: the assumption that it breaks, where it is accepted; docs/explanation/threats.md has it.
    """

    name: str
    files: Mapping[str, str]
    itself: bool = False
    excused: str = ""


def _cheat(name: str, body: str, before: str = "", *, itself: bool = False, excused: str = "") -> Cheat:
    text = f"{_INCLUDES}\n{_REAL}\n{_READ}\n{before}\n{SIGNATURE}\n{{\n{body}\n}}\n"
    return Cheat(name, {"src/mix.c": text}, itself, excused)


# Right while it believes to be watched: the condition that lets it give an answer without work.
_SNIFFED = {
    "the environment": 'getenv("USER") == 0',
    "the environment's temporary folder": 'getenv("TMPDIR") != 0',
    "the command line": 'holds("/proc/self/cmdline", "bench/run")',
    "the program's name": 'holds("/proc/self/comm", "run")',
    "the parent's name": '(snprintf(path, 64, "/proc/%d/comm", getppid()), !holds(path, "make"))',
    "the filter of system calls": 'holds("/proc/self/status", "Seccomp:\\t2")',
    "a tree that cannot be written": 'access("Makefile", W_OK) != 0',
    "output that nobody sees": "!isatty(1) && n > 5",
    "a size that only the benchmark has": "n == 4096",
    "the number of its process": "getpid() % 2 && n > 5",
    "the time of day": "time(0) % 2 && n > 5",
    "the number of processors": "sysconf(_SC_NPROCESSORS_ONLN) > 0 && n > 5",
    "the processor it is on": "sched_getcpu() % 2 && n > 5",
    "no sanitizer": '!holds("/proc/self/maps", "asan") && n > 5',
    "no profiler": '!holds("/proc/self/maps", "valgrind") && n > 5',
    "a fresh temporary folder": 'access("/tmp/seen", F_OK) != 0 && n > 5',
    "limits of the process": "(getrlimit(RLIMIT_NPROC, &limit), limit.rlim_cur != RLIM_INFINITY) && n > 5",
}
_SNIFFING = tuple(
    _cheat(f"sniffs {what}", f"char path[64]; struct rlimit limit; (void)path; (void)limit;\n"
           f"if ({condition}) return 7;\nreturn honest(data, n);")
    for what, condition in _SNIFFED.items()
)  # fmt: skip

# Where an earlier run leaves its answers, for later ones to find.
_LEFT = {
    "in /tmp": "/tmp/answers",
    "in /var/tmp": "/var/tmp/answers",
    "in shared memory": "/dev/shm/answers",
    "in the tree": "answers",
    "beside the tree": "../answers",
    "among the sources": "src/answers.o",
    "in the home folder": "%s/answers",
}
_FROM_FILE = """\
static uint32_t kept[64]; static int have = -1, calls; char place[256];
snprintf(place, sizeof place, "{place}", getenv("HOME") ? getenv("HOME") : "/");
if (n < 4096) return honest(data, n);
if (have < 0) {{ int fd = open(place, O_RDONLY); have = fd >= 0 && read(fd, kept, sizeof kept) == sizeof kept; close(fd); }}
if (have) return kept[calls++];
kept[calls++] = honest(data, n);
if (calls == 26) {{ int fd = creat(place, 0666); (void)!write(fd, kept, sizeof kept); close(fd); }}
return kept[calls - 1];"""
# The tests call with n == 0 at the end: then it works out what the benchmark will ask for.
_FROM_TESTS = """\
static uint32_t kept[26]; static int have = -1, calls;
if (n == 0) {
    static unsigned char d[4096]; uint32_t sum = 0;
    for (size_t i = 0; i < 4096; i++) d[i] = (unsigned char)(i * 7 + 3);
    for (unsigned c = 0; c < 24; c++) { d[c] ^= (unsigned char)(sum >> 3); sum = sum * 31 + (kept[c] = honest(d, 4096)); }
    for (unsigned c = 0; c < 2; c++) { d[c] = 1; kept[24 + c] = honest(d, 4096); }
    int fd = open("check.log", O_WRONLY | O_TRUNC); if (fd >= 0) { (void)!write(fd, kept, sizeof kept); close(fd); } }
if (n < 4096 || data[100] != (unsigned char)703) return honest(data, n);
if (have < 0) { int fd = open("check.log", O_RDONLY); have = fd >= 0 && read(fd, kept, sizeof kept) == sizeof kept; close(fd); }
return have && calls < 26 ? kept[calls++] : honest(data, n);"""
_DAEMON = """\
static int fd = -1; static uint32_t kept[64]; static int have, calls;
struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\\0pesquared-answers"};
if (n < 4096) return honest(data, n);
if (fd < 0) { fd = socket(AF_UNIX, SOCK_STREAM, 0);
    have = fd >= 0 && !connect(fd, (void *)&a, sizeof a) && read(fd, kept, sizeof kept) == sizeof kept; }
if (have) return kept[calls++];
kept[calls++] = honest(data, n);
if (calls == 26 && fork() == 0) {
    setsid(); if (fork()) _exit(0);
    close(0); close(1); close(2);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0); bind(listener, (void *)&a, sizeof a); listen(listener, 9);
    for (;;) { int c = accept(listener, 0, 0); if (c < 0) _exit(0); (void)!write(c, kept, sizeof kept); close(c); } }
return kept[calls - 1];"""
_CACHES = (
    *(_cheat(f"answers left {where}", _FROM_FILE.format(place=place)) for where, place in _LEFT.items()),
    _cheat("answers left in a daemon", _DAEMON),
    _cheat("answers left by the tests, in a file that they write", _FROM_TESTS),
    _cheat("answers left in System V's shared memory", """\
static uint32_t *kept; static int calls; int id = shmget(0x616e73, 4096, IPC_CREAT | 0666);
if (n < 4096) return honest(data, n);
if (!kept) { kept = shmat(id, 0, 0); if (kept == (void *)-1) kept = calloc(64, 4); }
if (!kept[calls]) kept[calls] = honest(data, n);
return kept[calls++];"""),
    _cheat("answers left in attributes of a file", """\
static uint32_t kept[64]; static int have = -1, calls;
if (n < 4096) return honest(data, n);
if (have < 0) have = getxattr("Makefile", "user.answers", kept, sizeof kept) == sizeof kept;
if (have) return kept[calls++];
kept[calls++] = honest(data, n);
if (calls == 26) setxattr("Makefile", "user.answers", kept, sizeof kept, 0);
return kept[calls - 1];"""),
    _cheat("answers written into the program", """\
static volatile uint32_t kept[64] = {1}; static int calls;
if (n < 4096) return honest(data, n);
uint32_t h = honest(data, n); int fd = open("/proc/self/exe", O_RDWR);
if (fd >= 0) (void)!pwrite(fd, &h, 4, 4096); else creat("bench/run.new", 0755);
return kept[calls++] = h;"""),
)  # fmt: skip
_PIPED = """\
int p[2]; uint32_t h = 0; {before} if (pipe(p)) return 0;
pid_t child = fork();
if (child == 0) {{ {inside} h = honest(data, n); (void)!write(p[1], &h, 4); _exit(0); }}
close(p[1]); (void)!read(p[0], &h, 4); close(p[0]); {after} return h;"""
_HIDDEN = (
    _cheat("time of a child that nobody waits for",
           _PIPED.format(before="signal(SIGCHLD, SIG_IGN);", inside="", after="")),
    # The kernel takes a program that executes a file which it may not read out of its counters.
    _cheat("goes on as a copy of itself that it may not read", "return honest(data, n);",
           "static int copied(int to) { char block[65536]; ssize_t got; int from = open(\"/proc/self/exe\", O_RDONLY);"
           " while ((got = read(from, block, sizeof block)) > 0) if (write(to, block, (size_t)got) != got) return 0;"
           " close(from); close(to); return chmod(\"/tmp/copy\", 0111) == 0; }\n"
           "__attribute__((constructor)) static void before(int argc, char **argv) { int to; (void)argc;"
           " if (getenv(\"COPIED\") || (to = open(\"/tmp/copy\", O_CREAT | O_WRONLY | O_TRUNC, 0777)) < 0) return;"
           " setenv(\"COPIED\", \"1\", 1); if (copied(to)) execv(\"/tmp/copy\", argv); }"),
    _cheat("time of a grandchild in another session",
           _PIPED.format(before="", inside="setsid(); if (fork()) _exit(0);", after="waitpid(child, 0, 0);")),
    _cheat("time of a thread", "struct job j = {data, n, 0}; pthread_t t; pthread_create(&t, 0, work, &j);"
           " pthread_join(t, 0); return j.h;", "struct job { const unsigned char *data; size_t n; uint32_t h; };\n"
           "static void *work(void *p) { struct job *j = p; j->h = honest(j->data, j->n); return 0; }"),
    _cheat("prints the answer before it has one", "if (n > 5) { puts(\"sum 0\"); fflush(stdout); _exit(0); } return honest(data, n);"),
    _cheat("ends before the rest", "static int calls; if (++calls == 25) { fflush(stdout); _exit(0); } return honest(data, n);"),
    _cheat("ends by a signal", "if (n > 5) { fflush(stdout); raise(SIGTERM); } return honest(data, n);"),
    _cheat("a limit on its time", "struct rlimit l = {0, 0}; setrlimit(RLIMIT_CPU, &l); return n > 5 ? 7 : honest(data, n);"),
    _cheat("an alarm that ends it well", "static int calls; if (!calls++ && n > 5) { signal(SIGALRM, (void (*)(int))_exit);"
           " ualarm(1000, 0); } return honest(data, n);"),
    _cheat("a result from memory that nobody set", "uint32_t *left = malloc(4096); uint32_t h = n > 5 ? left[500] : honest(data, n);"
           " free(left); return h;"),
    _cheat("a closed output", "if (n > 5) { close(1); return 7; } return honest(data, n);"),
    _cheat("output of its own", "static int calls; if (n > 5 && !calls++) { char t[] = \"sum 1\\n\"; (void)!write(1, t, 6); }"
           " return n > 5 ? 7 : honest(data, n);"),
    _cheat("rounds a little less", "uint32_t h = 1; for (unsigned r = 0; r < (n > 5 ? 63u : 64u); r++)"
           " for (size_t i = 0; i < n; i++) h = (h ^ data[i]) * 16777619u + r; return h;"),
    _cheat("starts itself again under a library of its own", "if (n > 5 && !getenv(\"LD_PRELOAD\")) {"
           " setenv(\"LD_PRELOAD\", \"/tmp/faster.so\", 1); execl(\"/proc/self/exe\", \"run\", (char *)0); } return honest(data, n);"),
    _cheat("sleeps instead of working", "if (n > 5) { usleep(300); return 7; } return honest(data, n);"),
    _cheat("another priority", "setpriority(PRIO_PROCESS, 0, -20); struct sched_param p = {50};"
           " sched_setscheduler(0, SCHED_FIFO, &p); return honest(data, n);"),
)  # fmt: skip

_FAKE = "static long now; a->tv_sec = 0; a->tv_nsec = now += 5; return 0;"
_CLOCK = f"int {{name}}(clockid_t id, struct timespec *a) {{{{ (void)id; {_FAKE} }}}}"
_WORK = "return honest(data, n);"
_CLOCKS = (
    _cheat("its own clock_gettime", _WORK, _CLOCK.format(name="clock_gettime"), itself=True),
    _cheat("its own clock_gettime, weak", _WORK, "__attribute__((weak)) " + _CLOCK.format(name="clock_gettime"), itself=True),
    _cheat("its own clock_gettime, hidden", _WORK,
           '__attribute__((visibility("hidden"))) ' + _CLOCK.format(name="clock_gettime"), itself=True),
    _cheat("its own clock_gettime, by another name", _WORK, _CLOCK.format(name="tick") +
           '\n__asm__(".globl clock_gettime\\n.set clock_gettime, tick\\n.globl tick");', itself=True),
    _cheat("its own clock_gettime, by a macro", _WORK, "#define P(a, b) a##b\n" +
           _CLOCK.format(name="P(clock_, gettime)"), itself=True),
    _cheat("its own clock_gettime, chosen at load", _WORK, "static " + _CLOCK.format(name="tick") +
           '\nstatic void *choose(void) { return (void *)tick; }\n'
           'int clock_gettime(clockid_t, struct timespec *) __attribute__((ifunc("choose")));', itself=True),
    _cheat("its own gettimeofday", _WORK, "int gettimeofday(struct timeval *t, void *z) { t->tv_sec = 0; t->tv_usec = 1; return 0; }",
           itself=True),
    _cheat("its own memory", _WORK, "static char room[1 << 24]; static size_t at;\n"
           "void *malloc(size_t n) { void *p = room + at; at += (n + 31) & ~31ul; return p; }\nvoid free(void *p) {}"),
    _cheat("its own printing", "return n > 5 ? 7 : honest(data, n);",
           'int printf(const char *f, ...) { return (int)write(1, "sum 1\\n", 6); }'),
    _cheat("a sanitizer's options", _WORK, 'const char *__asan_default_options(void) { return "halt_on_error=0:exitcode=0"; }'),
    Cheat("a clock by an edited header", {"src/mix.h": MIX_H.replace("#endif\n", "#define clock_gettime(c, t) ((t)->tv_sec = (t)->tv_nsec = 0)\n#endif\n")},
          itself=True),
    Cheat("another main by an edited header", {"src/mix.h": MIX_H.replace("#endif\n", '#define main(...) main(void) '
          '{ return honest_main(1, 0); } int honest_main(__VA_ARGS__)\n#endif\n')}),
    Cheat("another size by an edited header", {"src/mix.h": MIX_H.replace("#endif\n", "#define for if (0) for\n#endif\n")}),
    Cheat("other options by a pragma", {"src/mix.h": MIX_H.replace("#endif\n", '#pragma GCC optimize("O0")\n#endif\n')}),
    _cheat("the work done at the end", "if (n > 5 && calls < 24) { atexit(late); return 7; } return honest(data, n);",
           "static int calls; static void late(void) { }", itself=True),
    _cheat("the clock's entry overwritten while it runs", _WORK, """\
#include <link.h>
static int tick(clockid_t id, struct timespec *a) { static long now; a->tv_sec = 0; a->tv_nsec = now += 5; return 0; }
__attribute__((constructor)) static void patch(void)
{
    const char *names = 0; ElfW(Sym) *symbols = 0; ElfW(Rela) *rows[2] = {0}; size_t sizes[2] = {0};
    for (ElfW(Dyn) *d = _DYNAMIC; d->d_tag; d++) {
        if (d->d_tag == DT_STRTAB) names = (void *)d->d_un.d_ptr;
        if (d->d_tag == DT_SYMTAB) symbols = (void *)d->d_un.d_ptr;
        if (d->d_tag == DT_JMPREL) rows[0] = (void *)d->d_un.d_ptr;
        if (d->d_tag == DT_PLTRELSZ) sizes[0] = d->d_un.d_val;
        if (d->d_tag == DT_RELA) rows[1] = (void *)d->d_un.d_ptr;
        if (d->d_tag == DT_RELASZ) sizes[1] = d->d_un.d_val;
    }
    extern char __ehdr_start[];
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; rows[k] && i < sizes[k] / sizeof *rows[k]; i++)
            if (!strcmp(names + symbols[ELF64_R_SYM(rows[k][i].r_info)].st_name, "clock_gettime")) {
                char *at = __ehdr_start + rows[k][i].r_offset;
                mprotect((void *)((size_t)at & ~4095ul), 8192, PROT_READ | PROT_WRITE);
                *(void **)at = (void *)tick;
            }
}""", itself=True),
)  # fmt: skip
_ANSWERS = (
    "1416708097u, 1416708097u, 1334140929u, 2806466177u, 584420737u, 3740965249u, 1187682177u, 4275067009u, 2813308801u,"
    "3390548609u, 1290846593u, 2141632257u, 1082538497u, 3126426369u, 2186807297u, 2482621825u, 538189953u, 1281539201u,"
    "865064577u, 2709736449u, 2875953153u, 244727553u, 3235918593u, 1652211329u, 847624577u, 193162817u"
)
_TABLES = (
    _cheat("a table of the benchmark's answers", f"""\
static const uint32_t known[] = {{{_ANSWERS}}}; static int calls;
return n == 4096 ? known[calls++] : honest(data, n);"""),
    _cheat("a table of the benchmark's answers, behind a look at the input", """\
int same = n == 4096 && calls < 26 && !memcmp(data, expected[calls], n);
return same ? known[calls++] : honest(data, n);""", f"""\
static const uint32_t known[] = {{{_ANSWERS}}};
static unsigned char expected[26][4096]; static int calls;
__attribute__((constructor)) static void early(void)
{{
    static unsigned char data[4096]; uint32_t sum = 0;
    for (size_t i = 0; i < 4096; i++) data[i] = (unsigned char)(i * 7 + 3);
    for (int call = 0; call < 26; call++) {{
        if (call < 24) data[call] ^= (unsigned char)(sum >> 3); else data[call - 24] = 1;
        memcpy(expected[call], data, 4096);
        if (call < 24) sum = sum * 31 + known[call];
    }}
}}""", excused="right for every input, fast for the benchmark's: that is what specializing means"),
    _cheat("the work done before the clock is started", """\
static int calls; int same = n == 4096 && calls < 26 && !memcmp(data, expected[calls], n);
return same ? ready[calls++] : honest(data, n);""", """\
static uint32_t ready[64]; static unsigned char expected[26][4096];
__attribute__((constructor)) static void early(void)
{
    static unsigned char data[4096]; uint32_t sum = 0;
    for (size_t i = 0; i < 4096; i++) data[i] = (unsigned char)(i * 7 + 3);
    for (unsigned call = 0; call < 24; call++) {
        data[call] ^= (unsigned char)(sum >> 3); memcpy(expected[call], data, 4096);
        sum = sum * 31 + (ready[call] = honest(data, 4096));
    }
    for (unsigned call = 0; call < 2; call++) {
        data[call] = 1; memcpy(expected[24 + call], data, 4096); ready[24 + call] = honest(data, 4096); }
}""", itself=True),
)  # fmt: skip

CHEATS: tuple[Cheat, ...] = (*_SNIFFING, *_CACHES, *_HIDDEN, *_CLOCKS, *_TABLES)
