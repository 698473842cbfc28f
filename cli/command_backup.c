// SPDX-License-Identifier: Apache-2.0
// A server's data folder, copied while the server runs, put back, and looked at.
//
// The order of copying makes the copy one that a crash could have left. First what is the server's
// own: what it has promised to send may be on the chain already, and never the other way round.
// Then the state, the certificates and the blocks: of what comes later there may be more than of
// what comes before, and a start takes that up. What grows is copied as long as it is by then; the
// torn end that this may leave is cut. Not copied: what follows from the rest (the index in the
// folder, the history, tables of transactions), and what waited for a block.
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/db/copy.h"
#include "chaincore/base/arena.h"
#include "chaincore/base/file.h"
#include "cli/chain_walk.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/place.h"
#include "cli/sums.h"

enum { MAX_ATTEMPTS = 8 }; // each time certificates were thrown away meanwhile

static int fail(const char *path, enum status status) {
    return complain(EXIT_FAILED, "%s: %s", path, status_text(status));
}

static bool ends_in(const char *name, const char *end) {
    size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static bool is_file(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// --- copying ---

static enum status copy_one(const char *to, const char *from, const char *name) {
    bool is_database = ends_in(name, ".db") || ends_in(name, ".sqlite");
    return is_database ? db_copy_file(to, from) : sums_copy_file(to, from, NULL);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The names in a folder, in their order: of a log, oldest first.
static enum status list_names(struct arena *arena, const char *folder, const char ***names,
                              size_t *count) {
    DIR *directory = opendir(folder);
    struct dirent *entry;
    size_t room = 0;
    *count = 0;
    *names = NULL;
    if (!directory) return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    while ((entry = readdir(directory))) {
        if (*count == room) {
            const char **larger = arena_alloc_array(arena, 2 * room + 16, sizeof *larger);
            if (room > 0) memcpy(larger, *names, room * sizeof *larger);
            *names = larger;
            room = 2 * room + 16;
        }
        (*names)[(*count)++] = arena_copy_string(arena, bytes_of_string(entry->d_name));
    }
    closedir(directory);
    if (*count > 0) qsort(*names, *count, sizeof **names, compare_names);
    return STATUS_OK;
}

// All files of one folder that `takes` wants. NOT_FOUND when one went meanwhile.
static enum status copy_files(const char *to, const char *from, bool (*takes)(const char *name)) {
    char source[PATH_MAX], target[PATH_MAX];
    struct arena arena = {0};
    const char **names;
    size_t count;
    enum status status = list_names(&arena, from, &names, &count);
    if (status == STATUS_OK) status = file_make_directories(to, 0700);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (place_inside(source, from, names[i]) && place_inside(target, to, names[i]) &&
            is_file(source) && takes(names[i]))
            status = copy_one(target, source, names[i]);
    arena_clear(&arena);
    return status;
}

static bool is_own(const char *name) {
    return strcmp(name, "ready.json") != 0 && strcmp(name, "index.db") != 0 &&
           !ends_in(name, "-wal") && !ends_in(name, "-shm") && !ends_in(name, ".new");
}
static bool is_of_chain(const char *name) {
    static const char *const names[] = {"genesis", "layout", "joined",     "pruned",
                                        "agreed",  "filled", "hand-overs", "evidence"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}
static bool is_state(const char *name) { return strcmp(name, "state.sqlite") == 0; }
static bool is_log(const char *name) { return ends_in(name, ".log"); }

static enum status copy_part(const char *to, const char *from, const char *name,
                             bool (*takes)(const char *name)) {
    char source[PATH_MAX], target[PATH_MAX];
    enum status status = STATUS_NOT_FOUND;
    if (!place_inside(source, from, name) || !place_inside(target, to, name))
        return STATUS_TOO_LARGE;
    for (int i = 0; i < MAX_ATTEMPTS && status == STATUS_NOT_FOUND; i++) {
        status = file_remove_tree(target);
        if (status == STATUS_OK) status = copy_files(target, source, takes);
    }
    return status;
}

static enum status copy_folder(const char *to, const char *from) {
    char source[PATH_MAX], target[PATH_MAX];
    if (!place_inside(source, from, "chain") || !place_inside(target, to, "chain"))
        return STATUS_TOO_LARGE;
    enum status status = copy_files(to, from, is_own);
    if (status == STATUS_OK) status = copy_files(target, source, is_of_chain);
    if (status == STATUS_OK) status = copy_files(target, source, is_state);
    if (status == STATUS_OK) status = copy_part(target, source, "certificates", is_log);
    if (status == STATUS_OK) status = copy_part(target, source, "blocks", is_log);
    return status;
}

// --- telling ---

static json_t *describe(const struct chain_walk *walk) {
    char chain_id[65], id[65], root[65];
    hex_encode(chain_id, BYTES_OF(walk->chain_id.bytes));
    hex_encode(id, BYTES_OF(walk->newest_id.bytes));
    hex_encode(root, BYTES_OF(walk->state_root.bytes));
    return json_pack("{s:s, s:I, s:I, s:s, s:I, s:I, s:s}", "chain_id", chain_id, "first",
                     (json_int_t)walk->first, "height", (json_int_t)walk->newest, "id", id,
                     "certificates", (json_int_t)walk->certificates, "state_height",
                     (json_int_t)walk->state_height, "state_root", root);
}

static void print_walk(const struct chain_walk *walk) {
    char chain_id[65], root[65];
    hex_encode(chain_id, BYTES_OF(walk->chain_id.bytes));
    hex_encode(root, BYTES_OF(walk->state_root.bytes));
    printf("chain id      %s\nblocks        %" PRIu64 " to %" PRIu64 "\ncertificates  %" PRIu64
           "\nstate         of block %" PRIu64 ", root %s\n",
           chain_id, walk->first, walk->newest, walk->certificates, walk->state_height, root);
}

// --- the commands ---

static int make_backup(const char *folder, const char *place, struct chain_walk *walk,
                       struct sums_total *total) {
    char making[PATH_MAX], chain[PATH_MAX];
    if (!place_find(making, place) || !place_inside(chain, making, "chain")) return EXIT_FAILED;
    enum status status = copy_folder(making, folder);
    if (status != STATUS_OK) fail(folder, status);
    if (status == STATUS_OK) {
        status = chain_walk_run(walk, chain);
        if (status != STATUS_OK) complain(EXIT_FAILED, "%s: %s", folder, walk->fault);
    }
    if (status == STATUS_OK) {
        status = sums_write(total, making);
        if (status == STATUS_OK) status = place_take(place, making);
        if (status != STATUS_OK) fail(place, status);
    }
    if (status != STATUS_OK && file_remove_tree(making) != STATUS_OK)
        complain(EXIT_FAILED, "%s is left over", making);
    return status == STATUS_OK ? EXIT_DONE : EXIT_FAILED;
}

int command_backup(const struct options *options) {
    struct chain_walk walk;
    struct sums_total total = {0};
    const char *place = options->operands[1];
    int result = make_backup(options->operands[0], place, &walk, &total);
    if (result != EXIT_DONE) return result;
    if (!options->json) {
        printf("%s: %" PRIu64 " files, %" PRIu64 " bytes\n", place, total.files, total.bytes);
        print_walk(&walk);
        return EXIT_DONE;
    }
    json_t *told = describe(&walk);
    json_object_set_new(told, "files", json_integer((json_int_t)total.files));
    json_object_set_new(told, "bytes", json_integer((json_int_t)total.bytes));
    return output_json(told);
}

int command_restore(const struct options *options) {
    char making[PATH_MAX];
    struct sums_total total;
    struct buf fault = {0};
    const char *from = options->operands[0], *place = options->operands[1];
    if (!place_find(making, place)) return EXIT_FAILED;
    enum status status = sums_check(&total, from, making, &fault);
    if (status == STATUS_OK) status = place_take(place, making);
    if (status != STATUS_OK) {
        complain(EXIT_FAILED, "%s%s%s: %s", from, fault.len ? "/" : "", buf_as_string(&fault),
                 status == STATUS_NOT_FOUND ? "there is no backup here" : status_text(status));
        if (file_remove_tree(making) != STATUS_OK) complain(EXIT_FAILED, "%s is left over", making);
    }
    buf_clear(&fault);
    if (status != STATUS_OK) return EXIT_FAILED;
    if (options->json)
        return output_json(json_pack("{s:s, s:I, s:I}", "folder", place, "files",
                                     (json_int_t)total.files, "bytes", (json_int_t)total.bytes));
    printf("%s: %" PRIu64 " files, %" PRIu64 " bytes\n", place, total.files, total.bytes);
    return EXIT_DONE;
}

bool backup_is_folder(const char *path) { return is_folder(path); }

int backup_verify(const struct options *options) {
    char chain[PATH_MAX], list[PATH_MAX];
    struct chain_walk walk;
    struct sums_total total;
    struct buf fault = {0};
    const char *folder = options->operands[0];
    if (!place_inside(chain, folder, "chain") || !place_inside(list, folder, sums_name))
        return EXIT_USAGE;
    enum status status = file_exists(list) ? sums_check(&total, folder, NULL, &fault) : STATUS_OK;
    if (status != STATUS_OK)
        complain(EXIT_FAILED, "not verified: %s/%s: %s", folder, buf_as_string(&fault),
                 status_text(status));
    buf_clear(&fault);
    if (status == STATUS_OK) {
        status = chain_walk_run(&walk, is_folder(chain) ? chain : folder);
        if (status != STATUS_OK) complain(EXIT_FAILED, "not verified: %s", walk.fault);
    }
    if (status != STATUS_OK) return EXIT_FAILED;
    if (!options->json) {
        print_walk(&walk);
        return EXIT_DONE;
    }
    json_t *told = describe(&walk);
    json_object_set_new(told, "verified", json_true());
    return output_json(told);
}
