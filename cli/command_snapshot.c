// SPDX-License-Identifier: Apache-2.0
// Snapshots of the state, which new nodes join by (ledger/snapshot.h): those that a node keeps for
// its peers, looked at, carried away and taken in where no peer can be asked. What is finished in a
// node's folder never changes, so it is read while the node runs; but the node may drop it
// meanwhile.
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/chaincore.h"
#include "chaincore/ledger/snapshot.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/place.h"
#include "cli/sums.h"

enum { PIECE_NAME = 32 };

static int fail(const char *path, enum status status) {
    return complain(EXIT_FAILED, "%s: %s", path, status_text(status));
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static void name_piece(char out[PIECE_NAME], uint32_t number) {
    int len = snprintf(out, PIECE_NAME, "piece-%05" PRIu32, number);
    ENSURE(len > 0 && len < PIECE_NAME);
}

// --- what a manifest says ---

struct facts {
    struct hash chain_id, id, state_root;
    uint64_t height, epoch, time_ms;
    uint64_t bytes; // of all files
    uint32_t pieces, hand_overs;
    size_t witnesses;
};

static enum status open_manifest(struct snapshot **out, const char *folder) {
    struct buf manifest = {0};
    enum status status = snapshot_read_manifest(&manifest, folder);
    if (status == STATUS_OK) status = snapshot_open(out, buf_bytes(&manifest));
    buf_clear(&manifest);
    return status;
}

static enum status add_size(uint64_t *bytes, const char *folder, const char *name) {
    char path[PATH_MAX];
    struct stat info;
    if (!place_inside(path, folder, name)) return STATUS_TOO_LARGE;
    if (stat(path, &info) != 0) return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    *bytes += (uint64_t)info.st_size;
    return STATUS_OK;
}

// NOT_FOUND when a file is missing.
static enum status take_facts(struct facts *out, const struct snapshot *snapshot,
                              const char *folder) {
    const struct header *header = &snapshot_cut(snapshot)->header;
    char name[PIECE_NAME];
    *out = (struct facts){.chain_id = header->chain_id,
                          .state_root = header->state_root,
                          .height = header->height,
                          .epoch = header->epoch,
                          .time_ms = header->time_ms,
                          .pieces = snapshot_piece_count(snapshot),
                          .hand_overs = snapshot_hand_over_count(snapshot),
                          .witnesses = snapshot_set(snapshot).len / sizeof(struct public_key)};
    header_id(&out->id, header);
    enum status status = add_size(&out->bytes, folder, "manifest");
    for (uint32_t i = 0; i < out->pieces && status == STATUS_OK; i++) {
        name_piece(name, i);
        status = add_size(&out->bytes, folder, name);
    }
    return status;
}

static enum status read_facts(struct facts *out, const char *folder) {
    struct snapshot *snapshot = NULL;
    enum status status = open_manifest(&snapshot, folder);
    if (status == STATUS_OK) status = take_facts(out, snapshot, folder);
    snapshot_close(snapshot);
    return status;
}

static json_t *describe(const struct facts *facts) {
    char chain_id[65], id[65], root[65], time[25];
    hex_encode(chain_id, BYTES_OF(facts->chain_id.bytes));
    hex_encode(id, BYTES_OF(facts->id.bytes));
    hex_encode(root, BYTES_OF(facts->state_root.bytes));
    clock_format_utc(time, (int64_t)facts->time_ms);
    return json_pack("{s:I, s:s, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I}", "height",
                     (json_int_t)facts->height, "id", id, "chain_id", chain_id, "epoch",
                     (json_int_t)facts->epoch, "time", time, "state_root", root, "pieces",
                     (json_int_t)facts->pieces, "bytes", (json_int_t)facts->bytes, "witnesses",
                     (json_int_t)facts->witnesses, "hand_overs", (json_int_t)facts->hand_overs);
}

static void print_facts(const struct facts *facts) {
    char chain_id[65], id[65], root[65], time[25];
    hex_encode(chain_id, BYTES_OF(facts->chain_id.bytes));
    hex_encode(id, BYTES_OF(facts->id.bytes));
    hex_encode(root, BYTES_OF(facts->state_root.bytes));
    clock_format_utc(time, (int64_t)facts->time_ms);
    printf("chain id      %s\nblock         %" PRIu64 ":%s\n              of %s, epoch %" PRIu64
           ", signed by some of %zu witnesses\nstate root    %s\nhand-overs    %" PRIu32
           "\npieces        %" PRIu32 ", %" PRIu64 " bytes with the manifest\n",
           chain_id, facts->height, id, time, facts->epoch, facts->witnesses, root,
           facts->hand_overs, facts->pieces, facts->bytes);
}

// --- those that a node keeps ---

static int compare_heights(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

struct kept {
    char folder[PATH_MAX];
    uint64_t heights[NODE_MAX_SNAPSHOTS + 1]; // one more while the oldest is being removed
    size_t count;
};

static void note_entry(struct kept *kept, const char *name) {
    char *end;
    errno = 0;
    unsigned long long height = strtoull(name, &end, 10);
    bool is_one = *name >= '0' && *name <= '9' && *end == '\0' && errno == 0 && height > 0;
    if (is_one && kept->count < sizeof kept->heights / sizeof *kept->heights)
        kept->heights[kept->count++] = height;
}

// Of a server's or node's data folder.
static int find_kept(struct kept *out, const char *data) {
    out->count = 0;
    if (!is_folder(data)) return fail(data, STATUS_NOT_FOUND);
    if (!place_inside(out->folder, data, "chain/snapshots")) return EXIT_USAGE;
    DIR *folder = opendir(out->folder);
    if (!folder && errno != ENOENT) return fail(out->folder, STATUS_IO);
    for (struct dirent *entry; folder && (entry = readdir(folder));) note_entry(out, entry->d_name);
    if (folder) closedir(folder);
    if (out->count > 1) qsort(out->heights, out->count, sizeof *out->heights, compare_heights);
    return EXIT_DONE;
}

static bool path_of(char out[PATH_MAX], const struct kept *kept, uint64_t height) {
    char name[32];
    snprintf(name, sizeof name, "%012" PRIu64, height);
    return place_inside(out, kept->folder, name);
}

int command_snapshot_list(const struct options *options) {
    struct kept kept;
    char path[PATH_MAX];
    struct facts facts;
    int result = find_kept(&kept, options->operands[0]);
    json_t *items = json_array();
    for (size_t i = 0; i < kept.count && result == EXIT_DONE; i++) {
        if (!path_of(path, &kept, kept.heights[i])) result = EXIT_USAGE;
        enum status status = result == EXIT_DONE ? read_facts(&facts, path) : STATUS_OK;
        if (status == STATUS_NOT_FOUND && !is_folder(path)) continue; // dropped meanwhile
        if (status != STATUS_OK) result = fail(path, status);
        if (result == EXIT_DONE) ENSURE(json_array_append_new(items, describe(&facts)) == 0);
    }
    if (result == EXIT_DONE && options->json)
        return output_json(json_pack("{s:o}", "items", items));
    for (size_t i = 0; result == EXIT_DONE && i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        printf("%" JSON_INTEGER_FORMAT "  %s  %" JSON_INTEGER_FORMAT
               " pieces, %" JSON_INTEGER_FORMAT " bytes  %s\n",
               json_integer_value(json_object_get(item, "height")),
               json_string_value(json_object_get(item, "time")),
               json_integer_value(json_object_get(item, "pieces")),
               json_integer_value(json_object_get(item, "bytes")),
               json_string_value(json_object_get(item, "id")));
    }
    if (result == EXIT_DONE && json_array_size(items) == 0)
        printf("no snapshot is kept: a node among others keeps them at the ends of epochs, "
               "1,000 blocks apart or more\n");
    json_decref(items);
    return result;
}

int command_snapshot_show(const struct options *options) {
    struct facts facts;
    const char *folder = options->operands[0];
    enum status status = read_facts(&facts, folder);
    if (status == STATUS_NOT_FOUND)
        return complain(EXIT_FAILED, "%s: there is no whole snapshot here", folder);
    if (status != STATUS_OK) return fail(folder, status);
    if (options->json) return output_json(describe(&facts));
    print_facts(&facts);
    return EXIT_DONE;
}

// --- pieces ---

// Each piece is what the manifest promises. False: it has complained.
static bool check_pieces(const struct snapshot *snapshot, const char *folder) {
    struct buf piece = {0};
    char name[PIECE_NAME];
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < snapshot_piece_count(snapshot) && status == STATUS_OK; i++) {
        buf_reset(&piece);
        name_piece(name, i);
        status = snapshot_read_piece(&piece, folder, i);
        if (status == STATUS_OK) status = snapshot_check_piece(snapshot, i, buf_bytes(&piece));
        if (status != STATUS_OK)
            complain(EXIT_FAILED, "not verified: %s/%s: %s", folder, name, status_text(status));
    }
    buf_clear(&piece);
    return status == STATUS_OK;
}

static enum status copy_snapshot(const char *to, const char *from, uint32_t piece_count) {
    char source[PATH_MAX], target[PATH_MAX], name[PIECE_NAME] = "manifest";
    enum status status = file_make_directories(to, 0700);
    for (uint32_t i = 0; i <= piece_count && status == STATUS_OK; i++) {
        if (!place_inside(source, from, name) || !place_inside(target, to, name))
            return STATUS_TOO_LARGE;
        status = sums_copy_file(target, source, NULL);
        if (i < piece_count) name_piece(name, i);
    }
    return status == STATUS_OK ? file_sync_directory(to) : status;
}

static int export_one(const char *from, const char *place, struct facts *facts) {
    char making[PATH_MAX];
    struct snapshot *snapshot = NULL;
    int result = EXIT_FAILED;
    if (!place_find(making, place)) return EXIT_FAILED;
    enum status status = open_manifest(&snapshot, from);
    if (status == STATUS_OK) status = copy_snapshot(making, from, snapshot_piece_count(snapshot));
    if (status == STATUS_OK && check_pieces(snapshot, making)) {
        status = take_facts(facts, snapshot, making);
        if (status == STATUS_OK) status = place_take(place, making);
        if (status == STATUS_OK) result = EXIT_DONE;
    }
    if (status == STATUS_NOT_FOUND)
        complain(EXIT_FAILED, "%s: the node has dropped it meanwhile; a newer one is there", from);
    else if (status != STATUS_OK)
        fail(from, status);
    if (result != EXIT_DONE && file_remove_tree(making) != STATUS_OK)
        complain(EXIT_FAILED, "%s is left over", making);
    snapshot_close(snapshot);
    return result;
}

// The newest, or the one at a height that is named.
static int choose_kept(uint64_t *out, const struct kept *kept, const char *text) {
    char *end;
    if (kept->count == 0) return complain(EXIT_FAILED, "no snapshot is kept in %s", kept->folder);
    *out = kept->heights[kept->count - 1];
    if (!text) return EXIT_DONE;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno != 0)
        return complain(EXIT_USAGE, "%s is no height", text);
    for (size_t i = 0; i < kept->count; i++)
        if (kept->heights[i] == *out) return EXIT_DONE;
    return complain(EXIT_FAILED, "no snapshot is kept at height %s: `lmm snapshot list`", text);
}

static int tell(const struct options *options, const struct facts *facts, const char *place) {
    if (options->json) {
        json_t *told = describe(facts);
        json_object_set_new(told, "folder", json_string(place));
        return output_json(told);
    }
    printf("%s:\n", place);
    print_facts(facts);
    return EXIT_DONE;
}

int command_snapshot_export(const struct options *options) {
    struct kept kept;
    char path[PATH_MAX];
    uint64_t height = 0;
    struct facts facts;
    const char *place = options->operands[1];
    int result = find_kept(&kept, options->operands[0]);
    if (result == EXIT_DONE)
        result =
            choose_kept(&height, &kept, options->operand_count > 2 ? options->operands[2] : NULL);
    if (result != EXIT_DONE) return result;
    if (!path_of(path, &kept, height)) return EXIT_USAGE;
    result = export_one(path, place, &facts);
    return result == EXIT_DONE ? tell(options, &facts, place) : result;
}

// --- against a chain ---

struct chain {
    struct genesis_folder genesis;
    struct node_config config;
    struct node_trusted trusted;
    const struct node_trusted *believed; // NULL: genesis
};

static int read_chain(struct chain *out, const char *genesis, const struct options *options) {
    memset(out, 0, sizeof *out);
    log_set_level(
        LOG_WARNING); // which part of a snapshot it was that is refused, and how old all is
    if (options->trust && !node_trusted_parse(&out->trusted, options->trust))
        return complain(EXIT_USAGE, "--trust takes HEIGHT:ID of a header, not %s", options->trust);
    if (options->trust) out->believed = &out->trusted;
    enum status status = genesis_folder_read(&out->genesis, genesis);
    if (status != STATUS_OK)
        return complain(EXIT_FAILED, "%s: no genesis: %s", genesis, status_text(status));
    out->config = (struct node_config){.genesis = buf_bytes(&out->genesis.genesis),
                                       .codes = out->genesis.code_list,
                                       .code_count = out->genesis.code_count,
                                       .takes_old_snapshot = true};
    return EXIT_DONE;
}

static int refuse(const char *folder, enum status status) {
    const char *why = status_text(status);
    if (status == STATUS_NOT_FOUND) why = "it is not whole, or does not lead on from --trust";
    if (status == STATUS_TIMEOUT)
        why = "genesis, or the header of --trust, is older than a week, and witnesses of then may "
              "have "
              "left: --trust a newer header, or --allow-old-snapshot";
    return complain(EXIT_FAILED, "not verified: %s: %s", folder, why);
}

int command_snapshot_verify(const struct options *options) {
    struct chain chain;
    struct facts facts;
    const char *folder = options->operands[0];
    int result = read_chain(&chain, options->operands[1], options);
    if (result == EXIT_DONE) {
        enum status status = node_check_snapshot(&chain.config, folder, chain.believed);
        if (status == STATUS_OK) status = read_facts(&facts, folder);
        if (status != STATUS_OK) result = refuse(folder, status);
    }
    genesis_folder_clear(&chain.genesis);
    if (result != EXIT_DONE) return result;
    if (!options->json) {
        print_facts(&facts);
        return EXIT_DONE;
    }
    json_t *told = describe(&facts);
    json_object_set_new(told, "verified", json_true());
    return output_json(told);
}

static int join_in(struct chain *chain, const char *snapshot, const char *data) {
    char folder[PATH_MAX];
    if (!place_inside(folder, data, "chain")) return EXIT_USAGE;
    bool was_there = file_exists(data);
    enum status status = file_make_directories(data, 0700);
    if (status != STATUS_OK) return fail(data, status);
    chain->config.data_dir = folder;
    status = node_join(&chain->config, snapshot, chain->believed);
    if (status == STATUS_OK) return EXIT_DONE;
    if (!was_there) (void)!rmdir(data);
    if (status == STATUS_EXISTS)
        return complain(EXIT_FAILED, "%s is there already, and is not empty", folder);
    return refuse(snapshot, status);
}

int command_snapshot_join(const struct options *options) {
    struct chain chain;
    struct facts facts;
    const char *snapshot = options->operands[0], *data = options->operands[1];
    int result = read_chain(&chain, options->operands[2], options);
    chain.config.takes_old_snapshot =
        options->allow_old_snapshot || genesis_folder_is_devnet(&chain.genesis);
    if (result == EXIT_DONE) result = join_in(&chain, snapshot, data);
    genesis_folder_clear(&chain.genesis);
    if (result != EXIT_DONE) return result;
    enum status status = read_facts(&facts, snapshot);
    return status == STATUS_OK ? tell(options, &facts, data) : fail(snapshot, status);
}

// --- of a node that stands still ---

static int make_one(struct chain *chain, const char *data, const char *place) {
    char folder[PATH_MAX];
    struct node *node = NULL;
    if (!place_inside(folder, data, "chain")) return EXIT_USAGE;
    if (!is_folder(folder)) return fail(folder, STATUS_NOT_FOUND);
    if (file_exists(place)) return complain(EXIT_FAILED, "%s is there already", place);
    chain->config.data_dir = folder;
    enum status status = node_open(&node, &chain->config);
    if (status == STATUS_BUSY)
        return complain(EXIT_FAILED,
                        "a node has %s open: stop it, or `lmm snapshot export` what it keeps",
                        folder);
    if (status != STATUS_OK) return fail(folder, status);
    status = node_write_snapshot(node, place);
    node_close(node);
    if (status == STATUS_NOT_FOUND)
        return complain(EXIT_FAILED, "%s has no checkpoint yet: there is one every 100 blocks",
                        folder);
    return status == STATUS_OK ? EXIT_DONE : fail(place, status);
}

int command_snapshot_make(const struct options *options) {
    struct chain chain;
    struct facts facts;
    const char *place = options->operands[2];
    int result = read_chain(&chain, options->operands[1], options);
    if (result == EXIT_DONE) result = make_one(&chain, options->operands[0], place);
    genesis_folder_clear(&chain.genesis);
    if (result != EXIT_DONE) return result;
    enum status status = read_facts(&facts, place);
    return status == STATUS_OK ? tell(options, &facts, place) : fail(place, status);
}
