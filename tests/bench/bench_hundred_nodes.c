// SPDX-License-Identifier: Apache-2.0
// As many witnesses as there can be, each a process with a key of its own and an address of its
// own on the loopback, which has been told of one node, that is none of them: they find each other,
// and agree, and then a third of them is killed. What that takes here on a few processors, each
// machine of a chain has to itself. --quick: so few that it only shows that the program works. Else
// a number may be given.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/chain/certificate.h"
#include "chaincore/node/network.h"

enum {
    MS_OF_WITNESS = 100, // of a block's interval, so that a few processors can be all of them
    BLOCKS = 10,
    SETTLE_MS = 80 * 1000, // in its first minute each says twice where it is
    QUICK_WITNESSES = 7,
    QUICK_BLOCKS = 2,
    NODES = LIMIT_WITNESSES + 1, // the common one first
    STEP_MS = 20,
    PATIENCE_MS = 600 * 1000,
    TELL_MS = 10 * 1000,
    VERIFIED = 2000, // for the baseline
};

// What a process tells of itself, as of a moment ago.
struct report {
    uint16_t port;
    uint32_t known; // witnesses whose keys it has been shown
    uint64_t height, cpu_us, bytes_out, memory_kib;
};

// What the processes share. Each writes its own report, and the first process the rest.
struct shared {
    struct report reports[NODES];
    bool must_stop;
};

static struct shared *shared;
static unsigned witnesses = LIMIT_WITNESSES, blocks = BLOCKS, settle_ms = SETTLE_MS;
static struct buf genesis;
static struct secret_key keys[LIMIT_WITNESSES];
static char folder[] = "/tmp/lmm-bench-XXXXXX";

static uint32_t interval_ms(void) { return MS_OF_WITNESS * witnesses; }

static void make_genesis(void) {
    struct genesis_witness list[LIMIT_WITNESSES];
    struct genesis_account account = {.balance = amount_of_units(1000)};
    for (unsigned i = 0; i < witnesses; i++) {
        uint8_t seed[32] = {(uint8_t)(i + 1)};
        key_from_seed(&keys[i], &list[i].key, seed);
        account_id_of_key(&list[i].account, &list[i].key);
    }
    account.id = list[0].account;
    struct genesis what = {.name = bytes_of_string("hundred nodes"),
                           .time_ms = clock_wall_ms(),
                           .params = {.block_interval_ms = interval_ms(),
                                      .epoch_blocks = 1000,
                                      .min_gas_price = 1,
                                      .block_gas_limit = 1000000000,
                                      .deposit_per_byte = 10,
                                      .min_witnesses = 4,
                                      .protocol = PROTOCOL_NEWEST},
                           .account_count = 1,
                           .accounts = &account,
                           .witness_count = (uint16_t)witnesses,
                           .witnesses = list};
    genesis_encode(&genesis, &what);
}

static void pause_ms(unsigned ms) {
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

static uint64_t read_number(const uint64_t *at) { return __atomic_load_n(at, __ATOMIC_RELAXED); }

// ---- inside a process

static char address[16];

// Calls come from there too, as from a machine of its own: else all would come from one, of which a
// node takes so many and no more.
int __real_uv_tcp_connect(uv_connect_t *request, uv_tcp_t *handle, const struct sockaddr *to,
                          uv_connect_cb then);
int __wrap_uv_tcp_connect(uv_connect_t *request, uv_tcp_t *handle, const struct sockaddr *to,
                          uv_connect_cb then);
int __wrap_uv_tcp_connect(uv_connect_t *request, uv_tcp_t *handle, const struct sockaddr *to,
                          uv_connect_cb then) {
    struct sockaddr_in own;
    ENSURE(uv_ip4_addr(address, 0, &own) == 0);
    ENSURE(uv_tcp_bind(handle, (const struct sockaddr *)&own, 0) == 0);
    return __real_uv_tcp_connect(request, handle, to, then);
}

static struct node *open_node(unsigned number) {
    char data[64], votes[64], common[32];
    const char *peers[] = {common};
    struct node *node;
    snprintf(data, sizeof data, "%s/%u", folder, number);
    snprintf(votes, sizeof votes, "%s/%u.votes", folder, number);
    snprintf(address, sizeof address, "127.0.1.%u", number + 1);
    snprintf(common, sizeof common, "127.0.1.1:%u", shared->reports[0].port);
    struct node_network network = {.address = address,
                                   .peers = peers,
                                   .peer_count = number > 0,
                                   .votes_dir = votes,
                                   .is_first_start = true,
                                   .takes_private = true};
    struct node_config config = {.data_dir = data,
                                 .genesis = buf_bytes(&genesis),
                                 .witness_keys = number > 0 ? &keys[number - 1] : NULL,
                                 .witness_key_count = number > 0,
                                 .network = &network};
    ENSURE(node_open(&node, &config) == STATUS_OK && node_start(node) == STATUS_OK);
    return node;
}

static void tell(const struct node_head *head, const struct network_look *look,
                 struct report *out) {
    struct rusage usage;
    uint64_t bytes = 0;
    for (int i = 0; i < CHANNEL_CLASSES_MAX; i++) bytes += look->host.bytes_out[i];
    getrusage(RUSAGE_SELF, &usage);
    uint64_t s = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
    uint64_t us = (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    __atomic_store_n(&out->cpu_us, s * 1000000 + us, __ATOMIC_RELAXED);
    __atomic_store_n(&out->bytes_out, bytes, __ATOMIC_RELAXED);
    __atomic_store_n(&out->memory_kib, (uint64_t)usage.ru_maxrss, __ATOMIC_RELAXED);
    __atomic_store_n(&out->known, (uint32_t)look->replica.keys_known, __ATOMIC_RELAXED);
    __atomic_store_n(&out->height, head->header.height, __ATOMIC_RELAXED);
}

static void be_node(unsigned number) {
    struct report *report = &shared->reports[number];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    log_set_level(LOG_ERROR);
    struct node *node = open_node(number);
    __atomic_store_n(&report->port, node_port(node), __ATOMIC_RELEASE);
    while (!__atomic_load_n(&shared->must_stop, __ATOMIC_RELAXED)) {
        struct network_look look;
        struct node_head head;
        node_head(node, &head);
        if (node_network_look(node, &look)) tell(&head, &look, report);
        (void)node_wait(node, head.header.height, 250);
    }
    node_close(node);
    exit(EXIT_SUCCESS);
}

// ---- outside

static pid_t pids[NODES]; // 0: it was killed

static void give_up(const char *why) {
    for (unsigned i = 0; i <= witnesses; i++)
        if (pids[i] > 0) kill(pids[i], SIGKILL);
    (void)!file_remove_tree(folder);
    fprintf(stderr, "%s\n", why);
    exit(EXIT_FAILURE);
}

// How far they have got, for whoever waits.
static void tell_progress(void) {
    uint64_t known = 0, lowest = UINT64_MAX, highest = 0, cpu_us = 0;
    for (unsigned i = 0; i <= witnesses; i++) {
        uint64_t height = read_number(&shared->reports[i].height);
        if (pids[i] == 0) continue;
        known += __atomic_load_n(&shared->reports[i].known, __ATOMIC_RELAXED);
        cpu_us += read_number(&shared->reports[i].cpu_us);
        if (height < lowest) lowest = height;
        if (height > highest) highest = height;
    }
    fprintf(stderr, "keys shown %lu of %u, heights %lu to %lu, %lu s of processors\n",
            (unsigned long)known, (witnesses + 1) * witnesses - witnesses, (unsigned long)lowest,
            (unsigned long)highest, (unsigned long)(cpu_us / 1000000));
}

static void check_time(uint64_t since_ms) {
    static uint64_t told_ms;
    uint64_t now_ms = clock_monotonic_ms();
    int status;
    pause_ms(STEP_MS);
    if (waitpid(-1, &status, WNOHANG) > 0) give_up("a node ended early");
    if (now_ms - since_ms > PATIENCE_MS) give_up("the nodes do not get there");
    if (now_ms - told_ms < TELL_MS) return;
    told_ms = now_ms;
    tell_progress();
}

static void start_nodes(void) {
    for (unsigned i = 0; i <= witnesses; i++) {
        uint64_t since_ms = clock_monotonic_ms();
        pids[i] = fork();
        ENSURE(pids[i] >= 0);
        if (pids[i] == 0) be_node(i);
        while (i == 0 && __atomic_load_n(&shared->reports[0].port, __ATOMIC_ACQUIRE) == 0)
            check_time(since_ms);
    }
}

// As many as may be away.
static void kill_a_third(void) {
    for (unsigned i = 1; i <= witness_faults((uint16_t)witnesses); i++) {
        int status;
        kill(pids[i], SIGKILL);
        ENSURE(waitpid(pids[i], &status, 0) == pids[i]);
        pids[i] = 0;
    }
}

static void stop_nodes(void) {
    __atomic_store_n(&shared->must_stop, true, __ATOMIC_RELAXED);
    for (unsigned i = 0; i <= witnesses; i++) {
        int status;
        if (pids[i] == 0) continue;
        ENSURE(waitpid(pids[i], &status, 0) == pids[i]);
        if (status != 0) give_up("a node does not end well");
    }
}

static bool all_know_all(void) {
    for (unsigned i = 1; i <= witnesses; i++)
        if (__atomic_load_n(&shared->reports[i].known, __ATOMIC_RELAXED) < witnesses - 1)
            return false;
    return true;
}

static bool all_are_at(uint64_t height) {
    for (unsigned i = 0; i <= witnesses; i++)
        if (pids[i] > 0 && read_number(&shared->reports[i].height) < height) return false;
    return true;
}

// Of all nodes together.
struct sums {
    uint64_t at_ms, height, cpu_us, bytes_out, memory_kib;
};

// When all have got there.
static struct sums sum_at(uint64_t height) {
    uint64_t since_ms = clock_monotonic_ms();
    while (!all_are_at(height)) check_time(since_ms);
    struct sums sums = {.at_ms = clock_monotonic_ms(), .height = height};
    for (unsigned i = 0; i <= witnesses; i++) {
        sums.cpu_us += read_number(&shared->reports[i].cpu_us);
        sums.bytes_out += read_number(&shared->reports[i].bytes_out);
        sums.memory_kib += read_number(&shared->reports[i].memory_kib);
    }
    return sums;
}

// Of two quorums, one after the other with libsodium, as a node would verify a block's votes.
static double verify_us(void) {
    struct public_key key;
    struct signature signature;
    struct hash chain_id = {{1}}, payload = {{2}};
    key_public_of(&key, &keys[0]);
    sign_payload(&signature, &keys[0], SIGN_VOTE, &chain_id, &payload);
    struct timespec start, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    for (int i = 0; i < VERIFIED; i++)
        ENSURE(sign_verify(&signature, &key, SIGN_VOTE, &chain_id, &payload));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    double us =
        (double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3;
    return us / VERIFIED * 2 * witness_quorum((uint16_t)witnesses);
}

static void print_row(const char *name, double value, const char *unit, const char *baseline,
                      double baseline_value) {
    printf("{\"name\": \"%s\", \"value\": %.2f, \"unit\": \"%s\", \"baseline\": \"%s\", "
           "\"baseline_value\": %.2f, \"ratio\": %.3f}\n",
           name, value, unit, baseline, baseline_value, value / baseline_value);
}

static double interval_of(const struct sums *from, const struct sums *to) {
    return (double)(to->at_ms - from->at_ms) / (double)(to->height - from->height);
}

static void print_rows(const struct sums *from, const struct sums *to, double found_s) {
    double count = (double)(to->height - from->height), nodes = witnesses + 1;
    double vote_bytes = 2.0 * (witnesses - 1) * sizeof(struct signature);
    printf(
        "{\"name\": \"hundred_nodes_found\", \"value\": %.2f, \"unit\": \"s until each of %u has "
        "been shown the keys of all\"}\n",
        found_s, witnesses);
    print_row("hundred_nodes_interval", interval_of(from, to), "ms/block", "a block's interval",
              interval_ms());
    print_row("hundred_nodes_cpu", (double)(to->cpu_us - from->cpu_us) / count / nodes,
              "us/block, each node", "two quorums of signatures, one by one", verify_us());
    print_row("hundred_nodes_sent", (double)(to->bytes_out - from->bytes_out) / count / nodes,
              "B/block, each node", "two signatures to each of the others", vote_bytes);
    printf("{\"name\": \"hundred_nodes_memory\", \"value\": %.2f, \"unit\": \"MiB, each node\"}\n",
           (double)to->memory_kib / 1024 / nodes);
}

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) {
        witnesses = QUICK_WITNESSES;
        blocks = QUICK_BLOCKS;
        settle_ms = 0;
    } else if (count > 1) {
        witnesses = (unsigned)strtoul(arguments[1], NULL, 10);
        ENSURE(witnesses >= 4 && witnesses <= LIMIT_WITNESSES);
    }
    ENSURE(crypto_init() == STATUS_OK && mkdtemp(folder));
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ENSURE(shared != MAP_FAILED);
    make_genesis();
    uint64_t start_ms = clock_monotonic_ms();
    start_nodes();
    while (!all_know_all()) check_time(start_ms);
    double found_s = (double)(clock_monotonic_ms() - start_ms) / 1e3;
    while (clock_monotonic_ms() - start_ms < settle_ms) check_time(start_ms);
    struct sums from = sum_at(read_number(&shared->reports[0].height) + 1);
    struct sums to = sum_at(from.height + blocks);
    print_rows(&from, &to, found_s);
    kill_a_third();
    from = sum_at(to.height + 1);
    to = sum_at(from.height + blocks);
    print_row("hundred_nodes_a_third_killed", interval_of(&from, &to), "ms/block",
              "a block's interval", interval_ms());
    stop_nodes();
    ENSURE(file_remove_tree(folder) == STATUS_OK && munmap(shared, sizeof *shared) == 0);
    buf_clear(&genesis);
    return EXIT_SUCCESS;
}
