"""Programs that leave a tree behind at which whoever walks, copies, compares or removes it may stumble."""

# ruff: noqa: Q003 - foreign languages with quotes of their own

from tests.support.hostile.program import Hostile, c, sh


def _config(key: str, value: str) -> str:
    return f'printf "[core]\\n\\trepositoryformatversion = 0\\n[{key}]\\n\\t{value}\\n" > .git/config'


_RUN = '\\"touch $OUTSIDE/created\\"'
_REPOSITORY = "mkdir -p .git/hooks .git/objects .git/refs; echo 'ref: refs/heads/main' > .git/HEAD"

# Configurations that make git run a program, or reach elsewhere.
_CONFIGS = {
    "fsmonitor": ("core", f"fsmonitor = {_RUN}"),
    "hooks elsewhere": ("core", "hooksPath = $PWD/hooks"),
    "a worktree elsewhere": ("core", "worktree = $OUTSIDE"),
    "an ssh command": ("core", f"sshCommand = {_RUN}"),
    "an editor": ("core", f"editor = {_RUN}"),
    "a pager": ("core", f"pager = {_RUN}"),
    "a filter": ('filter \\"f\\"', f"clean = {_RUN}\\n\\tsmudge = {_RUN}"),
    "a textconv": ('diff \\"f\\"', f"textconv = {_RUN}\\n\\tcommand = {_RUN}"),
    "a merge driver": ('merge \\"f\\"', f"driver = {_RUN}"),
    "an alias": ("alias", f"status = !{_RUN}"),
    "a signing program": ("gpg", f"program = {_RUN}"),
    "another file": ("include", "path = $OUTSIDE/precious"),
    "a credential helper": ("credential", f"helper = !{_RUN}"),
}
_GIT = (
    *(sh(f"git: {name}", f"{_REPOSITORY}; {_config(*config)}; echo '* filter=f diff=f merge=f' > .gitattributes;"
         f' mkdir hooks; printf "#!/bin/sh\\ntouch $OUTSIDE/created\\n" > hooks/post-checkout; chmod +x hooks/*')
      for name, config in _CONFIGS.items()),
    sh("git: hooks", f'{_REPOSITORY}; for h in pre-commit post-commit post-checkout post-index-change reference-transaction;'
       ' do printf "#!/bin/sh\\ntouch $OUTSIDE/created\\n" > .git/hooks/$h; chmod +x .git/hooks/$h; done'),
    sh("git: a file that names another folder", 'echo "gitdir: $OUTSIDE/repository" > .git'),
    sh("git: a link to another repository", 'ln -s "$OUTSIDE/repository" .git'),
    sh("git: a repository in a folder", f"mkdir -p src/inner; cd src/inner; {_REPOSITORY}; {_config(*_CONFIGS['fsmonitor'])}"),
    sh("git: submodules", 'printf "[submodule \\"x\\"]\\n\\tpath = ../../..\\n\\turl = ext::touch% $OUTSIDE/created\\n" > .gitmodules'),
    sh("git: a name that is .git for others", "mkdir .GIT git~1 .git.; touch .GIT/config git~1/config; : > .git$(printf '\\342\\200\\214')"),
    sh("git: attributes", "echo '* export-subst ident working-tree-encoding=UTF-16' > .gitattributes"),
    sh("git: ignore everything", "echo '*' > .gitignore"),
    sh("git: alternates", f'{_REPOSITORY}; mkdir -p .git/objects/info; echo "$OUTSIDE" > .git/objects/info/alternates'),
)  # fmt: skip
_LINKS = (
    sh("a link out", 'ln -s "$OUTSIDE" out; ln -s "$OUTSIDE/precious" file'),
    sh("a source replaced by a link", 'rm kernel.c; ln -s "$OUTSIDE/precious" kernel.c'),
    sh("a folder replaced by a link", 'rm -r src; ln -s "$OUTSIDE" src'),
    sh("a product replaced by a link", 'rm -f prog; ln -s "$OUTSIDE/precious" prog'),
    sh("links in a circle", "ln -s loop loop; ln -s . here; ln -s .. up; ln -s two one; ln -s one two"),
    sh("a link into /proc", "ln -s /proc/self/fd fds; ln -s /proc/self/root root; ln -s /dev/zero endless"),
    sh("a link to nowhere", "ln -s /does/not/exist none; ln -s '' empty; ln -s \"$(printf 'x%.0s' $(seq 4000))\" long"),
    sh("hard links", "for i in 1 2 3 4 5 6 7 8 9; do ln kernel.c hard$i; done"),
    sh("a chain of links", "ln -s kernel.c l0; for i in $(seq 60); do ln -s l$((i-1)) l$i; done"),
    sh("a folder replaced by a file", "rm -r src; echo x > src"),
    sh("a file replaced by a folder", "rm kernel.c; mkdir -p kernel.c/kernel.c"),
    sh("the tree emptied", "rm -rf ./* ./.[!.]*"),
    sh("a link that was a folder, deep", 'mkdir -p a/b/c; rmdir a/b/c; ln -s "$OUTSIDE" a/b/c'),
)  # fmt: skip
_KINDS = (
    sh("pipes", "mkfifo pipe kernel.fifo; rm kernel.c; mkfifo kernel.c"),
    c("sockets", 'struct sockaddr_un a; socklen_t n = named(&a, "socket", 0); bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, n);'),
    c("devices", 'mknod("null", S_IFCHR | 0666, 0x103); mknod("disk", S_IFBLK | 0666, 0xfe00);'),
    sh("a hole of 500 GiB", "truncate -s 500G hole || truncate -s 1G hole; rm kernel.c; truncate -s 1G kernel.c"),
    sh("a huge name", "touch \"$(printf 'n%.0s' $(seq 255))\"; mkdir \"$(printf 'd%.0s' $(seq 255))\""),
    sh("files that nobody may read", "echo x > dark; chmod 0 dark kernel.c"),
    sh("folders that nobody may enter", "mkdir -p shut/inner; echo x > shut/inner/x; chmod 0 shut/inner shut"),
    sh("folders that nobody may write", "mkdir stiff; echo x > stiff/x; chmod 555 stiff src ."),
    sh("bits that give rights", "cp /bin/sh mine; chmod 7777 mine; mkdir sticky; chmod 3777 sticky"),
    sh("files that cannot be changed", "chattr +i kernel.c; chattr +a Makefile; lsattr ."),
    sh("lists of rights", "setfacl -m u:0:rwx kernel.c; setfacl -d -m u:0:rwx ."),
    c("extended attributes", 'static char big[60000]; setxattr("kernel.c", "user.big", big, sizeof big, 0);'
      ' setxattr("kernel.c", "security.capability", big, 20, 0);'),
)  # fmt: skip
_NAMES = (
    sh("newlines in names", "touch \"$(printf 'a\\nb')\" \"$(printf '\\n')\"x"),
    sh("names that are no text", "touch \"$(printf '\\377\\376')\" \"$(printf '\\200')\"; mkdir \"$(printf 'd\\377')\""),
    sh("names that look like options", "touch -- -rf --help '-c core.fsmonitor=true' -; mkdir -- --exec"),
    sh("names that look like paths", "touch '..\\x' '...' '. ' ' ' '~' '$HOME' '`id`' '%s%n'; mkdir '.. '"),
    sh("names of control", "touch \"$(printf '\\033[2J\\007')\" \"$(printf 'x\\r')\" \"$(printf '\\342\\200\\256txt')\""),
    sh("names with quotes", "touch \"'\" '\"' ';' '&' '|' '*' '?' '[' '\\' '#' ':'"),
    sh("names that differ in case", "touch Kernel.c KERNEL.C; mkdir SRC Src"),
    sh("names that ours could be", "touch .pesquared pesquared.toml .lock CANDIDATE BASELINE; mkdir -p .pesq/slots"),
)  # fmt: skip
_SIZES = (
    sh("deep folders", f"i=0; while [ $i -lt 400 ]; do mkdir {'d' * 50} && cd {'d' * 50} || exit; i=$((i+1)); done"),
    c("deeper folders", 'for (int i = 0; i < 3000; i++) if (mkdir("deeper", 0755) || chdir("deeper")) return;'),
    c("many files", 'mkdir("many", 0755); for (int i = 0; i < 20000; i++)'
      ' { char p[64]; sprintf(p, "many/%d", i); close(creat(p, 0644)); }'),
    c("many folders", 'mkdir("many", 0755); for (int i = 0; i < 5000; i++) { char p[64]; sprintf(p, "many/%d", i); mkdir(p, 0755); }'),
    sh("times in the future", "touch -d 2200-01-01 kernel.c Makefile prog .; touch -d 1901-01-01 main.c; touch -d @0 src"),
    sh("a program that is no program", "printf '\\177ELF' > prog; head -c 100 /dev/zero >> prog; chmod +x prog"),
    c("a program with broken tables", 'int fd = open("prog", O_RDWR | O_CREAT, 0755); static char junk[4096];'
      " memset(junk, 0xff, sizeof junk); pwrite(fd, \"\\177ELF\\2\\1\\1\", 7, 0); pwrite(fd, junk, sizeof junk, 16);"),
    sh("a program of a gigabyte", "truncate -s 1G prog; printf '\\177ELF\\002\\001\\001' | dd of=prog conv=notrunc status=none"),
)  # fmt: skip

TREES: tuple[Hostile, ...] = (*_GIT, *_LINKS, *_KINDS, *_NAMES, *_SIZES)
