// SPDX-License-Identifier: Apache-2.0
#include <config.h> // off64_t

#include "tests/support/faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_FILES = 1024, LONGEST_RUN_S = 60, MOST_WORDS = 1 << 16 };

// How a script's process ends, besides its status.
enum { EXIT_UNTOUCHED = 100, EXIT_NO_POWER, EXIT_LEAKED, EXIT_BROKEN };

// What a sync made durable: a file's length, or a name in a folder.
struct durable {
    ino_t inode;
    off_t size;
    char name[64]; // empty: a length
};

static enum fault armed;
static char root[96];
static _Atomic uint64_t calls_left;
static _Atomic bool has_struck;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards what is durable
static struct durable durable[MOST_FILES];
static size_t durable_count;

const char *fault_name(enum fault fault) {
    static const char *const names[] = {
#define X(name) #name,
        FAULT_LIST(X)
#undef X
    };
    return names[fault];
}

void faults_arm(enum fault fault, uint64_t n, const char *folder) {
    snprintf(root, sizeof root, "%s", folder);
    calls_left = n;
    has_struck = false;
    armed = fault;
}
void faults_disarm(void) { armed = FAULT_NONE; }
bool faults_has_struck(void) { return has_struck; }

static const struct durable *find_durable(ino_t inode, const char *name) {
    for (size_t i = 0; i < durable_count; i++)
        if (durable[i].inode == inode && strcmp(durable[i].name, name) == 0) return &durable[i];
    return NULL;
}

static void add_durable(ino_t inode, off_t size, const char *name) {
    struct durable *entry = (struct durable *)find_durable(inode, name);
    if (!entry) {
        if (durable_count == MOST_FILES || strlen(name) >= sizeof entry->name) abort();
        entry = &durable[durable_count++];
    }
    *entry = (struct durable){.inode = inode, .size = size};
    snprintf(entry->name, sizeof entry->name, "%s", name);
}

static void path_of(char out[512], int fd) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, out, 511);
    if (len < 0) abort();
    out[len] = '\0';
}

static void note_folder(int fd, ino_t inode) {
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    if (!folder) abort();
    size_t kept = 0;
    for (size_t i = 0; i < durable_count; i++)
        if (durable[i].inode != inode) durable[kept++] = durable[i];
    durable_count = kept;
    for (struct dirent *entry; (entry = readdir(folder));) add_durable(inode, 0, entry->d_name);
    closedir(folder);
}

static void note_sync(int fd) {
    struct stat info;
    char path[512];
    if (armed != FAULT_POWER || fstat(fd, &info) != 0) return;
    path_of(path, fd);
    if (strncmp(path, root, strlen(root)) != 0) return;
    pthread_mutex_lock(&lock);
    if (S_ISDIR(info.st_mode))
        note_folder(fd, info.st_ino);
    else
        add_durable(info.st_ino, info.st_size, "");
    pthread_mutex_unlock(&lock);
}

// A file that goes: its number may be another's next.
static void forget(const char *path) {
    struct stat info;
    if (armed != FAULT_POWER || stat(path, &info) != 0 || info.st_nlink > 1) return;
    pthread_mutex_lock(&lock);
    struct durable *length = (struct durable *)find_durable(info.st_ino, "");
    if (length) *length = durable[--durable_count];
    pthread_mutex_unlock(&lock);
}

// What the machine finds in the folder when it comes back.
static void drop_undurable(const char *path) {
    struct stat info, file;
    DIR *folder = opendir(path);
    if (!folder || stat(path, &info) != 0) abort();
    for (struct dirent *entry; (entry = readdir(folder));) {
        char child[512];
        if (entry->d_name[0] == '.' || strstr(entry->d_name, ".sqlite")) continue;
        snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (stat(child, &file) != 0) {
            if (errno == ENOENT) continue; // another thread has just removed it
            abort();
        }
        bool has_name = find_durable(info.st_ino, entry->d_name) != NULL;
        if (S_ISDIR(file.st_mode)) {
            drop_undurable(child);
            if (!has_name && rmdir(child) != 0) abort(); // nothing in it can have been durable
            continue;
        }
        const struct durable *length = find_durable(file.st_ino, "");
        if (!has_name)
            unlinkat(AT_FDCWD, child, 0);
        else if (!length || length->size < file.st_size)
            syscall(SYS_truncate, child, length ? length->size : 0);
    }
    closedir(folder);
}

static bool is_hit(bool is_sync) {
    bool counts =
        armed == FAULT_POWER || armed == FAULT_DISK_DEAD ||
        (is_sync ? armed == FAULT_SYNC : armed == FAULT_WRITE || armed == FAULT_SHORT_WRITE);
    if (!counts) return false;
    if (armed == FAULT_DISK_DEAD && has_struck) return true;
    while (armed == FAULT_POWER && has_struck) pause(); // another thread is ending the process
    if (atomic_fetch_sub(&calls_left, 1) != 0) return false;
    has_struck = true;
    if (armed == FAULT_POWER) {
        pthread_mutex_lock(&lock);
        drop_undurable(root);
        _exit(EXIT_NO_POWER);
    }
    return true;
}

static bool is_state_hit(int fd) {
    char path[512];
    if (armed != FAULT_STATE) return false;
    path_of(path, fd);
    bool is_hit = strstr(path, ".sqlite") != NULL;
    if (is_hit) has_struck = true;
    return is_hit;
}

static int fail(int code) {
    errno = code;
    return -1;
}

// NOLINTBEGIN(bugprone-easily-swappable-parameters): the C library's own.
ssize_t write(int fd, const void *data, size_t len) {
    // What a process says of its end is not lost with its disk.
    if (fd == STDERR_FILENO || !is_hit(false)) return syscall(SYS_write, fd, data, len);
    if (armed != FAULT_SHORT_WRITE) return fail(EIO);
    calls_left = 0; // the rest finds no room
    armed = FAULT_WRITE;
    return len < 2 ? write(fd, data, len) : syscall(SYS_write, fd, data, len / 2);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset) {
    if (is_state_hit(fd)) return fail(ENOSPC);
    if (!is_hit(false)) return syscall(SYS_pwrite64, fd, data, len, offset);
    if (armed != FAULT_SHORT_WRITE) return fail(EIO);
    calls_left = 0;
    armed = FAULT_WRITE;
    return syscall(SYS_pwrite64, fd, data, len / 2, offset);
}
ssize_t pwrite(int fd, const void *data, size_t len, off_t offset) {
    return pwrite64(fd, data, len, offset);
}
int ftruncate64(int fd, off64_t len) {
    return is_hit(false) ? fail(EIO) : (int)syscall(SYS_ftruncate, fd, len);
}
int ftruncate(int fd, off_t len) { return ftruncate64(fd, len); }
int rename(const char *from, const char *to) {
    if (is_hit(false)) return fail(EIO);
    forget(to);
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}
int unlink(const char *path) {
    forget(path);
    return unlinkat(AT_FDCWD, path, 0);
}
int fsync(int fd) {
    if (is_hit(true)) return fail(EIO);
    note_sync(fd);
    return 0;
}
int fdatasync(int fd) { return fsync(fd); }
// NOLINTEND

static bool is_memory_hit(void) {
    if (armed != FAULT_MEMORY || atomic_fetch_sub(&calls_left, 1) != 0) return false;
    has_struck = true;
    return true;
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size) {
    return is_memory_hit() ? NULL : __real_calloc(count, size);
}
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size) {
    return is_memory_hit() ? NULL : __real_realloc(memory, size);
}
int __real_posix_memalign(void **out, size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size) {
    return is_memory_hit() ? ENOMEM : __real_posix_memalign(out, alignment, size);
}

static sqlite3_mem_methods sqlite_memory;
static void *sqlite_malloc(int size) {
    return is_memory_hit() ? NULL : sqlite_memory.xMalloc(size);
}
static void *sqlite_realloc(void *memory, int size) {
    return is_memory_hit() ? NULL : sqlite_memory.xRealloc(memory, size);
}

void faults_init(void) {
    // Large memory comes fresh from the kernel, zeroed when it is touched: a process of one run
    // touches little of it.
    mallopt(M_MMAP_THRESHOLD, 128 << 10); // AddressSanitizer has none
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory) != SQLITE_OK) abort();
    sqlite3_mem_methods failing = sqlite_memory;
    failing.xMalloc = sqlite_malloc;
    failing.xRealloc = sqlite_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) != SQLITE_OK) abort();
}

// --- runs ---

// AddressSanitizer's, where it is linked.
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static _Noreturn void run_script(const struct fault_script *script, enum fault fault, uint64_t n,
                                 int words) {
    struct rlimit no_core = {0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (dup2(words, STDERR_FILENO) < 0) _exit(EXIT_BROKEN);
    alarm(LONGEST_RUN_S);
    faults_arm(fault, n, script->folder);
    enum status status = script->run(script->context);
    faults_disarm();
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0)
        _exit(EXIT_LEAKED);
    if (!has_struck) _exit(status == STATUS_OK ? EXIT_UNTOUCHED : EXIT_BROKEN);
    _exit((int)status);
}

static bool has_words(int fd, const char *words) {
    static char text[MOST_WORDS];
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    if (len < 0) abort();
    text[len] = '\0';
    return strstr(text, words) != NULL;
}

static void print_words(int fd, int state) {
    static char text[MOST_WORDS];
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    fprintf(stderr, "a run ended with %x, and said: %.*s\n", (unsigned)state, (int)len, text);
}

static struct fault_run judge(const struct fault_script *script, int state, int words) {
    struct fault_run run = {.outcome = FAULT_BROKEN};
    if (WIFSIGNALED(state) && WTERMSIG(state) == SIGABRT) {
        bool is_meant = has_words(words, "out of memory: ") ||
                        (script->last_words && has_words(words, script->last_words));
        if (is_meant) run.outcome = FAULT_DIED;
    } else if (WIFEXITED(state)) {
        int code = WEXITSTATUS(state);
        if (code == EXIT_NO_POWER) run.outcome = FAULT_DIED;
        if (code == EXIT_UNTOUCHED) run.outcome = FAULT_UNTOUCHED;
        if (code < EXIT_UNTOUCHED) {
            run.status = (enum status)code;
            run.outcome = code == STATUS_OK ? FAULT_ENDED : FAULT_STOPPED;
        }
    }
    if (run.outcome == FAULT_BROKEN) print_words(words, state);
    return run;
}

struct fault_run faults_run(const struct fault_script *script, enum fault fault, uint64_t n) {
    int state, words = memfd_create("words", MFD_CLOEXEC);
    // Two threads may speak at once: without O_APPEND one would write over the other's words.
    if (words < 0 || fcntl(words, F_SETFL, O_APPEND) != 0) abort();
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) run_script(script, fault, n, words);
    if (waitpid(child, &state, 0) != child) abort();
    struct fault_run run = judge(script, state, words);
    close(words);
    return run;
}
