// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/trace_walk.h"

#include "apps/supplychain/contract/custody_rules.h"
#include "apps/supplychain/epcis/event_field.h"
#include "apps/supplychain/epcis/identifier.h"

_Static_assert(EPC_IN_CHILDREN == 1 && EPC_IN_PARENT == 2 && EPC_IN_INPUT == 3 &&
                   EPC_IN_OUTPUT == 4 && CLASS_IN_CHILDREN == 6 && CLASS_IN_INPUT == 7 &&
                   CLASS_IN_OUTPUT == 8,
               "the queries name places by number");
_Static_assert(FIELD_TRANSFORMATION_ID == 1, "and this field");
_Static_assert(HAND_OVER_ACCEPTED == 1, "and this state");

enum { NAME_SLOTS = 2048, EVENT_SLOTS = 32768 };
_Static_assert((int)NAME_SLOTS >= 2 * (int)TRACE_IDENTIFIERS &&
                   (int)EVENT_SLOTS >= 4 * (int)TRACE_EVENTS,
               "tables stay half empty");

// From which places of an event to which, and what is only asked of what was not packed itself.
struct way {
    uint32_t from[2], to[2];
    bool not_packed, is_packing;
};
enum { WAYS_MAX = 3 };
static const struct way ways[TRACE_DIRECTIONS][WAYS_MAX] = {
    [TRACE_FORWARD] =
        {{{EPC_IN_INPUT, CLASS_IN_INPUT}, {EPC_IN_OUTPUT, CLASS_IN_OUTPUT}, 0, 0},
         {{EPC_IN_CHILDREN, CLASS_IN_CHILDREN}, {EPC_IN_PARENT, EPC_IN_PARENT}, 0, 1},
         {{EPC_IN_PARENT, EPC_IN_PARENT}, {EPC_IN_CHILDREN, CLASS_IN_CHILDREN}, 1, 0}},
    [TRACE_BACKWARD] =
        {{{EPC_IN_OUTPUT, CLASS_IN_OUTPUT}, {EPC_IN_INPUT, CLASS_IN_INPUT}, 0, 0},
         {{EPC_IN_PARENT, EPC_IN_PARENT}, {EPC_IN_CHILDREN, CLASS_IN_CHILDREN}, 0, 0}},
};

struct stop { // of the search: an identifier to go on from
    uint32_t index, steps;
    bool is_packed; // it was reached as what another was packed into
};
enum { LISTED = UINT8_MAX };
struct seen { // an event that was followed in this way
    struct place place;
    uint32_t key; // 0: a free slot
};
struct share {
    struct account_id account;
    uint32_t identifiers, events;
};
struct join { // an event that names the identifier at hand
    struct place place;
    struct account_id sender;
    const struct way *way;
    struct bytes transformation; // empty: none
};

struct search {
    struct trace_walk *walk;
    struct trace_names names;
    struct account_id *trusted;
    size_t trusted_count;
    struct share *strangers;
    size_t stranger_count;
    size_t identifiers_of_trusted;
    struct seen *seen;
    uint32_t seen_count;
    uint64_t rows_left;
    enum trace_direction direction;
    bool is_for_strangers;
    struct path {
        uint8_t *reached; // each identifier: 1 as such, 2 as packed into
        struct stop *stops;
        size_t stop_count;
    } paths[TRACE_DIRECTIONS], *path; // that of the direction
};

// ---- tables

static uint32_t hash_of(struct bytes bytes, uint32_t hash) {
    for (size_t i = 0; i < bytes.len; i++) hash = (hash ^ bytes.data[i]) * 16777619;
    return hash ^ hash >> 15;
}
static const uint32_t hash_start = 2166136261;

static uint32_t *name_slot(const struct trace_names *names, const struct trace *trace,
                           struct bytes id) {
    uint32_t i = hash_of(id, hash_start) % NAME_SLOTS;
    while (names->slots[i] && !bytes_equal(trace->identifiers[names->slots[i] - 1].id, id))
        i = (i + 1) % NAME_SLOTS;
    return &names->slots[i];
}

void trace_names_make(struct trace_names *out, struct arena *arena, const struct trace *trace) {
    out->slots = arena_alloc_array(arena, NAME_SLOTS, sizeof *out->slots);
    for (size_t i = 0; i < trace->identifier_count; i++)
        *name_slot(out, trace, trace->identifiers[i].id) = (uint32_t)i + 1;
}

size_t trace_names_find(const struct trace_names *names, const struct trace *trace,
                        struct bytes id) {
    uint32_t slot = *name_slot(names, trace, id);
    return slot ? slot - 1 : SIZE_MAX;
}

// False: it was there before, or there is no place for it.
static bool see(struct search *search, const struct place *place, uint32_t key) {
    const uint64_t parts[] = {place->height, place->tx_index, place->position, key};
    uint32_t i = hash_of(BYTES_OF(parts), hash_start) % EVENT_SLOTS;
    for (; search->seen[i].key; i = (i + 1) % EVENT_SLOTS) {
        const struct place *other = &search->seen[i].place;
        if (search->seen[i].key == key && other->height == place->height &&
            other->tx_index == place->tx_index && other->position == place->position)
            return false;
    }
    if (key != LISTED && search->seen_count == TRACE_EVENTS) {
        search->walk->out->cut |= TRACE_CUT_EVENTS;
        return false;
    }
    search->seen[i] = (struct seen){*place, key};
    search->seen_count += key != LISTED;
    return true;
}

// ---- who is trusted

static bool is_trusted(const struct search *search, const struct account_id *account) {
    for (size_t i = 0; i < search->trusted_count; i++)
        if (account_id_equal(&search->trusted[i], account)) return true;
    return false;
}

static void trust(struct search *search, const struct account_id *account) {
    if (is_trusted(search, account)) return;
    if (search->trusted_count == TRACE_ACCOUNTS)
        search->walk->out->cut |= TRACE_CUT_ACCOUNTS;
    else
        search->trusted[search->trusted_count++] = *account;
}

static void read_account(struct account_id *out, struct db_statement *row, const char *column) {
    struct bytes id = db_column_bytes(row, column);
    ENSURE(id.len == sizeof out->bytes);
    memcpy(out->bytes, id.data, id.len);
}

static enum status trust_captor(struct search *search, struct bytes id) {
    struct db_statement *row;
    bool has_row;
    enum status status =
        db_prepare(&row, search->walk->db,
                   "SELECT e.sender FROM epc p JOIN event e ON e.height = p.height"
                   " AND e.tx_index = p.tx_index AND e.position = p.position WHERE p.id = $1"
                   " ORDER BY p.height, p.tx_index, p.position LIMIT 1");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, id);
    status = db_step(row, &has_row);
    if (status == STATUS_OK && has_row) {
        struct account_id account;
        read_account(&account, row, "sender");
        trust(search, &account);
    }
    db_release(row);
    return status;
}

static enum status trust_holders(struct search *search, struct bytes id) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(
        &row, search->walk->db,
        "SELECT s.number AS number, s.origin AS origin, s.custodian AS holder FROM shipment s"
        " WHERE s.epc = $1 UNION SELECT s.number, s.origin, h.receiver FROM shipment s"
        " JOIN hand_over h ON h.part = s.number WHERE s.epc = $1 AND h.state = 1"
        " ORDER BY 1 LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, id);
    db_bind_u64(row, 2, TRACE_IDENTIFIERS);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        struct account_id origin, holder;
        read_account(&origin, row, "origin");
        read_account(&holder, row, "holder");
        if (is_trusted(search, &origin)) trust(search, &holder);
    }
    db_release(row);
    return status;
}

// ---- what is reached

// What this stranger joins; NULL: there is no place for another stranger.
static struct share *share_of(struct search *search, const struct account_id *stranger) {
    size_t i = 0;
    while (i < search->stranger_count && !account_id_equal(&search->strangers[i].account, stranger))
        i++;
    if (i == TRACE_ACCOUNTS) return NULL;
    if (i == search->stranger_count)
        search->strangers[search->stranger_count++] = (struct share){.account = *stranger};
    return &search->strangers[i];
}

static bool has_place(struct search *search, const struct account_id *captor) {
    struct trace *out = search->walk->out;
    if (search->is_for_strangers) {
        struct share *share = share_of(search, captor);
        if (!share || share->identifiers == TRACE_OF_STRANGER) {
            out->cut |= TRACE_CUT_STRANGERS;
            return false;
        }
        share->identifiers++;
    }
    if (out->identifier_count == TRACE_IDENTIFIERS ||
        (!search->is_for_strangers && search->identifiers_of_trusted == TRACE_OF_TRUSTED)) {
        out->cut |= TRACE_CUT_IDENTIFIERS;
        return false;
    }
    return true;
}

// By an event of the captor; `steps` from the first.
static void reach(struct search *search, struct bytes id, struct stop stop,
                  const struct account_id *captor) {
    struct trace *out = search->walk->out;
    uint32_t *slot = name_slot(&search->names, out, id);
    if (!*slot) {
        if (!has_place(search, captor)) return;
        out->identifiers[out->identifier_count++] =
            (struct trace_identifier){arena_copy(search->walk->arena, id), stop.steps,
                                      search->direction, search->is_for_strangers, *captor};
        *slot = (uint32_t)out->identifier_count;
        if (!search->is_for_strangers) search->identifiers_of_trusted++;
    }
    stop.index = *slot - 1;
    uint8_t *reached = &search->path->reached[stop.index], as = stop.is_packed ? 2 : 1;
    if (*reached & (as | 1)) return;
    *reached |= as;
    search->path->stops[search->path->stop_count++] = stop;
}

// May this event be followed in this way? Once; and of a stranger, so many.
static bool may_follow(struct search *search, const struct join *join,
                       const struct account_id *captor) {
    struct trace_walk *walk = search->walk;
    uint32_t key = 1 + (uint32_t)(join->way - &ways[0][0]);
    struct share *share = search->is_for_strangers ? share_of(search, captor) : NULL;
    if (search->is_for_strangers && (!share || share->events == TRACE_EVENTS_OF_STRANGER)) {
        walk->out->cut |= TRACE_CUT_STRANGERS;
        return false;
    }
    if (!see(search, &join->place, key)) return false;
    if (share) share->events++;
    if (see(search, &join->place, LISTED)) walk->events[walk->event_count++] = join->place;
    return true;
}

// Those of an event's identifiers to which the way leads.
static enum status follow(struct search *search, const struct join *join, struct stop from,
                          const struct account_id *captor) {
    struct trace_walk *walk = search->walk;
    struct db_statement *row;
    bool has_row;
    if (!may_follow(search, join, captor)) return STATUS_OK;
    enum status status =
        db_prepare(&row, walk->db,
                   "SELECT id FROM epc WHERE height = $1 AND tx_index = $2 AND position = $3"
                   " AND (place = $4 OR place = $5) ORDER BY place, id LIMIT $6");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, join->place.height);
    db_bind_u64(row, 2, join->place.tx_index);
    db_bind_u64(row, 3, join->place.position);
    db_bind_u64(row, 4, join->way->to[0]);
    db_bind_u64(row, 5, join->way->to[1]);
    db_bind_u64(row, 6, TRACE_IDENTIFIERS + 1);
    const struct stop to = {.steps = from.steps + 1, .is_packed = join->way->is_packing};
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row)
        reach(search, db_column_text(row, "id"), to, captor);
    db_release(row);
    return status;
}

// ---- events that name an identifier

// Whose the branch is that an event begins or goes on with; NULL: it is not for this time.
static const struct account_id *captor_of(const struct search *search, const struct stop *from,
                                          const struct account_id *sender) {
    const struct trace_identifier *identifier = &search->walk->out->identifiers[from->index];
    if (!search->is_for_strangers) return is_trusted(search, sender) ? sender : NULL;
    return identifier->is_of_stranger ? &identifier->captured_by : sender;
}

static const struct way *way_of(const struct search *search, uint32_t place, bool is_packed) {
    for (size_t i = 0; i < WAYS_MAX; i++) {
        const struct way *way = &ways[search->direction][i];
        if ((place == way->from[0] || place == way->from[1]) && !(way->not_packed && is_packed))
            return way;
    }
    return NULL;
}

static bool count_row(struct search *search) {
    if (search->rows_left > 0) search->rows_left--;
    if (search->rows_left == 0) search->walk->out->cut |= TRACE_CUT_EVENTS;
    return search->rows_left > 0;
}

static struct place place_of(struct db_statement *row) {
    return (struct place){db_column_u64(row, "height"), (uint32_t)db_column_u64(row, "tx_index"),
                          (uint32_t)db_column_u64(row, "position")};
}

// Into `out`, of struct join.
static enum status find_joins(struct buf *out, struct arena *arena, struct search *search,
                              const struct stop *from) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(
        &row, search->walk->db,
        "SELECT a.place AS place, a.height AS height, a.tx_index AS tx_index,"
        " a.position AS position, e.sender AS sender, v.text AS text FROM epc a JOIN event e"
        " ON e.height = a.height AND e.tx_index = a.tx_index AND e.position = a.position"
        " LEFT JOIN event_value v ON v.height = a.height AND v.tx_index = a.tx_index"
        " AND v.position = a.position AND v.field = 1"
        " WHERE a.id = $1 AND a.place IN (1, 2, 3, 4, 6, 7, 8)"
        " ORDER BY a.height, a.tx_index, a.position, a.place LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, search->walk->out->identifiers[from->index].id);
    db_bind_u64(row, 2, search->rows_left);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row && count_row(search)) {
        struct join join = {
            .place = place_of(row),
            .way = way_of(search, (uint32_t)db_column_u64(row, "place"), from->is_packed)};
        read_account(&join.sender, row, "sender");
        if (!join.way || !captor_of(search, from, &join.sender)) continue;
        join.transformation = arena_copy(arena, db_column_text(row, "text"));
        buf_append(out, BYTES_OF(join));
    }
    db_release(row);
    return status;
}

// The other events of one transformation.
static enum status find_parts(struct buf *out, struct search *search, const struct join *join) {
    struct db_statement *row;
    bool has_row;
    uint32_t key = 64 + 2 * (uint32_t)(join->way - &ways[0][0]) + search->is_for_strangers;
    if (!see(search, &join->place, key)) return STATUS_OK;
    enum status status = db_prepare(
        &row, search->walk->db,
        "SELECT e.height AS height, e.tx_index AS tx_index, e.position AS position,"
        " e.sender AS sender FROM event_value v JOIN event e ON e.height = v.height"
        " AND e.tx_index = v.tx_index AND e.position = v.position"
        " WHERE v.field = 1 AND v.text = $1 ORDER BY v.height, v.tx_index, v.position LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, join->transformation);
    db_bind_u64(row, 2, search->rows_left);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row && count_row(search)) {
        struct join part = {.place = place_of(row), .way = join->way};
        read_account(&part.sender, row, "sender");
        if (!is_trusted(search, &join->sender)) part.sender = join->sender; // its branch
        buf_append(out, BYTES_OF(part));
    }
    db_release(row);
    return status;
}

static enum status follow_all(struct search *search, const struct stop *from,
                              const struct buf *joins) {
    const struct join *items = (const struct join *)(const void *)joins->data;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < joins->len / sizeof *items && status == STATUS_OK; i++) {
        const struct account_id *captor = captor_of(search, from, &items[i].sender);
        if (captor) status = follow(search, &items[i], *from, captor);
    }
    return status;
}

static enum status leave(struct search *search, const struct stop *from) {
    struct buf joins = {0}, parts = {0};
    struct arena scratch = {0};
    enum status status = STATUS_OK;
    if (from->steps == TRACE_STEPS) {
        search->walk->out->cut |= TRACE_CUT_STEPS; // there may be more behind it
        return STATUS_OK;
    }
    struct bytes id = search->walk->out->identifiers[from->index].id;
    if (!search->is_for_strangers) {
        if (from->steps == 0 || search->direction == TRACE_BACKWARD) TRY(trust_captor(search, id));
        TRY(trust_holders(search, id));
    }
    TRY(find_joins(&joins, &scratch, search, from));
    TRY(follow_all(search, from, &joins));
    for (size_t i = 0; i < joins.len / sizeof(struct join); i++) {
        const struct join *join = (const struct join *)(const void *)joins.data + i;
        if (join->transformation.len > 0) TRY(find_parts(&parts, search, join));
    }
    TRY(follow_all(search, from, &parts));
out:
    buf_clear(&joins);
    buf_clear(&parts);
    arena_clear(&scratch);
    return status;
}

// ---- the search

static void begin(struct search *search, enum trace_direction direction) {
    struct arena *arena = search->walk->arena;
    struct path *path = &search->paths[direction];
    path->reached = arena_alloc_array(arena, TRACE_IDENTIFIERS, 1);
    // Each once as such, and once as what another was packed into.
    path->stops = arena_alloc_array(arena, 2 * TRACE_IDENTIFIERS, sizeof *path->stops);
    path->stop_count = 1;
    path->reached[0] = 1;
}

// Strangers' branches begin wherever the trusted branch went.
static enum status search_all(struct search *search, bool is_for_strangers) {
    enum status status = STATUS_OK;
    search->is_for_strangers = is_for_strangers;
    search->rows_left = TRACE_ROWS;
    size_t trusted;
    do { // who is trusted by what was reached late may have captured what was passed by before
        trusted = search->trusted_count;
        for (enum trace_direction way = TRACE_FORWARD; way < TRACE_DIRECTIONS; way++) {
            struct path *path = &search->paths[way];
            search->direction = way;
            search->path = path;
            for (size_t i = 0; i < path->stop_count; i++) TRY(leave(search, &path->stops[i]));
        }
    } while (search->trusted_count != trusted && search->rows_left > 0);
out:
    return status;
}

enum status trace_walk(struct trace_walk *walk, unsigned directions) {
    enum status status = STATUS_OK;
    struct arena *arena = walk->arena;
    struct search search = {
        .walk = walk,
        .trusted = arena_alloc_array(arena, TRACE_ACCOUNTS, sizeof *search.trusted),
        .strangers = arena_alloc_array(arena, TRACE_ACCOUNTS, sizeof *search.strangers),
        .seen = arena_alloc_array(arena, EVENT_SLOTS, sizeof *search.seen)};
    trace_names_make(&search.names, arena, walk->out);
    walk->events = arena_alloc_array(arena, TRACE_EVENTS, sizeof *walk->events);
    for (enum trace_direction way = TRACE_FORWARD; way < TRACE_DIRECTIONS; way++)
        if (directions & 1U << way) begin(&search, way);
    TRY(search_all(&search, false));
    TRY(search_all(&search, true));
out:
    return status;
}
