// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/server.h"

#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "apps/common/http/tls.h"
#include "apps/common/json/csv.h"
#include "apps/common/monitor/arriving.h"
#include "apps/common/server/answers.h"
#include "apps/common/server/api_key_routes.h"
#include "apps/common/server/api_keys.h"
#include "apps/common/server/callers.h"
#include "apps/common/server/chain_rows.h"
#include "apps/common/server/explorer_routes.h"
#include "apps/common/server/firm.h"
#include "apps/common/server/frame.h"
#include "apps/common/server/live.h"
#include "apps/common/server/login.h"
#include "apps/common/server/login_routes.h"
#include "apps/common/server/member_routes.h"
#include "apps/common/server/network_routes.h"
#include "apps/common/server/ready.h"
#include "apps/common/server/server_hooks.h"
#include "apps/common/server/signing.h"
#include "apps/common/server/sponsor_routes.h"
#include "apps/common/server/verify_index.h"
#include "chaincore/base/clock_shared.h"
#include "chaincore/chaincore.h"

enum {
    HTTP_THREADS = 8, // few streams on each: to wake one walks all (apps/common/http/README.md)
    GRACE_MS = 5000,
    // The largest capture has 16,384 events, all told of at once: the log holds them until slower
    // readers have them.
    LIVE_LOG_EVENTS = 20000,
    LIVE_LOG_BYTES = 4 << 20,
    STOPPED = -1, // instead of an exit status: nothing failed, and nothing is to go on
};

// Whoever waits for it to be final waits in vain.
static void dropped(void *context, const struct hash *id) {
    struct frame *frame = context;
    http_notify(frame->server.http, BYTES_OF(id->bytes));
}

int frame_fail(struct frame *frame, int exit_status, const char *what, enum status status) {
    log_error("server", what, log_text("status", status_name(status)));
    if (frame->exit_status == 0) frame->exit_status = exit_status;
    return exit_status;
}

int frame_fail_store(struct frame *frame, const char *what, enum status status) {
    return frame_fail(frame, status == STATUS_CORRUPT ? EXIT_WRONG_DATA : EXIT_FAILURE, what,
                      status);
}

// The devnet's, as if it had come from files.
static enum status make_devnet(struct frame *frame, struct genesis_folder *out) {
    struct devnet *devnet = &frame->server.devnet;
    struct devnet_contract contracts[GENESIS_MAX_CONTRACTS];
    uint32_t count = devnet_list_contracts(
        contracts, (struct devnet_contract){frame->market->name, frame->market->contract_code});
    *out = (struct genesis_folder){.code_count = count};
    for (uint32_t i = 0; i < count; i++) out->code_list[i] = contracts[i].code;
    devnet_derive_with(devnet, frame->options.witness_count);
    devnet_genesis(&out->genesis, devnet, frame->options.block_time_ms, contracts, count);
    server_options_devnet_keys(&frame->options, &frame->keys, devnet);
    return STATUS_OK;
}

static enum status read_chain(struct frame *frame, struct genesis_folder *out) {
    const struct server_options *options = &frame->options;
    struct server_keys_source source = {.path = options->keys,
                                        .passphrase_path = options->keys_passphrase,
                                        .allows_clear = options->keys_in_clear};
    *out = (struct genesis_folder){0};
    enum status status = server_keys_read(&frame->keys, &source);
    return status == STATUS_OK ? genesis_folder_read(out, frame->options.genesis) : status;
}

// Where it is to be found.
static void http_address_of(const struct frame *frame, struct http_config *out) {
    const struct server_options *options = &frame->options;
    bool has_tls = *options->tls_certificate != '\0';
    *out = (struct http_config){.address = options->address,
                                .port = options->port,
                                .tls_certificate = has_tls ? options->tls_certificate : NULL,
                                .tls_key = options->tls_key,
                                .limits = options->limits,
                                .proxies = options->proxies,
                                .proxy_count = options->proxy_count,
                                .reads_forwarded = options->reads_forwarded,
                                .log_requests = true};
}

struct arrival {
    struct frame *frame;
    struct arriving *arriving; // NULL: it has not come to that
    enum status status;        // of that
};

// One that ends it comes before the thread that takes them is there.
static bool must_stop(void *context) {
    const struct arrival *arrival = context;
    sigset_t pending;
    return arrival->status != STATUS_OK ||
           (sigpending(&pending) == 0 &&
            (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1));
}

// Whoever asks for the server meanwhile is told how far it is.
static void tell_arrival(void *context, const struct node_arrival_progress *progress) {
    struct arrival *arrival = context;
    struct frame *frame = arrival->frame;
    struct http_config http;
    if (!arrival->arriving && arrival->status == STATUS_OK) {
        http_address_of(frame, &http);
        struct arriving_config config = {
            .http = &http, .market = frame->market->name, .started_ms = frame->server.started_ms};
        arrival->status = arriving_open(&arrival->arriving, &config);
        if (arrival->status == STATUS_OK)
            log_info("server", "joining", log_number("port", arriving_port(arrival->arriving)));
    }
    if (arrival->arriving) arriving_tell(arrival->arriving, progress);
}

// A new server among others comes to a chain that is there already.
static enum status arrive(struct frame *frame, const struct node_config *config) {
    const struct server_options *options = &frame->options;
    struct arrival arrival = {.frame = frame};
    struct node_arrival wish = {.trusted = options->has_trusted ? &options->trusted : NULL,
                                .must_stop = must_stop,
                                .tell = tell_arrival,
                                .context = &arrival};
    enum status status = node_arrive(config, &wish);
    arriving_close(arrival.arriving);
    if (arrival.status != STATUS_OK)
        frame_fail(frame, arrival.status == STATUS_BUSY ? EXIT_ADDRESS_TAKEN : EXIT_FAILURE,
                   "the address cannot be listened on", arrival.status);
    return status;
}

static enum status open_chain(struct frame *frame, const struct node_config *config) {
    enum status status = arrive(frame, config);
    return status == STATUS_OK ? node_open(&frame->server.node, config) : status;
}

static int open_node(struct frame *frame) {
    struct genesis_folder genesis;
    struct contract_record contract;
    char chain_dir[PATH_MAX + 32];
    frame->server.is_devnet = frame->options.devnet;
    enum status status =
        frame->options.devnet ? make_devnet(frame, &genesis) : read_chain(frame, &genesis);
    snprintf(chain_dir, sizeof chain_dir, "%s/chain", frame->server.data_dir);
    struct node_config config = {.data_dir = chain_dir,
                                 .genesis = buf_bytes(&genesis.genesis),
                                 .codes = genesis.code_list,
                                 .code_count = genesis.code_count,
                                 .witness_keys = frame->keys.witnesses,
                                 .witness_key_count = frame->keys.witness_count,
                                 .network = server_options_network(&frame->options),
                                 .takes_old_snapshot =
                                     frame->options.takes_old_snapshot || frame->options.devnet,
                                 .snapshots = {.kept = frame->options.snapshots},
                                 .on_dropped = dropped,
                                 .context = frame};
    bool has_chain = status == STATUS_OK;
    if (has_chain) status = open_chain(frame, &config);
    genesis_folder_clear(&genesis);
    if (has_chain && status == STATUS_CLOSED)
        return frame->exit_status ? frame->exit_status : STOPPED;
    if (!has_chain)
        return frame_fail(frame, EXIT_CONFIGURATION, "genesis or keys cannot be used", status);
    if (status == STATUS_TIMEOUT)
        return frame_fail(
            frame, EXIT_CONFIGURATION,
            "genesis, or the header of --trust, is older than a week, and witnesses of "
            "then may have left: --trust a newer header, or --allow-old-snapshot",
            status);
    if (status != STATUS_OK)
        return frame_fail(frame,
                          status == STATUS_BUSY ? EXIT_FOLDER_TAKEN
                          : status == STATUS_CONFLICT || status == STATUS_CORRUPT ||
                                  status == STATUS_UNSUPPORTED
                              ? EXIT_WRONG_DATA
                              : EXIT_FAILURE,
                          "the chain cannot be opened", status);
    account_id_of_system_contract(&frame->server.contract, frame->market->name);
    if (node_contract(frame->server.node, &frame->server.contract, &contract)) return 0;
    return frame_fail(frame, EXIT_CONFIGURATION, "the genesis lacks this market's contract",
                      STATUS_NOT_FOUND);
}

static void list_tables(struct frame *frame) {
    struct server *server = &frame->server;
    frame->tables[0] = (struct http_route_table){server_routes, server_route_count, server};
    frame->tables[1] = (struct http_route_table){api_key_routes, api_key_route_count, server};
    frame->tables[2] = (struct http_route_table){sponsor_routes, sponsor_route_count, server};
    frame->tables[3] = (struct http_route_table){hook_routes, hook_route_count, server->hooks};
    frame->tables[4] =
        (struct http_route_table){frame->market->routes, frame->market->route_count, server};
    frame->tables[5] = (struct http_route_table){explorer_routes, explorer_route_count, server};
    frame->tables[6] = (struct http_route_table){login_routes, login_route_count, server};
    frame->tables[7] = (struct http_route_table){member_routes, member_route_count, server};
    server->tables = frame->tables;
    server->table_count = sizeof frame->tables / sizeof *frame->tables;
}

// One that has expired is shown: clients say so, and it may be renewed at any time.
static enum status check_tls(const struct server_options *options) {
    const char *why = "";
    if (!*options->tls_certificate) return STATUS_OK;
    enum status status = http_tls_check(options->tls_certificate, options->tls_key, &why);
    if (status != STATUS_OK) log_warning("server", why);
    return status == STATUS_INVALID ? STATUS_OK : status;
}

static int open_http(struct frame *frame) {
    struct server *server = &frame->server;
    const struct server_options *options = &frame->options;
    enum status status = check_tls(options);
    if (status != STATUS_OK)
        return frame_fail(frame, EXIT_CONFIGURATION, "certificate or key cannot be used", status);
    list_tables(frame);
    if (*options->web) status = http_assets_from_directory(&frame->assets, options->web);
    if (status != STATUS_OK)
        return frame_fail(frame, EXIT_CONFIGURATION, "the pages cannot be read", status);
    server->has_pages = frame->assets != NULL;
    struct http_config config;
    http_address_of(frame, &config);
    config.threads = HTTP_THREADS;
    config.tables = frame->tables;
    config.table_count = server->table_count;
    config.keys = &frame->key;
    config.key_count = 1;
    config.key_source = (struct http_key_source){callers_find, server};
    config.make_csv = csv_write;
    config.kept = (struct http_kept_store){answers_find, answers_keep, server->answers};
    config.assets = frame->assets;
    config.page_connects = frame->market->page_connects;
    config.lanes = server_lanes;
    config.lane_count = SERVER_LANES;
    config.cors_origins = options->origins;
    config.cors_origin_count = options->origin_count;
    status = http_server_open(&server->http, &config);
    struct http_stream_config stream = {.subscribers = options->subscribers,
                                        .log_events = LIVE_LOG_EVENTS,
                                        .log_bytes = LIVE_LOG_BYTES,
                                        .last_id = frame->next_event_id};
    if (status == STATUS_OK) status = http_stream_open(&server->live, server->http, &stream);
    if (status == STATUS_OK) return 0;
    return frame_fail(frame, EXIT_FAILURE, "the HTTP server cannot be opened", status);
}

// Under which members log in.
static void set_domain(struct frame *frame) {
    const struct server_options *options = &frame->options;
    const char *given = strstr(options->public_url, "://");
    char domain[LIMIT_LOGIN_DOMAIN_BYTES + 1];
    bool has_brackets = strchr(options->address, ':') != NULL;
    snprintf(domain, sizeof domain, "%s%s%s:%u", has_brackets ? "[" : "", options->address,
             has_brackets ? "]" : "", http_server_port(frame->server.http));
    login_set_domain(frame->server.login, given ? given + 3 : domain);
}

static int start(struct frame *frame) {
    enum status status = node_start(frame->server.node);
    if (status == STATUS_OK) status = signer_set_start(frame->server.signers);
    if (status == STATUS_OK) status = index_start(frame->server.index);
    if (status == STATUS_OK) status = hooks_start(frame->server.hooks);
    if (status != STATUS_OK) return frame_fail(frame, EXIT_FAILURE, "cannot start", status);
    status = finality_open(&frame->finality, frame->server.node, frame->server.http);
    if (status != STATUS_OK) return frame_fail(frame, EXIT_FAILURE, "cannot start", status);
    status = http_server_start(frame->server.http);
    if (status == STATUS_OK) {
        set_domain(frame);
        if (network_advertise(&frame->server, &frame->options) != STATUS_OK)
            log_warning("server", "clients of other nodes cannot be told of this address");
        return 0;
    }
    return frame_fail(frame, status == STATUS_BUSY ? EXIT_ADDRESS_TAKEN : EXIT_FAILURE,
                      "the address cannot be listened on", status);
}

// Before the node starts.
static int open_demo(struct frame *frame) {
    if (!frame->options.demo || !frame->market->demo) return 0;
    struct demo_wish wish = {.market = frame->market,
                             .after = frame->options.demo_after,
                             .is_among_others = frame->options.is_networked};
    enum status status = demo_open(&frame->demo, &frame->server, &wish);
    if (status == STATUS_OK) return 0;
    return frame_fail(frame, status == STATUS_CORRUPT ? EXIT_WRONG_DATA : EXIT_FAILURE,
                      status == STATUS_CORRUPT ? "an earlier start was cut off within its demo rows"
                                               : "the demo rows cannot be made",
                      status);
}

static int begin_demo(struct frame *frame) {
    enum status status = demo_begin(frame->demo);
    if (status == STATUS_OK) return 0;
    return frame_fail(frame, EXIT_FAILURE, "the demo rows cannot be made", status);
}

// Are the rows as new as the chain? Or is a database that is away all that is missing?
static bool is_up(struct frame *frame) {
    struct node_head head;
    struct index *index = frame->server.index;
    node_head(frame->server.node, &head);
    return index_height(index) >= head.header.height || !index_is_healthy(index);
}

static enum status tell_ready(struct frame *frame) {
    bool is_whole = index_is_healthy(frame->server.index);
    enum status status = ready_write(&frame->server, &frame->options);
    if (status == STATUS_OK)
        log_info("server", is_whole ? "ready" : "ready, but for the index",
                 log_text("market", frame->market->name),
                 log_number("port", http_server_port(frame->server.http)));
    else
        frame_fail(frame, EXIT_FAILURE, "ready.json cannot be written", status);
    return status;
}

// What changes while a server runs: its certificate. Serving goes on, whatever comes of it.
static int reload(struct frame *frame) {
    enum status status = http_server_reload(frame->server.http);
    log_info("server", "read again", log_text("status", status_name(status)));
    return 0;
}

// Until a signal to stop, or an index that cannot go on; waits in steps, as there is more to look
// at.
static void serve(struct frame *frame) {
    static const struct timespec short_step = {.tv_nsec = 20 * 1000 * 1000}, step = {.tv_sec = 1};
    bool is_told = false;
    int signal = -1;
    while (signal <= 0) {
        enum status status = index_failure(frame->server.index);
        if (status != STATUS_OK) {
            frame_fail_index(frame, status);
            break;
        }
        bool has_demo = demo_is_over(frame->demo, &status);
        if (status != STATUS_OK) {
            frame_fail(frame, EXIT_FAILURE, "no demo rows", status);
            break;
        }
        if (!is_told && has_demo && is_up(frame)) {
            if (tell_ready(frame) != STATUS_OK) return;
            is_told = true;
        }
        api_keys_settle(frame->server.api_keys);
        answers_settle(frame->server.answers);
        signing_settle(&frame->server);
        signal = sigtimedwait(&frame->signals, NULL, is_told ? &step : &short_step);
        if (signal == SIGHUP) signal = reload(frame);
    }
    if (signal > 0) log_info("server", "stopping", log_number("signal", signal));
    if (is_told) ready_remove(&frame->server);
}

static void close_all(struct frame *frame) {
    struct server *server = &frame->server;
    if (server->http) http_server_stop(server->http, GRACE_MS);
    if (server->node) node_stop(server->node); // wakes who waits for a block
    demo_end(frame->demo);
    finality_close(frame->finality);
    if (server->index) index_stop(server->index);
    http_server_close(server->http);
    hooks_close(server->hooks);
    http_assets_close(frame->assets);
    buf_clear(&server->openapi);
    if (server->market) frame->market->close(server);
    index_close(server->index);
    chain_rows_clear(&frame->projection);
    db_pool_close(server->searchers);
    db_pool_close(server->readers);
    answers_close(server->answers);
    api_keys_close(server->api_keys);
    firm_close(server);
    spending_close(server->spending);
    sponsor_close(server->sponsor);
    signer_set_close(server->signers);
    node_close(server->node);
    secret_clear(&server->devnet, sizeof server->devnet);
    secret_clear(&frame->keys, sizeof frame->keys);
}

// The chain, who sends to it, and the market: what rows are made of.
static int open_sources(struct frame *frame) {
    struct server *server = &frame->server;
    if (crypto_init() != STATUS_OK) return EXIT_FAILURE;
    enum status status = file_make_directories(frame->options.data, 0700);
    if (status != STATUS_OK || !realpath(frame->options.data, server->data_dir))
        return frame_fail(frame, EXIT_FAILURE, "the data folder cannot be made", STATUS_IO);
    int failed = open_node(frame);
    if (failed) return failed;
    failed = frame_open_signers(frame);
    if (failed) return failed;
    status = frame->market->open(server);
    if (status == STATUS_OK) return 0;
    return frame_fail(frame, EXIT_FAILURE, "the market cannot be opened", status);
}

static int open_all(struct frame *frame) {
    struct server *server = &frame->server;
    int failed = open_sources(frame);
    if (!failed) failed = frame_open_index(frame);
    if (failed) return failed;
    // Ids of live events grow over restarts. Where the index is not there yet the chain tells.
    struct node_head head;
    node_head(server->node, &head);
    uint64_t told =
        index_is_healthy(server->index) ? index_height(server->index) : head.header.height;
    frame->next_event_id = live_before(told + 1) - 1;
    failed = frame_open_api_keys(frame);
    if (!failed) failed = frame_open_spending(frame);
    if (!failed) failed = frame_open_firm(frame);
    if (!failed) failed = frame_open_answers(frame);
    if (!failed) failed = frame_open_sponsor(frame);
    if (!failed) failed = frame_open_hooks(frame);
    return failed ? failed : open_http(frame);
}

// Before there are threads, and before anything asks for the time.
static int share_clock(struct frame *frame) {
    if (!*frame->options.clock) return 0;
    enum status status = clock_wall_share(frame->options.clock);
    if (status == STATUS_OK) return 0;
    return frame_fail(frame, EXIT_CONFIGURATION, "the shared clock cannot be used", status);
}

static int run(struct frame *frame) {
    int failed = share_clock(frame);
    frame->server.started_ms = clock_wall_ms();
    if (!failed) failed = open_all(frame);
    if (!failed) failed = open_demo(frame);
    if (!failed) failed = start(frame);
    if (!failed) failed = begin_demo(frame);
    if (!failed) serve(frame);
    return failed;
}

// For nodes beside the servers, which know no market.
static int write_genesis(struct frame *frame) {
    struct genesis_folder genesis;
    if (crypto_init() != STATUS_OK) return EXIT_FAILURE;
    enum status status = make_devnet(frame, &genesis);
    if (status == STATUS_OK) status = genesis_folder_write(&genesis, frame->options.write_genesis);
    genesis_folder_clear(&genesis);
    if (status == STATUS_OK) return 0;
    return frame_fail(frame, EXIT_FAILURE, "the genesis cannot be written", status);
}

// Nothing is at stake that a signal could not end at once.
static int verify(struct frame *frame) {
    pthread_sigmask(SIG_UNBLOCK, &frame->signals, NULL);
    int failed = open_sources(frame);
    if (failed) return failed;
    const struct index_config config = frame_set_up_index(frame);
    return server_verify_index(&config);
}

// Each connection and each file of the chain takes one; what a shell allows may be few.
static void raise_file_limit(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) log_warning("server", "the limit of files stays");
}

// What a thread frees it soon needs again. Given back to the system, each query would cost a fresh
// set of pages, and all other threads their cached addresses.
static void keep_freed_memory(void) {
#ifdef __GLIBC__
    enum { LARGE = 1 << 20, KEPT = 4 << 20 };
    bool is_set = mallopt(M_MMAP_THRESHOLD, LARGE) && mallopt(M_TRIM_THRESHOLD, KEPT);
    if (!is_set) log_warning("server", "freed memory is not kept");
#endif
}

int server_main(const struct server_market *market, int count, char **arguments) {
    static struct frame frame;
    int exit_status;
    frame.market = market;
    frame.server.market_name = market->name;
    char **flags = count > 0 ? arguments + 1 : arguments;
    if (!server_options_take(&frame.options, flags, &exit_status)) return exit_status;
    log_set_level(frame.options.log_level);
    sigemptyset(&frame.signals);
    sigaddset(&frame.signals, SIGTERM);
    sigaddset(&frame.signals, SIGINT);
    sigaddset(&frame.signals, SIGHUP);
    // Before any thread: all of them inherit the mask, and only serve() takes the signals.
    pthread_sigmask(SIG_BLOCK, &frame.signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    keep_freed_memory();
    int failed = *frame.options.write_genesis      ? write_genesis(&frame)
                 : frame.options.must_verify_index ? verify(&frame)
                                                   : run(&frame);
    close_all(&frame);
    return failed > 0 ? failed : frame.exit_status;
}
