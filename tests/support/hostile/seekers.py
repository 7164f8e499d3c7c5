"""Programs that look for secrets: each place holds one word, the canary, which no output of theirs may have."""

# ruff: noqa: Q000, Q001 - foreign languages with quotes of their own

from tests.support.hostile.program import Hostile, c, sh

_COMMAND_LINES = "Landlock cannot hide processes, and command lines are everybody's to read"

# Where people and programs keep what nobody else should see, in a home folder.
SECRET_FILES = (
    ".ssh/id_ed25519", ".ssh/config", ".env", "project/.env", ".aws/credentials", ".netrc", ".docker/config.json",
    ".git-credentials", ".gitconfig", ".bash_history", ".zsh_history", ".python_history", ".gnupg/private-keys-v1.d/k",
    ".kube/config", ".npmrc", ".pypirc", ".config/gh/hosts.yml", ".config/gcloud/credentials.db",
    ".cargo/credentials.toml", ".pgpass", ".my.cnf", ".config/pesquared/.env", ".local/state/pesquared/journal.db",
    ".local/state/pesquared/replies/reply.json", ".mozilla/firefox/profile/logins.json", ".password-store/mail.gpg",
    "project/.git/config",
)  # fmt: skip

_FILES = tuple(sh(f"~/{path}", f'cat "$HOST_HOME/{path}"; cat ~/{path}') for path in SECRET_FILES)
_PROCESSES = (
    sh("our own environment", "env; cat /proc/self/environ"),
    sh("environments", "cat /proc/[0-9]*/environ"),
    sh("environments of threads", "cat /proc/[0-9]*/task/*/environ"),
    sh("the other process's environment", 'cat /proc/"$PROCESS"/environ'),
    sh("our starter's environment", 'cat /proc/"$PARENT"/environ /proc/"$PPID"/environ /proc/1/environ'),
    sh("command lines", "cat /proc/[0-9]*/cmdline", landlock=_COMMAND_LINES),
    sh("command lines by ps", "ps axww -o args; ps axwwe", landlock=_COMMAND_LINES),
    sh("names of programs", "cat /proc/[0-9]*/comm /proc/[0-9]*/stat"),
    sh("open files of others", 'for f in /proc/"$PROCESS"/fd/* /proc/"$PARENT"/fd/*; do timeout 1 head -c 4096 "$f"; done'),
    sh("what others have mapped", 'for f in /proc/"$PROCESS"/map_files/*; do head -c 4096 "$f"; done;'
       ' cat /proc/"$PROCESS"/maps /proc/"$PARENT"/smaps'),
    sh("the folder of another", 'cat /proc/"$PROCESS"/cwd/.env /proc/"$PARENT"/cwd/.env'),
    sh("secrets through another root", 'cat /proc/"$PROCESS"/root"$HOST_HOME"/.env /proc/1/root"$HOST_HOME"/.env'),
    *(c(f"memory of {name}", f'''
char path[64], line[512]; int pid = number("{name}");
sprintf(path, "/proc/%d/mem", pid); int memory = open(path, O_RDONLY);
sprintf(path, "/proc/%d/maps", pid); FILE *maps = fopen(path, "r");
while (memory >= 0 && maps && fgets(line, sizeof line, maps)) {{
    unsigned long from, to; static char block[1 << 16];
    if (strstr(line, "rw-p") && sscanf(line, "%lx-%lx", &from, &to) == 2)
        for (; from < to; from += sizeof block) (void)!write(1, block, pread(memory, block, sizeof block, from));
}}''') for name in ("PROCESS", "PARENT")),
    *(c(f"memory of {name}, by vectors", f'''
char path[64], line[512]; int pid = number("{name}"); static char block[1 << 16];
sprintf(path, "/proc/%d/maps", pid); FILE *maps = fopen(path, "r");
unsigned long from = 0x7ffd00000000, to = 0x7ffd00010000;
do {{
    if (maps) sscanf(line, "%lx-%lx", &from, &to);
    struct iovec here = {{block, sizeof block}}, there = {{(void *)from, to - from}};
    long got = process_vm_readv(pid, &here, 1, &there, 1, 0); if (got > 0) (void)!write(1, block, got);
}} while (maps && fgets(line, sizeof line, maps));''') for name in ("PROCESS", "PARENT")),
    c("memory by tracing", '''
int pid = number("PROCESS"); if (ptrace(PTRACE_ATTACH, pid, 0, 0)) return; waitpid(pid, 0, 0);
for (unsigned long at = 0x7ffd00000000; at < 0x7ffd00100000; at += 8) {
    long word = ptrace(PTRACE_PEEKDATA, pid, (void *)at, 0); (void)!write(1, &word, 8); }'''),
    c("descriptors of another", '''
int other = syscall(SYS_pidfd_open, number("PROCESS"), 0);
for (int fd = 0; fd < 64; fd++) { char block[4096]; int copy = syscall(438, other, fd, 0);
    if (copy > 0) (void)!write(1, block, pread(copy, block, sizeof block, 0)); }'''),
)  # fmt: skip
_LEFT_OPEN = (
    c("our own descriptors", '''
for (int fd = 0; fd < 4096; fd++) { char block[4096]; ssize_t got;
    if (fd == 1 || fd == 2) continue; fcntl(fd, F_SETFL, O_NONBLOCK);
    while ((got = read(fd, block, sizeof block)) > 0) (void)!write(1, block, got); }'''),
    sh("our own descriptors, by name", "ls -l /proc/self/fd; for f in /proc/self/fd/*; do timeout 1 head -c 4096 $f; done"),
    c("what was in memory before", '''
size_t size = 64 << 20; char *block = malloc(size);
for (size_t at = 0; block && at < size; at += 4096) if (block[at]) (void)!write(1, block + at, 4096);'''),
    c("the stack above us", "extern char **environ; (void)!write(1, environ[0], 4096); (void)!write(1, environ[0], 512);"),
)  # fmt: skip
_SERVICES = (
    c("a service on TCP", '''
struct sockaddr_in a = local(number("TELLS")); char block[4096];
int fd = connected(AF_INET, SOCK_STREAM, &a, sizeof a); (void)!write(1, block, read(fd, block, sizeof block));'''),
    c("a container engine's socket", '''
struct sockaddr_un a; socklen_t n = named(&a, outside("docker.sock"), 0); char block[4096];
int fd = connected(AF_UNIX, SOCK_STREAM, &a, n); (void)!write(1, block, read(fd, block, sizeof block));'''),
    c("an agent's abstract socket", '''
struct sockaddr_un a; socklen_t n = named(&a, known("AGENT"), 1); char block[4096];
int fd = connected(AF_UNIX, SOCK_STREAM, &a, n); (void)!write(1, block, read(fd, block, sizeof block));'''),
    sh("names of sockets", "cat /proc/net/unix /proc/net/tcp /proc/[0-9]*/net/unix"),
    c("keys of the session", '''
char block[4096]; for (int ring = -8; ring < 0; ring++) {
    long key = syscall(SYS_request_key, "user", "pesquared-mark", 0, ring);
    if (key > 0) (void)!write(1, block, syscall(SYS_keyctl, 11, key, block, sizeof block)); }
show("/proc/keys");'''),
    c("shared memory of others", '''
for (int id = 0; id < 4096; id++) { char *p = shmat(id, 0, SHM_RDONLY); if (p != (void *)-1) (void)!write(1, p, 4096); }
show("/proc/sysvipc/shm");'''),
    sh("shared memory", "cat /dev/shm/*"),
    sh("temporary files", 'cat /tmp/* /tmp/*/* /var/tmp/* /var/tmp/*/*'),
    sh("what lies beside the tree", 'cat ../* ../*/* ../.[!.]*; ls -a "$OUTSIDE"; cat "$OUTSIDE"/*'),
    sh("links in the tree", 'ln -s "$OUTSIDE/precious" a; ln "$OUTSIDE/precious" b; cat a b'),
    sh("passwords and mail", "cat /etc/shadow /etc/gshadow /etc/sudoers /var/mail/* /var/spool/cron/crontabs/* && echo escaped"),
    sh("settings of the host", "cat /etc/ssh/* /etc/ssl/private/* /etc/machine-id && echo escaped"),
    sh("the kernel's log", "dmesg; timeout 1 cat /dev/kmsg /proc/kmsg; cat /var/log/*"),
    sh("memory of the machine", "for f in /proc/kcore /dev/mem /dev/kmem /proc/vmcore; do head -c 1 $f && echo escaped; done"),
    sh("the disk itself", "for f in /dev/vda /dev/sda /dev/nvme0n1 /dev/mapper/* /dev/dm-0; do head -c1 $f && echo escaped; done"),
    sh("the screen", "for f in /dev/vcs* /dev/fb0 /dev/input/event*; do timeout 1 head -c1 $f && echo escaped; done"),
    sh("other users' homes", "cat /root/.* /root/*/* /home/*/.* /home/*/*"),
    sh("the whole machine", 'timeout 5 grep -rIl --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr'
       ' -m1 "pesquared-canary" / && echo escaped'),
)  # fmt: skip

SEEKERS: tuple[Hostile, ...] = (*_FILES, *_PROCESSES, *_LEFT_OPEN, *_SERVICES)
