// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/nodes/view.h"

#include <inttypes.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "tests/sim/nodes/nodes.h"

enum { TEMPLATE_MAX_BYTES = 1 << 20 };

struct view_event {
    uint64_t at_ms, number;
    uint16_t node;
    enum view_kind kind;
};

static struct buf events;
static bool is_on;

void view_begin(void) { is_on = true; }

void view_add(const struct sim *sim, uint16_t node, enum view_kind kind, uint64_t number) {
    if (!is_on) return;
    struct view_event event = {
        .at_ms = sim->now_ms - SIM_START_MS, .number = number, .node = node, .kind = kind};
    buf_append(&events, BYTES_OF(event));
}

static const char *role_of(const struct sim_node *node) {
    if (node->is_newcomer) return "newcomer";
    return node->is_hostile ? "hostile" : "honest";
}

static void write_data(FILE *file, const struct sim *sim) {
    fprintf(file,
            "{\"seed\":%" PRIu64 ",\"epochBlocks\":%u,\"intervalMs\":%u,\"violation\":", sim->seed,
            sim->epoch_blocks, sim->block_interval_ms);
    fprintf(file, sim->violation ? "\"%s\"" : "null", sim->violation);
    fprintf(file, ",\"endMs\":%" PRIu64 ",\"healMs\":%" PRIu64 ",\"nodes\":[",
            sim->now_ms - SIM_START_MS, sim->heal_ms - SIM_START_MS);
    for (uint16_t i = 0; i < sim->node_count; i++)
        fprintf(file, "%s\"%s\"", i ? "," : "", role_of(&sim->nodes[i]));
    fprintf(file, "],\"events\":[");
    for (size_t at = 0; at < events.len; at += sizeof(struct view_event)) {
        struct view_event event;
        memcpy(&event, events.data + at, sizeof event);
        fprintf(file, "%s[%" PRIu64 ",%u,%d,%" PRIu64 "]", at ? "," : "", event.at_ms, event.node,
                (int)event.kind, event.number);
    }
    fprintf(file, "]}");
}

bool view_end(const struct sim *sim, const char *path, const char *template_path) {
    static const char mark[] = "/*DATA*/";
    struct buf page = {0};
    FILE *file = NULL;
    const char *at = NULL;
    if (file_read(&page, template_path, TEMPLATE_MAX_BYTES) == STATUS_OK) {
        buf_append_byte(&page, 0);
        at = strstr((const char *)page.data, mark);
    }
    if (at) file = fopen(path, "w");
    if (file) {
        fwrite(page.data, 1, (size_t)(at - (const char *)page.data), file);
        write_data(file, sim);
        fputs(at + sizeof mark - 1, file);
    }
    buf_clear(&page);
    buf_clear(&events);
    return file && fclose(file) == 0;
}
