// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/peers/victims.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/tx.h"
#include "chaincore/chaincore.h"
#include "tests/hostile/peers/caller.h"

enum { SOON_MS = 60 * 1000, STEP_MS = 20, REPORT = 'r', RESET = 'b' };

static void give_up(const char *what) {
    fprintf(stderr, "hostile-peers: %s\n", what);
    exit(1);
}

// ---- the chain

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static void make_genesis(struct victims *victims) {
    struct genesis_account accounts[VICTIM_ACCOUNTS];
    struct genesis_witness witnesses[VICTIM_WITNESSES];
    for (uint8_t i = 0; i < VICTIM_ACCOUNTS; i++) {
        uint8_t seed[32] = {'a', i};
        struct public_key key;
        key_from_seed(&victims->keys[i], &key, seed);
        account_id_of_key(&victims->ids[i], &key);
        accounts[i] = (struct genesis_account){victims->ids[i], amount_of_units(1000000000000000)};
    }
    qsort(accounts, VICTIM_ACCOUNTS, sizeof *accounts, compare_accounts);
    for (uint8_t i = 0; i < VICTIM_WITNESSES; i++) {
        uint8_t seed[32] = {'w', i};
        key_from_seed(&victims->witnesses[i], &witnesses[i].key, seed);
        account_id_of_key(&witnesses[i].account, &witnesses[i].key);
    }
    struct genesis genesis = {.name = bytes_of_string("hostile-peers"),
                              .time_ms = 1000,
                              .params = {.block_interval_ms = VICTIM_INTERVAL_MS,
                                         .epoch_blocks = VICTIM_EPOCH_BLOCKS,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .deposit_per_byte = 10,
                                         .min_witnesses = VICTIM_WITNESSES,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = true},
                              .account_count = VICTIM_ACCOUNTS,
                              .accounts = accounts,
                              .witness_count = VICTIM_WITNESSES,
                              .witnesses = witnesses};
    genesis_encode(&victims->genesis, &genesis);
    genesis_chain_id(&victims->chain_id, &genesis);
}

// ---- inside a victim

struct inside {
    const struct victims *victims;
    int number;
    struct node *node;
    pthread_mutex_t lock;
    struct victim_pace pace;
    uint64_t last_ms;
    bool must_stop;
};

// What it takes to have a block wanted at any time.
static void move_money(struct inside *inside) {
    struct buf encoded = {0};
    struct account account;
    struct node_head head;
    struct hash id;
    node_head(inside->node, &head);
    struct tx tx = {.version = TX_VERSION,
                    .sender = inside->victims->ids[0],
                    .valid_until = head.header.height + 1000,
                    .gas_limit = 20000000,
                    .gas_price = 1,
                    .action_count = 1};
    tx.actions[0] = (struct tx_action){
        .kind = TX_TRANSFER,
        .transfer = {.to = inside->victims->ids[1], .amount = amount_of_units(1)}};
    node_account(inside->node, &tx.sender, &account, &tx.seq);
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &inside->victims->keys[0], &inside->victims->chain_id) ==
           STATUS_OK);
    tx_encode(&encoded, &tx);
    (void)!node_submit(inside->node, buf_bytes(&encoded), &id); // full: the next block is wanted
    buf_clear(&encoded);
}

static void note_block(struct inside *inside, const struct node_head *before,
                       const struct node_head *after) {
    uint64_t now_ms = clock_monotonic_ms(), blocks = after->header.height - before->header.height;
    uint64_t views = after->header.view - before->header.view;
    pthread_mutex_lock(&inside->lock);
    struct victim_pace *pace = &inside->pace;
    pace->blocks += blocks;
    if (now_ms - inside->last_ms > pace->longest_ms) pace->longest_ms = now_ms - inside->last_ms;
    if (views > blocks && views - blocks > pace->most_missed) pace->most_missed = views - blocks;
    inside->last_ms = now_ms;
    pthread_mutex_unlock(&inside->lock);
}

static void *watch(void *argument) {
    struct inside *inside = argument;
    struct node_head before, after;
    node_head(inside->node, &before);
    for (bool must_stop = false; !must_stop;) {
        if (inside->number == VICTIM_LOADER) move_money(inside);
        if (node_wait(inside->node, before.header.height, 200)) {
            node_head(inside->node, &after);
            note_block(inside, &before, &after);
            before = after;
        }
        pthread_mutex_lock(&inside->lock);
        must_stop = inside->must_stop;
        pthread_mutex_unlock(&inside->lock);
    }
    return NULL;
}

static void make_report(struct inside *inside, struct victim_report *out) {
    struct node_counts counts;
    struct node_head head;
    memset(out, 0, sizeof *out);
    node_network_look(inside->node, &out->look);
    node_health(inside->node, &out->health);
    node_past(inside->node, &out->past);
    node_head(inside->node, &head);
    node_counts(inside->node, &counts);
    out->height = head.header.height;
    out->mempool_txs = counts.mempool_txs;
    pthread_mutex_lock(&inside->lock);
    out->pace = inside->pace;
    uint64_t now_ms = clock_monotonic_ms();
    if (now_ms - inside->last_ms > out->pace.longest_ms)
        out->pace.longest_ms = now_ms - inside->last_ms;
    pthread_mutex_unlock(&inside->lock);
}

static void serve(struct inside *inside, int control) {
    struct victim_report report;
    char command;
    while (recv(control, &command, 1, 0) == 1) {
        if (command == RESET) {
            pthread_mutex_lock(&inside->lock);
            inside->pace = (struct victim_pace){0};
            pthread_mutex_unlock(&inside->lock);
        }
        make_report(inside, &report);
        if (send(control, &report, sizeof report, MSG_NOSIGNAL) != sizeof report) return;
    }
}

static void open_node(struct inside *inside) {
    const struct victims *victims = inside->victims;
    int number = inside->number;
    char data[128], votes[128], texts[VICTIMS][32];
    const char *peers[VICTIMS];
    struct node_network network = {.address = "127.0.0.1",
                                   .peers = peers,
                                   .votes_dir = votes,
                                   .is_first_start = true,
                                   .takes_private = true,
                                   .per_address = 64, // all of them are on one machine
                                   .timeout_ms = VICTIM_TIMEOUT_MS,
                                   .handshake_ms = victims->handshake_ms,
                                   .silence_ms = victims->silence_ms,
                                   .held_bytes = victims->held_bytes};
    bool is_witness = number < VICTIM_WITNESSES;
    for (int i = 0; is_witness && i < number; i++) {
        snprintf(texts[i], sizeof texts[i], "127.0.0.1:%u", victims->list[i].port);
        peers[network.peer_count++] = texts[i];
    }
    snprintf(data, sizeof data, "%s/%d", victims->folder, number);
    snprintf(votes, sizeof votes, "%s/%d.votes", victims->folder, number);
    struct node_config config = {.data_dir = data,
                                 .genesis = buf_bytes(&victims->genesis),
                                 .witness_keys = &victims->witnesses[is_witness ? number : 0],
                                 .witness_key_count = is_witness ? 1 : 0,
                                 .network = &network,
                                 .snapshots = {.kept = 2, .every_blocks = VICTIM_EPOCH_BLOCKS}};
    if (node_open(&inside->node, &config) != STATUS_OK) give_up("a node cannot be opened");
    if (node_start(inside->node) != STATUS_OK) give_up("a node cannot be started");
}

static void be_victim(const struct victims *victims, int number, int control) {
    struct inside inside = {.victims = victims, .number = number};
    struct victim_report report;
    struct public_key key;
    pthread_t watcher;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_mutex_init(&inside.lock, NULL);
    open_node(&inside);
    uint16_t port = node_port(inside.node);
    ENSURE(node_network_key(inside.node, &key));
    inside.last_ms = clock_monotonic_ms();
    if (pthread_create(&watcher, NULL, watch, &inside) != 0) give_up("no thread");
    make_report(&inside, &report);
    if (send(control, &port, sizeof port, 0) < 0 || send(control, &key, sizeof key, 0) < 0) exit(1);
    serve(&inside, control);
    pthread_mutex_lock(&inside.lock);
    inside.must_stop = true;
    pthread_mutex_unlock(&inside.lock);
    pthread_join(watcher, NULL);
    node_close(inside.node);
}

// ---- from outside

static void start_one(struct victims *victims, int number) {
    struct victim *victim = &victims->list[number];
    int ends[2];
    snprintf(victim->log_path, sizeof victim->log_path, "%s/%d.log", victims->folder, number);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) give_up("no sockets");
    victim->pid = fork();
    if (victim->pid < 0) give_up("no process");
    if (victim->pid == 0) {
        int log = open(victim->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (log < 0 || dup2(log, STDERR_FILENO) < 0) exit(1);
        close(ends[0]);
        for (int i = 0; i < number; i++) close(victims->list[i].control);
        be_victim(victims, number, ends[1]);
        exit(0);
    }
    close(ends[1]);
    victim->control = ends[0];
    if (recv(victim->control, &victim->port, sizeof victim->port, 0) != sizeof victim->port ||
        recv(victim->control, &victim->node_key, sizeof victim->node_key, 0) !=
            sizeof victim->node_key)
        give_up("a node did not start");
}

static bool is_under_way(struct victims *victims) {
    for (int i = 0; i < VICTIM_WITNESSES; i++) {
        struct victim_report report;
        if (!victim_ask(&victims->list[i], &report)) give_up("a node is gone");
        if (report.height < 3 || report.look.replica.peers < VICTIM_WITNESSES - 1) return false;
    }
    return true;
}

void victims_start(struct victims *victims) {
    static const char template[] = "/tmp/lmm-peers-XXXXXX";
    memcpy(victims->folder, template, sizeof template);
    if (!mkdtemp(victims->folder)) give_up("no folder");
    make_genesis(victims);
    for (int i = 0; i < VICTIMS; i++) start_one(victims, i);
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    while (!is_under_way(victims)) {
        if (clock_monotonic_ms() > until_ms) give_up("the nodes do not agree");
        pause_ms(STEP_MS);
    }
}

bool victims_stop(struct victims *victims) {
    bool is_well = true;
    for (int i = 0; i < VICTIMS; i++) close(victims->list[i].control);
    for (int i = 0; i < VICTIMS; i++) {
        int status = 0;
        if (waitpid(victims->list[i].pid, &status, 0) < 0 || status != 0) is_well = false;
    }
    if (file_remove_tree(victims->folder) != STATUS_OK) is_well = false;
    buf_clear(&victims->genesis);
    return is_well;
}

static bool tell(struct victim *victim, char command, struct victim_report *out) {
    return send(victim->control, &command, 1, MSG_NOSIGNAL) == 1 &&
           recv(victim->control, out, sizeof *out, 0) == sizeof *out;
}

bool victim_ask(struct victim *victim, struct victim_report *out) {
    return tell(victim, REPORT, out);
}

void victim_reset_pace(struct victim *victim) {
    struct victim_report unused;
    (void)tell(victim, RESET, &unused);
}

bool victim_has_said(struct victim *victim, const char *text) {
    char *line = NULL;
    size_t room = 0;
    bool has_said = false;
    FILE *file = fopen(victim->log_path, "r");
    if (file && fseek(file, victim->log_seen, SEEK_SET) == 0)
        while (!has_said && getline(&line, &room, file) > 0) has_said = strstr(line, text) != NULL;
    free(line);
    if (file) fclose(file);
    return has_said;
}

void victim_skip_log(struct victim *victim) {
    FILE *file = fopen(victim->log_path, "r");
    if (file && fseek(file, 0, SEEK_END) == 0) victim->log_seen = ftell(file);
    if (file) fclose(file);
}

double victim_cpu_s(const struct victim *victim) {
    char path[64], line[512];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)victim->pid);
    FILE *file = fopen(path, "r");
    // Behind the name, which may hold anything: the state, then ten numbers.
    const char *rest = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    if (rest)
        (void)sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user,
                     &system);
    if (file) fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

long victim_peak_kib(const struct victim *victim) {
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)victim->pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1) break;
    if (file) fclose(file);
    return kib;
}

void victim_reset_peak(const struct victim *victim) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/clear_refs", (long)victim->pid);
    FILE *file = fopen(path, "w");
    if (file) {
        fputs("5", file);
        fclose(file);
    }
}
