// SPDX-License-Identifier: Apache-2.0
// Two files hold the newest certificates: one that is full and one that grows. When that is full
// too, those of the older one that are kept for good are copied to the newest of the kept files,
// and it is removed; so there is always a whole file that tells what was final. What a crash leaves
// of this work is done at the next start: what was copied is known by its height.
#include "chaincore/ledger/certificate_log.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/ledger/certificate_file.h"

struct certificate_log {
    pthread_mutex_t lock; // guards what follows `directory`; never held while the disk works
    uint32_t per_file;
    char *directory;
    struct certificate_file full; // its descriptor is -1 until there is one
    struct certificate_file open;
    struct certificate_file kept; // the newest of the kept files
    uint64_t *kept_firsts;        // of all kept files, ascending
    size_t kept_count;
    uint64_t newest;
    uint64_t newest_kept; // marked so, wherever it stands
    uint64_t copied;      // the newest in the kept files; the writer's
};

static const char RECENT[] = "new", KEPT[] = "kept";

static void path_of(char out[PATH_MAX], const struct certificate_log *log, const char *kind,
                    uint64_t first) {
    int len = snprintf(out, PATH_MAX, "%s/%s-%012" PRIu64 ".log", log->directory, kind, first);
    ENSURE(len > 0 && len < PATH_MAX);
}

static bool is_there(const struct certificate_file *file) { return file->segment.file.fd >= 0; }

static int compare_heights(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

struct names {
    uint64_t *firsts;
    size_t count;
};

static void add_name(struct names *names, uint64_t first) {
    names->firsts = mem_resize(names->firsts, (names->count + 1) * sizeof *names->firsts);
    names->firsts[names->count++] = first;
}

static void sort_names(struct names *names) {
    if (names->count > 1)
        qsort(names->firsts, names->count, sizeof *names->firsts, compare_heights);
}

static enum status list_files(const struct certificate_log *log, struct names *recent,
                              struct names *kept) {
    DIR *folder = opendir(log->directory);
    if (!folder) return STATUS_IO;
    for (struct dirent *entry; (entry = readdir(folder));) {
        uint64_t first;
        int recent_end = 0, kept_end = 0;
        // NOLINTBEGIN(cert-err34-c): twelve digits cannot overflow.
        sscanf(entry->d_name, "new-%12" SCNu64 ".log%n", &first, &recent_end);
        if (recent_end == 0) sscanf(entry->d_name, "kept-%12" SCNu64 ".log%n", &first, &kept_end);
        // NOLINTEND(cert-err34-c)
        if (recent_end > 0 && entry->d_name[recent_end] == '\0') add_name(recent, first);
        if (kept_end > 0 && entry->d_name[kept_end] == '\0') add_name(kept, first);
    }
    closedir(folder);
    sort_names(recent);
    sort_names(kept);
    return STATUS_OK;
}

static const struct certificate_note *last_note(const struct certificate_file *file) {
    return &file->notes[file->segment.count - 1];
}

// A kept file with room for one more, of this height.
static enum status make_kept_room(struct certificate_log *log, uint64_t height) {
    char path[PATH_MAX];
    struct certificate_file next, old = log->kept;
    if (is_there(&log->kept) && log->kept.segment.count < log->per_file) return STATUS_OK;
    path_of(path, log, KEPT, height);
    enum status status = certificate_file_open(&next, path, height, 0);
    if (status != STATUS_OK) return status;
    pthread_mutex_lock(&log->lock);
    log->kept_firsts =
        mem_resize(log->kept_firsts, (log->kept_count + 1) * sizeof *log->kept_firsts);
    log->kept_firsts[log->kept_count++] = height;
    log->kept = next;
    pthread_mutex_unlock(&log->lock);
    if (is_there(&old)) certificate_file_close(&old);
    return STATUS_OK;
}

static enum status copy_one(struct certificate_log *log, const struct certificate_file *from,
                            uint64_t index) {
    const struct certificate_note *note = &from->notes[index];
    const struct segment *segment = &from->segment;
    struct buf certificate = {0};
    enum status status;
    TRY(certificate_file_read(segment, segment->path, segment->offsets[index],
                              segment->first_height + index, &certificate));
    TRY(make_kept_room(log, note->height));
    TRY(certificate_file_write(&log->kept, note, buf_bytes(&certificate)));
    pthread_mutex_lock(&log->lock);
    certificate_file_note(&log->kept, note, certificate.len);
    pthread_mutex_unlock(&log->lock);
    log->copied = note->height;
out:
    buf_clear(&certificate);
    return status;
}

// What of the file is kept for good stands in the kept files afterwards, durable.
static enum status copy_kept(struct certificate_log *log, const struct certificate_file *from) {
    enum status status = STATUS_OK;
    bool is_changed = false;
    for (uint64_t i = 0; i < from->segment.count; i++) {
        if (!from->notes[i].is_kept || from->notes[i].height <= log->copied) continue;
        // A kept file that is full is durable before the next begins.
        bool is_full = is_there(&log->kept) && log->kept.segment.count == log->per_file;
        if (is_changed && is_full) TRY(segment_sync(&log->kept.segment));
        TRY(copy_one(log, from, i));
        is_changed = true;
    }
    if (is_changed) status = segment_sync(&log->kept.segment);
out:
    return status;
}

static enum status missing(const struct certificate_log *log, uint64_t height) {
    log_error("ledger", "certificates are missing", log_text("folder", log->directory),
              log_number("height", (int64_t)height));
    return STATUS_CORRUPT;
}

static enum status open_kept(struct certificate_log *log, const struct names *names) {
    char path[PATH_MAX];
    log->kept_firsts = names->firsts;
    log->kept_count = names->count;
    while (log->kept_count > 0) {
        uint64_t first = log->kept_firsts[log->kept_count - 1];
        path_of(path, log, KEPT, first);
        enum status status = certificate_file_open(&log->kept, path, first, 0);
        if (status != STATUS_OK) return status;
        if (log->kept.segment.count > 0) {
            log->copied = last_note(&log->kept)->height;
            return STATUS_OK;
        }
        // Begun, and not written to.
        certificate_file_close(&log->kept);
        if (unlink(path) != 0) return STATUS_IO;
        log->kept_count--;
    }
    return STATUS_OK;
}

// A file that a crash left behind, whose successor was there already.
static enum status finish_file(struct certificate_log *log, uint64_t first) {
    char path[PATH_MAX];
    struct certificate_file file;
    path_of(path, log, RECENT, first);
    enum status status = certificate_file_open(&file, path, first, log->per_file);
    if (status != STATUS_OK) return status;
    status = copy_kept(log, &file);
    certificate_file_close(&file);
    if (status == STATUS_OK && unlink(path) != 0) status = STATUS_IO;
    return status;
}

// The files must follow one another, and what was kept before the first of them must be there.
static enum status check_order(const struct certificate_log *log) {
    const struct certificate_file *oldest = is_there(&log->full) ? &log->full : &log->open;
    if (is_there(&log->full) && log->open.segment.count > 0 &&
        log->open.segment.first_height <= last_note(&log->full)->height)
        return missing(log, log->open.segment.first_height);
    if (!is_there(oldest) || oldest->segment.count == 0) return STATUS_OK;
    uint64_t kept_before = oldest->notes[0].kept_before;
    return log->copied < kept_before ? missing(log, kept_before) : STATUS_OK;
}

static void note_newest(struct certificate_log *log, const struct certificate_file *file) {
    for (uint64_t i = 0; i < file->segment.count; i++) {
        log->newest = file->notes[i].height;
        log->newest_kept = file->notes[i].is_kept ? log->newest : file->notes[i].kept_before;
    }
}

static enum status open_recent(struct certificate_log *log, const struct names *names) {
    char path[PATH_MAX];
    enum status status = STATUS_OK;
    size_t count = names->count;
    for (size_t i = 0; i + 2 < count; i++) TRY(finish_file(log, names->firsts[i]));
    if (count >= 2) {
        path_of(path, log, RECENT, names->firsts[count - 2]);
        TRY(certificate_file_open(&log->full, path, names->firsts[count - 2], log->per_file));
    }
    if (count >= 1) {
        path_of(path, log, RECENT, names->firsts[count - 1]);
        TRY(certificate_file_open(&log->open, path, names->firsts[count - 1], 0));
    }
    // Kept files alone would hide what was final last.
    if (count == 0 && log->kept_count > 0) TRY(missing(log, log->copied + 1));
    TRY(check_order(log));
    note_newest(log, &log->full);
    note_newest(log, &log->open);
    // One that was begun and not written to waits for the height in its name, and no other.
    if (count >= 1 && log->open.segment.count == 0) {
        path_of(path, log, RECENT, log->open.segment.first_height);
        certificate_file_close(&log->open);
        if (unlink(path) != 0) status = STATUS_IO;
    }
out:
    return status;
}

enum status certificate_log_open(struct certificate_log **out,
                                 const struct certificate_log_config *config) {
    struct names recent = {0}, kept = {0};
    struct certificate_log *log = mem_alloc(sizeof *log);
    ENSURE(config->per_file <= CERTIFICATES_IN_FILE);
    log->per_file = config->per_file ? config->per_file : CERTIFICATES_IN_FILE;
    log->directory = mem_copy_string(config->directory);
    log->full.segment.file.fd = log->open.segment.file.fd = log->kept.segment.file.fd = -1;
    pthread_mutex_init(&log->lock, NULL);
    enum status status = file_make_directories(log->directory, 0700);
    if (status == STATUS_OK) status = list_files(log, &recent, &kept);
    if (status == STATUS_OK) status = open_kept(log, &kept);
    if (status == STATUS_OK) status = open_recent(log, &recent);
    mem_free(recent.firsts);
    if (status != STATUS_OK) {
        certificate_log_close(log);
        return status;
    }
    *out = log;
    return STATUS_OK;
}

void certificate_log_close(struct certificate_log *log) {
    if (!log) return;
    certificate_file_close(&log->full);
    certificate_file_close(&log->open);
    certificate_file_close(&log->kept);
    mem_free(log->kept_firsts);
    mem_free(log->directory);
    pthread_mutex_destroy(&log->lock);
    mem_free(log);
}

uint64_t certificate_log_newest(struct certificate_log *log) {
    pthread_mutex_lock(&log->lock);
    uint64_t newest = log->newest;
    pthread_mutex_unlock(&log->lock);
    return newest;
}

// The open file is full, or there is none: one for this height takes its place.
static enum status roll(struct certificate_log *log, uint64_t height) {
    char path[PATH_MAX];
    struct certificate_file next, oldest = log->full;
    enum status status = STATUS_OK;
    if (is_there(&log->open)) TRY(segment_sync(&log->open.segment));
    if (is_there(&oldest)) TRY(copy_kept(log, &oldest));
    path_of(path, log, RECENT, height);
    TRY(certificate_file_open(&next, path, height, 0));
    pthread_mutex_lock(&log->lock);
    if (is_there(&log->open)) log->full = log->open;
    log->open = next;
    pthread_mutex_unlock(&log->lock);
    if (is_there(&oldest) && log->full.segment.file.fd != oldest.segment.file.fd) {
        path_of(path, log, RECENT, oldest.segment.first_height);
        certificate_file_close(&oldest);
        if (unlink(path) != 0) return STATUS_IO;
    }
out:
    return status;
}

enum status certificate_log_append(struct certificate_log *log,
                                   const struct certificate_entry *entry) {
    // Only the one writer changes what is read here.
    if (entry->height <= log->newest) return STATUS_CONFLICT;
    struct certificate_note note = {.height = entry->height, .kept_before = log->newest_kept};
    note.is_kept = entry->is_boundary ||
                   entry->height / CERTIFICATE_KEPT_EVERY > log->newest / CERTIFICATE_KEPT_EVERY;
    bool is_full = log->open.segment.count == log->per_file;
    enum status status = STATUS_OK;
    if (!is_there(&log->open) || is_full) TRY(roll(log, entry->height));
    TRY(certificate_file_write(&log->open, &note, entry->certificate));
    pthread_mutex_lock(&log->lock);
    certificate_file_note(&log->open, &note, entry->certificate.len);
    log->newest = note.height;
    if (note.is_kept) log->newest_kept = note.height;
    pthread_mutex_unlock(&log->lock);
out:
    return status;
}

enum status certificate_log_sync(struct certificate_log *log) {
    return is_there(&log->open) ? segment_sync(&log->open.segment) : STATUS_OK;
}

// Where a certificate stands that is known here. The descriptor is the caller's.
struct place {
    struct segment segment;
    const char *kind;
    uint64_t offset;
    uint64_t number;
};

static bool find_in(struct place *out, const struct certificate_file *file, const char *kind,
                    uint64_t height) {
    if (!is_there(file)) return false;
    int index = certificate_file_find(file, height);
    if (index < 0) return false;
    *out = (struct place){.segment.first_height = file->segment.first_height,
                          .kind = kind,
                          .offset = file->segment.offsets[index],
                          .number = file->segment.first_height + (uint64_t)index};
    out->segment.file = (struct record_file){.fd = fcntl(file->segment.file.fd, F_DUPFD_CLOEXEC, 0),
                                             .salt = file->segment.file.salt};
    return true;
}

// A kept file that is full already: read whole, some megabytes, since few ask for what is so old.
static enum status read_old(const struct certificate_log *log, uint64_t first, uint64_t height,
                            struct buf *out) {
    char path[PATH_MAX];
    struct certificate_file *file = mem_alloc(sizeof *file);
    path_of(path, log, KEPT, first);
    enum status status = certificate_file_open(file, path, first, log->per_file);
    if (status == STATUS_OK) {
        const struct segment *segment = &file->segment;
        int index = certificate_file_find(file, height);
        status = index < 0 ? STATUS_NOT_FOUND
                           : certificate_file_read(segment, path, segment->offsets[index],
                                                   first + (uint64_t)index, out);
        certificate_file_close(file);
    }
    mem_free(file);
    return status;
}

enum status certificate_log_read(struct certificate_log *log, uint64_t height, struct buf *out) {
    char path[PATH_MAX];
    struct place place;
    uint64_t first = 0;
    pthread_mutex_lock(&log->lock);
    bool is_found = find_in(&place, &log->open, RECENT, height) ||
                    find_in(&place, &log->full, RECENT, height) ||
                    find_in(&place, &log->kept, KEPT, height);
    for (size_t i = 0; i < log->kept_count && log->kept_firsts[i] <= height; i++)
        first = i + 1 < log->kept_count ? log->kept_firsts[i] : 0; // the newest was looked at
    pthread_mutex_unlock(&log->lock);
    if (!is_found) return first ? read_old(log, first, height, out) : STATUS_NOT_FOUND;
    if (place.segment.file.fd < 0) return STATUS_IO;
    path_of(path, log, place.kind, place.segment.first_height);
    enum status status =
        certificate_file_read(&place.segment, path, place.offset, place.number, out);
    close(place.segment.file.fd);
    return status;
}
