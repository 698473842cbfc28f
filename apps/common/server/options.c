// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/server/devnet.h"
#include "apps/common/server/keys.h"
#include "apps/common/server/options_table.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"

enum { SPONSORED_TRANSACTIONS_MAX = 1000 };

const struct config_option server_option_table[SERVER_OPTIONS] = {
    [OPTION_CONFIG] = {"config", "FILE", NULL, "a file with lines of the form key = value",
                       CONFIG_NOT_IN_FILE, false},
    [OPTION_DATA] = {"data", "DIR", NULL, "where chain, keys and the embedded index live",
                     CONFIG_EVERYWHERE, false},
    [OPTION_LISTEN] = {"listen", "ADDRESS:PORT", "127.0.0.1:8701",
                       "where to answer HTTP; port 0 is any free one", CONFIG_EVERYWHERE, false},
    [OPTION_PUBLIC_URL] = {"public-url", "URL", NULL,
                           "where people find this server; else http://ADDRESS:PORT",
                           CONFIG_EVERYWHERE, false},
    [OPTION_PRICE_PER_MIB] = {"price-per-mib", "AMOUNT", "0",
                              "LMM for a MiB of answers, which other nodes' clients are told",
                              CONFIG_EVERYWHERE, false},
    [OPTION_INDEX] = {"index", "URL", NULL,
                      "the index, postgresql://… or sqlite:PATH; else sqlite:DATA/index.db",
                      CONFIG_EVERYWHERE, true},
    [OPTION_TLS_CERTIFICATE] = {"tls-certificate", "FILE", NULL,
                                "the server's certificate and its chain in PEM: HTTPS alone",
                                CONFIG_EVERYWHERE, false},
    [OPTION_TLS_KEY] = {"tls-key", "FILE", NULL, "its key in PEM, not for everybody to read",
                        CONFIG_EVERYWHERE, false},
    [OPTION_WEB] = {"web", "DIR", NULL, "the built pages; else there are none", CONFIG_EVERYWHERE,
                    false},
    [OPTION_DEVNET] = {"devnet", NULL, NULL, "open or make the devnet, with keys that all know",
                       CONFIG_EVERYWHERE, false},
    [OPTION_BLOCK_TIME] =
        {"block-time", "MS", NULL,
         "of a devnet, from 1 to 60000; one that is made stays with its own (500)",
         CONFIG_EVERYWHERE, false},
    [OPTION_DEMO] = {"demo", NULL, NULL,
                     "at a devnet's first start: something to look at, by its accounts",
                     CONFIG_EVERYWHERE, false},
    [OPTION_DEMO_AFTER] = {"demo-after", "FILE", NULL,
                           "that waits until the file is there: a server's before it on one chain",
                           CONFIG_EVERYWHERE, false},
    [OPTION_CLOCK] = {"clock", "FILE", NULL,
                      "of a devnet among other nodes: how far all their clocks are ahead",
                      CONFIG_EVERYWHERE, false},
    [OPTION_GENESIS] = {"genesis", "DIR", NULL, "another chain's genesis, in place of the devnet's",
                        CONFIG_EVERYWHERE, false},
    [OPTION_KEYS] = {"keys", "FILE", NULL, "the keys for that chain, a file of its owner's alone",
                     CONFIG_EVERYWHERE, false},
    [OPTION_KEYS_PASSPHRASE] = {"keys-passphrase", "FILE", NULL,
                                "its first line unseals the keys; likewise, or a pipe",
                                CONFIG_EVERYWHERE, false},
    [OPTION_KEYS_IN_CLEAR] = {"keys-in-clear", NULL, NULL,
                              "UNSAFE, for tests: take keys that nothing seals", CONFIG_EVERYWHERE,
                              false},
    [OPTION_PEER_LISTEN] = {"peer-listen", "ADDRESS:PORT", NULL,
                            "where other nodes of the chain find this one; else nowhere",
                            CONFIG_EVERYWHERE, false},
    [OPTION_PEER_ANNOUNCE] =
        {"peer-announce", "ADDRESS:PORT", NULL,
         "where a witness tells other nodes to find it, if not where it listens", CONFIG_EVERYWHERE,
         false},
    [OPTION_PEERS] = {"peers", "LIST", NULL,
                      "other nodes, [KEY@]ADDRESS:PORT each: blocks are agreed on with them",
                      CONFIG_EVERYWHERE, false},
    [OPTION_VOTES] = {"votes", "DIR", NULL,
                      "what the keys of blocks have signed, in no backup; else DATA/votes",
                      CONFIG_EVERYWHERE, false},
    [OPTION_FIRST_START] =
        {"first-start", NULL, NULL,
         "the keys of blocks have never signed on this chain: a devnet's haven't",
         CONFIG_EVERYWHERE, false},
    [OPTION_ACCEPT_NEW_KEYS] =
        {"accept-new-keys", NULL, NULL,
         "though --votes is of other keys of blocks: these sign first in a later epoch",
         CONFIG_EVERYWHERE, false},
    [OPTION_SENTRY_FOR] = {"sentry-for", "LIST", NULL,
                           "nodes that it passes on for, by the keys that their logs tell",
                           CONFIG_EVERYWHERE, false},
    [OPTION_HIDDEN] = {"hidden", NULL, NULL,
                       "calls those of --peers alone, its sentries, and is called by nobody",
                       CONFIG_EVERYWHERE, false},
    [OPTION_TRUST] = {"trust", "HEIGHT:ID", NULL,
                      "a final header that a new node joins on, instead of genesis",
                      CONFIG_EVERYWHERE, false},
    [OPTION_ALLOW_OLD_SNAPSHOT] =
        {"allow-old-snapshot", NULL, NULL,
         "joins though genesis, or the header of --trust, is older than a week", CONFIG_EVERYWHERE,
         false},
    [OPTION_SNAPSHOTS] = {"snapshots", "NUMBER", "2",
                          "of the state, kept for nodes that join, 0 to 8", CONFIG_EVERYWHERE,
                          false},
    [OPTION_WITNESSES] = {"witnesses", "NUMBER", NULL,
                          "of a devnet, from 4 to 101; one that is made stays with its own (4)",
                          CONFIG_EVERYWHERE, false},
    [OPTION_WITNESS_KEYS] = {"witness-keys", "LIST", NULL,
                             "of a devnet's witnesses, those that this server is: 1,3, or none",
                             CONFIG_EVERYWHERE, false},
    [OPTION_LOG_LEVEL] = {"log-level", "LEVEL", "info",
                          "which lines are logged: debug, info, warning or error",
                          CONFIG_EVERYWHERE, false},
    [OPTION_CONNECTIONS] = {"connections", "NUMBER", "1024", "connections at a time",
                            CONFIG_EVERYWHERE, false},
    [OPTION_CONNECTIONS_PER_ADDRESS] = {"connections-per-address", "NUMBER", NULL,
                                        "of these by one address; else 64, or all behind proxies",
                                        CONFIG_EVERYWHERE, false},
    [OPTION_SUBSCRIBERS] = {"subscribers", "NUMBER", "256", "clients of live streams at a time",
                            CONFIG_EVERYWHERE, false},
    [OPTION_LIMIT_ADDRESS] = {"limit-address", "RATE", NULL,
                              "requests of a client without a key, PER-MINUTE/AT-ONCE, or off",
                              CONFIG_EVERYWHERE, false},
    [OPTION_LIMIT_KEY] = {"limit-key", "RATE", NULL,
                          "requests of an API key, PER-MINUTE/AT-ONCE, or off", CONFIG_EVERYWHERE,
                          false},
    [OPTION_LIMIT_WRONG_KEYS] = {"limit-wrong-keys", "RATE", "12/10",
                                 "wrong API keys of a client, PER-MINUTE/AT-ONCE",
                                 CONFIG_EVERYWHERE, false},
    [OPTION_TRUSTED_PROXIES] = {"trusted-proxies", "LIST", NULL,
                                "addresses and networks whose word on their client is taken",
                                CONFIG_EVERYWHERE, false},
    [OPTION_FORWARDED_HEADER] = {"forwarded-header", "NAME", "x-forwarded-for",
                                 "how they tell it: x-forwarded-for, or forwarded",
                                 CONFIG_EVERYWHERE, false},
    [OPTION_CORS_ORIGINS] = {"cors-origins", "LIST", NULL,
                             "origins whose pages may read the answers, or *: all of them",
                             CONFIG_EVERYWHERE, false},
    [OPTION_SPONSOR] = {"sponsor", "AMOUNT", NULL,
                        "LMM a day for first transactions of others, or off", CONFIG_EVERYWHERE,
                        false},
    [OPTION_SPONSOR_ACCOUNT] = {"sponsor-account", "NAME", server_account_name,
                                "who pays: one of the accounts that this server signs with",
                                CONFIG_EVERYWHERE, false},
    [OPTION_SPONSOR_CLIENT] = {"sponsor-client", "AMOUNT", "2",
                               "LMM a day of that for one client, by its address",
                               CONFIG_EVERYWHERE, false},
    [OPTION_SPONSOR_TRANSACTIONS] = {"sponsor-transactions", "NUMBER", "10",
                                     "an account's first transactions that may be paid for",
                                     CONFIG_EVERYWHERE, false},
    [OPTION_WEBHOOK_HTTP] = {"webhook-http", NULL, NULL,
                             "webhooks may go to http:// too: for tests, or one's own network",
                             CONFIG_EVERYWHERE, false},
    [OPTION_WEBHOOK_PRIVATE_TARGETS] =
        {"webhook-private-targets", NULL, NULL,
         "webhooks may go to addresses that are not public: likewise", CONFIG_EVERYWHERE, false},
    [OPTION_REBUILD_INDEX] = {"rebuild-index", NULL, NULL,
                              "make the index's rows again, beside those that answer meanwhile",
                              CONFIG_FLAG_ALONE, false},
    [OPTION_VERIFY_INDEX] = {"verify-index", NULL, NULL,
                             "compare the index's rows with the chain, and end", CONFIG_FLAG_ALONE,
                             false},
    [OPTION_WRITE_GENESIS] = {"write-genesis", "DIR", NULL,
                              "write the devnet's genesis there, for `lmm node`, and end",
                              CONFIG_FLAG_ALONE, false},
    [OPTION_CHECK_CONFIG] = {"check-config", NULL, NULL,
                             "say what is wrong with all of this, and end", CONFIG_FLAG_ALONE,
                             false},
    [OPTION_PRINT_CONFIG] = {"print-config", NULL, NULL,
                             "print each value and where it comes from, and end", CONFIG_FLAG_ALONE,
                             false},
    [OPTION_HELP] = {"help", NULL, NULL, "print this, and end", CONFIG_FLAG_ALONE, false},
};

static bool is_address(const char *text) {
    struct in6_addr out;
    return inet_pton(AF_INET, text, &out) == 1 || inet_pton(AF_INET6, text, &out) == 1;
}

// 127.0.0.1:80, [::1]:80, and ::1:80.
static bool split_listen(struct server_options *out, const char *text) {
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text) return false;
    bool has_brackets = text[0] == '[' && colon[-1] == ']' && colon - text > 2;
    size_t len = (size_t)(colon - text) - (has_brackets ? 2 : 0);
    size_t digits = strspn(colon + 1, "0123456789");
    if (len >= sizeof out->address || digits == 0 || digits > 5 || colon[1 + digits]) return false;
    memcpy(out->address, text + (has_brackets ? 1 : 0), len);
    out->address[len] = '\0';
    unsigned long port = strtoul(colon + 1, NULL, 10);
    out->port = (uint16_t)port;
    return port <= UINT16_MAX && is_address(out->address);
}

static void take_listen(struct server_options *out, struct config *config) {
    const char *text = config_text(config, OPTION_LISTEN);
    if (text && !split_listen(out, text))
        config_fault(config, OPTION_LISTEN, "takes ADDRESS:PORT, not %s", text);
}

// Without the option, what systemd hands over (LoadCredential) under its name.
static void take_passphrase(struct server_options *out, struct config *config) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[sizeof out->keys_passphrase];
    config_copy(config, OPTION_KEYS_PASSPHRASE, out->keys_passphrase, sizeof out->keys_passphrase);
    if (*out->keys_passphrase || !folder || out->devnet) return;
    int len = snprintf(path, sizeof path, "%s/keys-passphrase", folder);
    if (len < 0 || (size_t)len >= sizeof path || !file_exists(path)) return;
    memcpy(out->keys_passphrase, path, sizeof path);
    config_default(config, OPTION_KEYS_PASSPHRASE, out->keys_passphrase);
}

static void take_block_time(struct server_options *out, struct config *config) {
    out->block_time_ms = DEVNET_BLOCK_INTERVAL_MS;
    if (!config_text(config, OPTION_BLOCK_TIME)) return;
    out->block_time_ms =
        (uint32_t)config_number(config, OPTION_BLOCK_TIME, 1, DEVNET_LONGEST_BLOCK_INTERVAL_MS);
    if (!out->devnet)
        config_fault(config, OPTION_BLOCK_TIME,
                     "is a devnet's; another chain's genesis tells its own");
}

// Allowed where there is something to allow: a flag that changes nothing is a mistake.
static void take_keys_in_clear(struct server_options *out, struct config *config) {
    out->keys_in_clear = config_switch(config, OPTION_KEYS_IN_CLEAR);
    if (!out->keys_in_clear) return;
    if (out->devnet)
        config_fault(config, OPTION_KEYS_IN_CLEAR, "the devnet's keys are everybody's");
    else if (*out->keys_passphrase)
        config_fault(config, OPTION_KEYS_IN_CLEAR,
                     "is for keys that are not sealed, but there is a passphrase");
}

static void take_chain(struct server_options *out, struct config *config) {
    static const size_t others[] = {OPTION_GENESIS, OPTION_KEYS};
    out->devnet = config_switch(config, OPTION_DEVNET);
    take_block_time(out, config);
    out->demo = config_switch(config, OPTION_DEMO);
    if (out->demo && !out->devnet) config_fault(config, OPTION_DEMO, "is a devnet's");
    config_copy(config, OPTION_DEMO_AFTER, out->demo_after, sizeof out->demo_after);
    if (*out->demo_after && !out->demo)
        config_fault(config, OPTION_DEMO_AFTER, "says nothing without --demo");
    config_copy(config, OPTION_CLOCK, out->clock, sizeof out->clock);
    if (*out->clock && !out->devnet) config_fault(config, OPTION_CLOCK, "is a devnet's");
    config_copy(config, OPTION_WRITE_GENESIS, out->write_genesis, sizeof out->write_genesis);
    if (*out->write_genesis && !out->devnet)
        config_fault(config, OPTION_WRITE_GENESIS, "is a devnet's");
    config_copy(config, OPTION_GENESIS, out->genesis, sizeof out->genesis);
    config_copy(config, OPTION_KEYS, out->keys, sizeof out->keys);
    take_passphrase(out, config);
    take_keys_in_clear(out, config);
    if (out->devnet && *out->keys_passphrase)
        config_fault(config, OPTION_KEYS_PASSPHRASE, "the devnet's keys are everybody's");
    for (size_t i = 0; i < 2; i++) {
        bool is_set = config_text(config, others[i]) != NULL;
        if (out->devnet && is_set)
            config_fault(config, others[i], "the devnet brings its own genesis and keys");
        if (!out->devnet && !is_set)
            config_fault(config, others[i], "is needed, or --devnet in place of genesis and keys");
    }
}

static void take_data(struct server_options *out, struct config *config) {
    char index[sizeof out->index];
    if (!config_text(config, OPTION_DATA)) config_fault(config, OPTION_DATA, "DIR is needed");
    // Names of files in it must fit as well.
    config_copy(config, OPTION_DATA, out->data, sizeof out->data - 64);
    config_copy(config, OPTION_INDEX, out->index, sizeof out->index);
    if (*out->index || !*out->data) return;
    snprintf(index, sizeof index, "sqlite:%s/index.db", out->data);
    memcpy(out->index, index, sizeof index);
    config_default(config, OPTION_INDEX, out->index);
}

static void take_log_level(struct server_options *out, struct config *config) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    const char *text = config_text(config, OPTION_LOG_LEVEL);
    for (size_t i = 0; text && i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        out->log_level = (enum log_level)i;
        return;
    }
    if (text)
        config_fault(config, OPTION_LOG_LEVEL, "is debug, info, warning or error, not %s", text);
}

static void take_amount(struct amount *out, struct config *config, size_t option) {
    const char *text = config_text(config, option);
    if (text && amount_parse(out, text) != STATUS_OK)
        config_fault(config, option, "takes an amount of LMM, as 2.5, not %s", text);
}

// A devnet's money is play money.
static void take_sponsor(struct server_options *out, struct config *config) {
    config_default(config, OPTION_SPONSOR, out->devnet ? "100" : "off");
    const char *text = config_text(config, OPTION_SPONSOR);
    if (text && strcmp(text, "off") != 0) take_amount(&out->sponsor.a_day, config, OPTION_SPONSOR);
    take_amount(&out->sponsor.a_client, config, OPTION_SPONSOR_CLIENT);
    config_copy(config, OPTION_SPONSOR_ACCOUNT, out->sponsor_account, sizeof out->sponsor_account);
    out->sponsor.transactions =
        config_number(config, OPTION_SPONSOR_TRANSACTIONS, 1, SPONSORED_TRANSACTIONS_MAX);
}

void server_options_read(struct server_options *out, struct config *config,
                         char *const *arguments) {
    *out = (struct server_options){.log_level = LOG_INFO};
    config_read(config, server_option_table, SERVER_OPTIONS, arguments);
    take_data(out, config);
    take_listen(out, config);
    take_chain(out, config);
    options_take_network(out, config);
    take_log_level(out, config);
    options_take_http(out, config);
    take_sponsor(out, config);
    config_copy(config, OPTION_WEB, out->web, sizeof out->web);
    out->hooks_http = config_switch(config, OPTION_WEBHOOK_HTTP);
    out->hooks_private = config_switch(config, OPTION_WEBHOOK_PRIVATE_TARGETS);
    out->rebuild_index = config_switch(config, OPTION_REBUILD_INDEX);
    out->must_verify_index = config_switch(config, OPTION_VERIFY_INDEX);
    out->must_check = config_switch(config, OPTION_CHECK_CONFIG);
    out->must_print = config_switch(config, OPTION_PRINT_CONFIG);
    out->must_help = config_switch(config, OPTION_HELP);
}

static void put(FILE *file, struct buf *text) { fputs(buf_as_string(text), file); }

bool server_options_take(struct server_options *out, char *const *arguments, int *exit_status) {
    struct config config;
    struct buf shown = {0};
    server_options_read(out, &config, arguments);
    bool must_end = out->must_check || out->must_print || out->must_help;
    if (out->must_help) config_help(&config, &shown);
    if (out->must_print) config_print(&config, &shown);
    if (out->must_check && config.faults.len == 0) server_options_check(out, &config);
    if (out->must_check && config.faults.len == 0)
        buf_append_string(&shown, "# The configuration is good.\n");
    bool is_good = config.faults.len == 0 || (out->must_help && !out->must_check);
    put(stdout, &shown);
    if (!is_good) put(stderr, &config.faults);
    *exit_status = is_good ? 0 : EXIT_CONFIGURATION;
    buf_clear(&shown);
    config_clear(&config);
    return is_good && !must_end;
}
