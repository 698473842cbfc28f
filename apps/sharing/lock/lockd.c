// SPDX-License-Identifier: Apache-2.0
// lockd: a simulated lock in a process of its own, with its own key, counter, clock and flash; a
// WebSocket on loopback is its radio.
#include <config.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/sharing/lock/lockd_flash.h"
#include "apps/sharing/lock/lockd_serve.h"
#include "chaincore/base/arena.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/chain/genesis.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char USAGE[] =
    "usage: lockd --flash FILE [--listen 127.0.0.1:PORT] [--origin URL]... [--rtc]\n"
    "       lockd --flash FILE --set-up --genesis FILE --owner PUBLIC_KEY [--seed-file FILE]\n"
    "A lock of the sharing market, simulated: docs/lock.md.\n"
    "  --flash FILE       what it keeps\n"
    "  --listen ADDRESS   where its radio is; port 0: any (default 127.0.0.1:0)\n"
    "  --origin URL       pages from there may talk to it\n"
    "  --rtc              its clock goes on without power: that of this machine\n"
    "  --set-up           make the flash of a new lock, print its key, and end\n"
    "  --genesis FILE     the chain it is to believe, as a node keeps it\n"
    "  --owner KEY        64 hexadecimal digits: whose word it takes\n"
    "  --seed-file FILE   its key's seed, 64 hexadecimal digits; else it draws one\n";

struct wishes {
    const char *flash, *genesis, *owner, *seed_file;
    uint16_t port;
    bool sets_up, has_rtc;
    struct lockd_site site;
};

static int complain(int exit_status, const char *what, const char *why) {
    fprintf(stderr, "lockd: %s%s%s\n", what, why ? ": " : "", why ? why : "");
    return exit_status;
}

static bool read_port(uint16_t *out, const char *text) {
    static const char HOST[] = "127.0.0.1:";
    char *end;
    if (strncmp(text, HOST, strlen(HOST)) != 0) return false;
    const char *digits = text + strlen(HOST);
    unsigned long port = strtoul(digits, &end, 10);
    if (*digits < '0' || *digits > '9' || *end != '\0' || port > UINT16_MAX) return false;
    *out = (uint16_t)port;
    return true;
}

// An exit status, or -1 to go on.
static int read_options(struct wishes *out, int count, char **arguments) {
    static const struct option options[] = {
        {"flash", required_argument, NULL, 'f'},  {"listen", required_argument, NULL, 'l'},
        {"origin", required_argument, NULL, 'o'}, {"rtc", no_argument, NULL, 'r'},
        {"set-up", no_argument, NULL, 's'},       {"genesis", required_argument, NULL, 'g'},
        {"owner", required_argument, NULL, 'w'},  {"seed-file", required_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},         {0}};
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option == 'f') out->flash = optarg;
        if (option == 'g') out->genesis = optarg;
        if (option == 'w') out->owner = optarg;
        if (option == 'k') out->seed_file = optarg;
        if (option == 's') out->sets_up = true;
        if (option == 'r') out->has_rtc = true;
        if (option == 'l' && !read_port(&out->port, optarg))
            return complain(EXIT_USAGE, optarg, "it listens on 127.0.0.1 and a port");
        if (option == 'o') {
            if (out->site.origin_count == LIMIT_LOCKD_ORIGINS)
                return complain(EXIT_USAGE, "too many origins", NULL);
            out->site.origins[out->site.origin_count++] = optarg;
        }
        if (option == 'h') return fputs(USAGE, stdout), EXIT_DONE;
        if (option == '?') return EXIT_USAGE;
    }
    bool is_whole = out->flash && optind == count &&
                    (out->sets_up ? out->genesis && out->owner : !out->genesis && !out->owner);
    return is_whole ? -1 : (fputs(USAGE, stderr), EXIT_USAGE);
}

// ---- a new lock

static bool read_seed(uint8_t out[32], const char *path) {
    struct buf text = {0};
    if (!path) {
        random_bytes(out, 32);
        return true;
    }
    enum status status = file_read(&text, path, 80);
    if (status == STATUS_OK) {
        while (text.len > 0 && text.data[text.len - 1] == '\n') text.len--;
        status = hex_decode(out, 32, buf_as_string(&text));
        secret_clear(text.data, text.len);
    }
    buf_clear(&text);
    return status == STATUS_OK;
}

static enum status read_genesis(const char *path, struct buf *head, struct hash *chain_id) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct genesis genesis;
    enum status status = file_read(&encoded, path, GENESIS_MAX_BYTES);
    if (status == STATUS_OK) status = genesis_decode(&genesis, &arena, buf_bytes(&encoded));
    if (status == STATUS_OK) {
        genesis_head_encode(head, &genesis);
        genesis_chain_id(chain_id, &genesis);
    }
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

static void draw(void *context, void *out, size_t len) {
    (void)context;
    random_bytes(out, len);
}

static int set_up(const struct wishes *wishes, struct lock *lock, struct lockd_flash *flash) {
    struct lock_port port = {.context = flash, .write = lockd_flash_write, .draw = draw};
    struct lock_setup setup = {.now_ms = clock_wall_ms()};
    struct buf head = {0};
    char key[65];
    if (!read_seed(setup.seed, wishes->seed_file))
        return complain(EXIT_USAGE, wishes->seed_file, "no 64 hexadecimal digits");
    if (hex_decode(setup.owner_key.bytes, 32, wishes->owner) != STATUS_OK)
        return complain(EXIT_USAGE, wishes->owner, "no public key of 64 hexadecimal digits");
    enum status status = read_genesis(wishes->genesis, &head, &setup.chain_id);
    if (status != STATUS_OK) {
        buf_clear(&head);
        return complain(EXIT_USAGE, wishes->genesis, status_text(status));
    }
    account_id_of_system_contract(&setup.contract, "sharing");
    setup.genesis_head = buf_bytes(&head);
    status = lockd_flash_create(flash, wishes->flash);
    if (status == STATUS_OK) {
        status = lock_set_up(lock, &port, &setup, clock_monotonic_ms());
        if (status != STATUS_OK) (void)unlink(wishes->flash);
        lockd_flash_close(flash);
    }
    buf_clear(&head);
    secret_clear(&setup, sizeof setup);
    if (status != STATUS_OK) return complain(EXIT_FAILED, wishes->flash, status_text(status));
    hex_encode(key, BYTES_OF(lock->key.bytes));
    printf("%s\n", key);
    return EXIT_DONE;
}

// ---- the lock at work

static int work(struct wishes *wishes, struct lock *lock, struct lockd_flash *flash) {
    struct lock_port port = {.context = flash, .write = lockd_flash_write, .draw = draw};
    struct lock_power power = {
        .uptime_ms = clock_monotonic_ms(), .has_rtc = wishes->has_rtc, .rtc_ms = clock_wall_ms()};
    char key[65];
    int listener = -1;
    enum status status = lockd_flash_open(flash, wishes->flash);
    if (status != STATUS_OK) return complain(EXIT_FAILED, wishes->flash, status_text(status));
    status = lock_power_on(lock, &port, flash->slots, &power);
    secret_clear(flash->content, sizeof flash->content);
    if (status != STATUS_OK) {
        lockd_flash_close(flash);
        return complain(EXIT_FAILED, wishes->flash, status_text(status));
    }
    status = lockd_listen(&listener, &wishes->port);
    if (status == STATUS_OK) {
        wishes->site.key = lock->key;
        wishes->site.port = wishes->port;
        hex_encode(key, BYTES_OF(lock->key.bytes));
        printf("lock %s at ws://127.0.0.1:%u/lock\n", key, wishes->port);
        fflush(stdout);
        status = lockd_serve(lock, &wishes->site, listener);
        close(listener);
    }
    lockd_flash_close(flash);
    return status == STATUS_OK ? EXIT_DONE
                               : complain(EXIT_FAILED, "the radio", status_text(status));
}

int main(int count, char **arguments) {
    static struct wishes wishes;
    static struct lock lock;
    static struct lockd_flash flash;
    sigset_t ends;
    int result = read_options(&wishes, count, arguments);
    if (result >= 0) return result;
    if (crypto_init() != STATUS_OK) return EXIT_FAILED;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    result = wishes.sets_up ? set_up(&wishes, &lock, &flash) : work(&wishes, &lock, &flash);
    secret_clear(&lock.state.secret, sizeof lock.state.secret);
    return result;
}
