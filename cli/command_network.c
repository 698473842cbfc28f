// SPDX-License-Identifier: Apache-2.0
// Who makes the blocks, epoch by epoch, and the nodes around a server.
#include <stdio.h>
#include <string.h>

#include "cli/admin.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "?";
}
static long long number_of(const json_t *object, const char *name) {
    return json_integer_value(json_object_get(object, name));
}
static bool is_null(const json_t *object, const char *name) {
    return json_is_null(json_object_get(object, name));
}

// Asks, and prints the answer for programs or by `print` for people.
static int show(const struct options *options, const char *path,
                void (*print)(const json_t *answer)) {
    json_t *devnet = devnet_load(options);
    const char *url = devnet_url(options, devnet);
    json_t *answer = url ? client_ask_json(url, path, NULL) : NULL;
    int result = url ? EXIT_FAILED : EXIT_USAGE;
    if (answer && options->json) {
        result = output_json(json_incref(answer));
    } else if (answer) {
        print(answer);
        result = EXIT_DONE;
    }
    json_decref(answer);
    json_decref(devnet);
    return result;
}

// --- witnesses ---

// How many turns of others come before its own; -1: this node does not know.
static long long turns_until(const json_t *answer, long long index) {
    size_t at;
    json_t *leader;
    json_array_foreach(json_object_get(answer, "leads"), at, leader) {
        if (json_integer_value(leader) == index) return (long long)at;
    }
    return -1;
}

static void print_turn(long long turns) {
    if (turns == 0)
        printf(", leads next");
    else if (turns > 0)
        printf(", leads in %lld turns", turns);
}

static void print_standing(const json_t *witness) {
    const char *left = json_string_value(json_object_get(witness, "left"));
    if (left)
        printf(", stands no longer: %s", left);
    else if (json_is_true(json_object_get(witness, "is_absent")))
        printf(", would be put out for absence now");
    if (!is_null(witness, "punished_in"))
        printf(", punished in epoch %lld", number_of(witness, "punished_in"));
}

static void print_witness(const json_t *answer, const json_t *witness) {
    long long named = number_of(answer, "named"), silent = number_of(witness, "silent");
    printf("%3lld  %s", number_of(witness, "index"), text_of(witness, "account"));
    print_turn(turns_until(answer, number_of(witness, "index")));
    print_standing(witness);
    printf("\n     blocks %lld, of this epoch %lld and missed %lld; signed %lld of %lld",
           number_of(witness, "produced"), number_of(witness, "taken"),
           number_of(witness, "missed"), named - silent, named);
    if (is_null(witness, "votes"))
        printf("; no candidate\n");
    else
        printf("; %s LMM of votes, keeps %g %%\n", text_of(witness, "votes"),
               (double)number_of(witness, "commission") / 100);
}

static void print_witnesses(const json_t *answer) {
    size_t index;
    json_t *witness;
    const json_t *items = json_object_get(answer, "items");
    printf("epoch %lld: %zu witnesses, %lld sign each block\n", number_of(answer, "epoch"),
           json_array_size(items), number_of(answer, "quorum"));
    json_array_foreach(items, index, witness) print_witness(answer, witness);
}

int command_witnesses(const struct options *options) {
    return show(options, "/v1/witnesses", print_witnesses);
}

// --- epochs ---

static void print_epoch_line(const json_t *epoch) {
    printf("epoch %lld  %s  blocks %lld to %lld%s, %lld transactions, %lld witnesses",
           number_of(epoch, "epoch"), text_of(epoch, "began"), number_of(epoch, "first_height"),
           number_of(epoch, "last_height"),
           json_is_true(json_object_get(epoch, "is_over")) ? "" : " so far",
           number_of(epoch, "transaction_count"), number_of(epoch, "witnesses"));
    if (!is_null(epoch, "missed_views"))
        printf(", %lld views without a block", number_of(epoch, "missed_views"));
    if (number_of(epoch, "joined") + number_of(epoch, "left") > 0)
        printf(", %lld joined and %lld left", number_of(epoch, "joined"), number_of(epoch, "left"));
    printf("\n");
}

static void print_epochs(const json_t *answer) {
    size_t index;
    json_t *epoch;
    json_array_foreach(json_object_get(answer, "items"), index, epoch) print_epoch_line(epoch);
}

int command_epochs(const struct options *options) {
    return show(options, "/v1/epochs?perPage=20", print_epochs);
}

static void print_epoch(const json_t *epoch) {
    size_t index;
    json_t *item;
    print_epoch_line(epoch);
    json_array_foreach(json_object_get(epoch, "members"), index, item) {
        printf("%3lld  %s  keeps %g %%%s\n", number_of(item, "index"), text_of(item, "account"),
               (double)number_of(item, "commission") / 100,
               json_is_true(json_object_get(item, "is_new")) ? ", new" : "");
    }
    json_array_foreach(json_object_get(epoch, "gone"), index, item) {
        printf("left  %s\n", json_string_value(item));
    }
}

int command_epoch(const struct options *options) {
    char path[64];
    const char *text = options->operands[0];
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 19 || text[digits])
        return complain(EXIT_USAGE, "%s is no epoch's number", text);
    snprintf(path, sizeof path, "/v1/epochs/%s", text);
    return show(options, path, print_epoch);
}

// --- nodes ---

static void print_peer(const json_t *peer) {
    printf("%-3s  ", text_of(peer, "direction"));
    if (is_null(peer, "address"))
        printf("%s address", text_of(peer, "address_class"));
    else
        printf("%s  %s%s", text_of(peer, "address"), text_of(peer, "node"),
               json_is_true(json_object_get(peer, "is_trusted")) ? ", trusted" : "");
    printf(", height %lld, for %lld s", number_of(peer, "height"), number_of(peer, "connected_s"));
    if (!is_null(peer, "latency_us"))
        printf(", %.1f ms away", (double)number_of(peer, "latency_us") / 1000);
    if (number_of(peer, "penalty") > 0) printf(", penalty %lld", number_of(peer, "penalty"));
    printf("\n");
}

static void print_peers(const json_t *answer) {
    size_t index;
    json_t *peer;
    const json_t *items = json_object_get(answer, "items");
    if (!json_is_true(json_object_get(answer, "is_networked")))
        printf("this node makes blocks alone\n");
    else if (json_array_size(items) == 0)
        printf("no node is connected\n");
    json_array_foreach(items, index, peer) print_peer(peer);
}

int command_peers(const struct options *options) {
    struct admin admin;
    int result = EXIT_USAGE;
    json_t *answer = NULL;
    if (admin_begin_open(&admin, options)) {
        answer = admin_ask(&admin, "GET", "/v1/peers", NULL);
        result = EXIT_FAILED;
    }
    if (answer && options->json) {
        result = output_json(json_incref(answer));
    } else if (answer) {
        print_peers(answer);
        result = EXIT_DONE;
    }
    json_decref(answer);
    admin_end(&admin);
    return result;
}

static void print_nodes(const json_t *answer) {
    size_t index;
    json_t *node;
    const json_t *items = json_object_get(answer, "items");
    if (json_array_size(items) == 0) printf("no server says where it is to be found\n");
    json_array_foreach(items, index, node) {
        printf("%s  %s LMM a MiB, height %lld%s\n", text_of(node, "url"),
               text_of(node, "price_per_mib"), number_of(node, "height"),
               json_is_true(json_object_get(node, "is_self")) ? ", this one" : "");
    }
}

int command_nodes(const struct options *options) { return show(options, "/v1/nodes", print_nodes); }
