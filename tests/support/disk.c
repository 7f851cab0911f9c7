/* Between a process and its disk, by LD_PRELOAD: everything that it writes below one folder is
 * logged in the order in which it happened, with its syncs and what it tells on its standard
 * output; and writes and syncs fail when they are told to. tests/support/disk.rs reads the log.
 *
 * DISK_FOLDER      the folder
 * DISK_LOG         where the log goes; none without it
 * DISK_FAIL_SYNC   the fdatasync, counted from 1, that fails with EIO; those after it succeed
 * DISK_FAIL_WRITE  the same of writes: with ENOSPC, after half of the bytes were written
 *
 * An entry of the log: kind (1 byte), length of the path (4), of the bytes (4), offset (8), path,
 * bytes. Kinds: W written, S synced, F a sync that failed, R renamed (the bytes are the new path),
 * U unlinked, A told.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static long syncs, writes, fail_sync, fail_write;
static const char *folder;

#define REAL(name, result, ...) ((result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static long number(const char *name)
{
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *log = getenv("DISK_LOG");
    folder = getenv("DISK_FOLDER");
    fail_sync = number("DISK_FAIL_SYNC");
    fail_write = number("DISK_FAIL_WRITE");
    if (log) {
        journal = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    }
}

static int is_ours(const char *path)
{
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int path_of(int fd, char *path)
{
    char link[64];
    ssize_t length;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) {
        return 0;
    }
    path[length] = 0;
    return is_ours(path);
}

static void put(char kind, const char *path, uint64_t offset, const void *bytes, uint32_t length)
{
    uint32_t path_length = (uint32_t)strlen(path);
    size_t size = 17 + (size_t)path_length + length;
    char *entry = journal < 0 ? NULL : malloc(size);
    if (entry) {
        entry[0] = kind;
        memcpy(entry + 1, &path_length, 4);
        memcpy(entry + 5, &length, 4);
        memcpy(entry + 9, &offset, 8);
        memcpy(entry + 17, path, path_length);
        memcpy(entry + 17 + path_length, bytes, length);
        if (REAL("write", ssize_t, int, const void *, size_t)(journal, entry, size) < 0) {
            abort();
        }
        free(entry);
    }
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off64_t) =
        REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t);
    char path[PATH_MAX];
    ssize_t written;
    if (!path_of(fd, path)) {
        return real(fd, bytes, length, offset);
    }
    pthread_mutex_lock(&lock);
    writes += 1;
    if (writes == fail_write) {
        length /= 2;
    }
    if (fail_write && writes == fail_write + 1) {
        written = -1;
        errno = ENOSPC;
    } else {
        put('W', path, (uint64_t)offset, bytes, (uint32_t)length);
        written = real(fd, bytes, length, offset);
    }
    pthread_mutex_unlock(&lock);
    return written;
}

static int sync_with(const char *name, int fd, int is_counted)
{
    char path[PATH_MAX];
    int result;
    if (!path_of(fd, path)) {
        return REAL(name, int, int)(fd);
    }
    pthread_mutex_lock(&lock);
    syncs += is_counted;
    if (is_counted && syncs == fail_sync) {
        put('F', path, 0, "", 0);
        result = -1;
        errno = EIO;
    } else {
        result = REAL(name, int, int)(fd);
        put('S', path, 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int fdatasync(int fd)
{
    return sync_with("fdatasync", fd, 1);
}

int fsync(int fd)
{
    return sync_with("fsync", fd, 0);
}

int rename(const char *from, const char *to)
{
    int result;
    pthread_mutex_lock(&lock);
    result = REAL("rename", int, const char *, const char *)(from, to);
    if (result == 0 && is_ours(from)) {
        put('R', from, 0, to, (uint32_t)strlen(to));
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int unlink(const char *path)
{
    int result;
    pthread_mutex_lock(&lock);
    result = REAL("unlink", int, const char *)(path);
    if (result == 0 && is_ours(path)) {
        put('U', path, 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    if (fd == 1) {
        pthread_mutex_lock(&lock);
        put('A', "", 0, bytes, (uint32_t)length);
        pthread_mutex_unlock(&lock);
    }
    return REAL("write", ssize_t, int, const void *, size_t)(fd, bytes, length);
}
