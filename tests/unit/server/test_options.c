// SPDX-License-Identifier: Apache-2.0
// A server's options: what they mean, and what a check finds without starting anything.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/server/keys.h"
#include "apps/common/server/options.h"
#include "chaincore/chaincore.h"
#include "chaincore/crypto/keystore.h"
#include "tests/support/certificate.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

static struct config config;
static struct server_options options;
static char folder[32], data[48];

static void set_up(void) {
    static const char template[] = "/tmp/lmm-options-XXXXXX";
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(data, sizeof data, "%s/data", folder);
    config = (struct config){0};
    log_set_level(LOG_ERROR + 1);
}

static void tear_down(void) {
    config_clear(&config);
    assert_ok(file_remove_tree(folder));
}

#define read_flags(...) read_list((char *[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
static void read_list(char *const *flags) {
    config_clear(&config);
    server_options_read(&options, &config, flags);
}

static const char *faults(void) { return buf_as_string(&config.faults); }

#define assert_says(text) \
    ck_assert_msg(strstr(faults(), text) != NULL, "no \"%s\" in: %s", text, faults())

START_TEST(little_is_needed) {
    read_flags("--devnet", "--data", data);
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(options.address, "127.0.0.1");
    ck_assert_uint_eq(options.port, 8701);
    ck_assert_str_eq(options.index + strlen("sqlite:") + strlen(data), "/index.db");
    ck_assert_int_eq(options.log_level, LOG_INFO);
    ck_assert_str_eq(options.web, "");
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "");
    ck_assert(!file_exists(data)); // a check makes nothing
}
END_TEST

START_TEST(all_that_is_wrong_is_said_at_once) {
    read_flags("--listen", "here", "--log-level", "loud", "--keys", "k");
    ck_assert_str_eq(faults(), "--data: DIR is needed\n"
                               "--listen: takes ADDRESS:PORT, not here\n"
                               "--genesis: is needed, or --devnet in place of genesis and keys\n"
                               "--log-level: is debug, info, warning or error, not loud\n");
    read_flags("--data", data, "--devnet", "--keys", "k");
    ck_assert_str_eq(faults(), "--keys: the devnet brings its own genesis and keys\n");
}
END_TEST

START_TEST(an_address_is_of_numbers) {
    static const struct {
        const char *text;
        const char *address; // NULL: refused
        uint16_t port;
    } cases[] = {
        {"0.0.0.0:80", "0.0.0.0", 80},
        {"[::1]:0", "::1", 0},
        {"::1:65535", "::1", 65535},
        {"localhost:80", NULL, 0},
        {"127.0.0.1", NULL, 0},
        {"127.0.0.1:", NULL, 0},
        {":80", NULL, 0},
        {"127.0.0.1:65536", NULL, 0},
        {"127.0.0.1:080000", NULL, 0},
        {"127.0.0.1:8x", NULL, 0},
        {"[127.0.0.1:80", NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_flags("--devnet", "--data", data, "--listen", (char *)cases[i].text);
        ck_assert_msg(!*faults() == (cases[i].address != NULL), "%s", cases[i].text);
        if (!cases[i].address) continue;
        ck_assert_str_eq(options.address, cases[i].address);
        ck_assert_uint_eq(options.port, cases[i].port);
    }
}
END_TEST

START_TEST(a_flag_without_its_value_is_a_fault_alone) {
    static const char *const flags[] = {"--listen", "--log-level", "--limit-key",
                                        "--forwarded-header", "--connections"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        char fault[64];
        read_flags("--devnet", "--data", data, (char *)flags[i]);
        snprintf(fault, sizeof fault, "%s: needs a value\n", flags[i]);
        ck_assert_str_eq(faults(), fault);
    }
}
END_TEST

START_TEST(limits_are_rates_and_off_on_a_devnet) {
    read_flags("--devnet", "--data", data);
    ck_assert_uint_eq(options.limits.address.burst, 0);
    ck_assert_uint_eq(options.limits.connections_per_ip, 64);
    read_flags("--genesis", "g", "--keys", "k", "--data", data);
    ck_assert_uint_eq(options.limits.address.per_minute, 6000);
    ck_assert_uint_eq(options.limits.address.burst, 500);
    ck_assert_uint_eq(options.limits.key.per_minute, 60000);
    read_flags("--devnet", "--data", data, "--limit-address=60/5", "--limit-key=off",
               "--connections=2000");
    ck_assert_uint_eq(options.limits.address.per_minute, 60);
    ck_assert_uint_eq(options.limits.address.burst, 5);
    ck_assert_uint_eq(options.limits.key.burst, 0);
    ck_assert_uint_eq(options.limits.connections, 2000);
    ck_assert_str_eq(faults(), "");
    read_flags("--devnet", "--data", data, "--limit-wrong-keys", "6/3");
    ck_assert_str_eq(faults(), "");
    ck_assert_uint_eq(options.limits.wrong_keys.burst, 3);
    read_flags("--devnet", "--data", data, "--limit-wrong-keys", "off");
    ck_assert_str_eq(faults(), "--limit-wrong-keys: is never off\n");
    read_flags("--devnet", "--data", data);
    ck_assert_uint_eq(options.limits.wrong_keys.per_minute, 12);
    static const char *const bad[] = {"60",   "60/",   "/5", "0/5",           "60/0",
                                      "-1/5", "60/5/", "x",  "99999999999/5", "60/+5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        read_flags("--devnet", "--data", data, "--limit-key", (char *)bad[i]);
        assert_says("--limit-key: takes PER-MINUTE/AT-ONCE");
        ck_assert_uint_eq(options.limits.key.burst, 0);
    }
}
END_TEST

START_TEST(what_is_paid_for_others_is_an_amount_or_off) {
    read_flags("--devnet", "--data", data);
    ck_assert_uint_eq(amount_units(options.sponsor.a_day), 10000000000);
    ck_assert_uint_eq(amount_units(options.sponsor.a_client), 200000000);
    ck_assert_uint_eq(options.sponsor.transactions, 10);
    read_flags("--genesis", "g", "--keys", "k", "--data", data);
    ck_assert(amount_is_zero(options.sponsor.a_day));
    read_flags("--devnet", "--data", data, "--sponsor", "off", "--sponsor-client", "0.5");
    ck_assert(amount_is_zero(options.sponsor.a_day));
    ck_assert_uint_eq(amount_units(options.sponsor.a_client), 50000000);
    ck_assert_str_eq(options.sponsor_account, "server");
    read_flags("--devnet", "--data", data, "--sponsor-account", "alice");
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(options.sponsor_account, "alice");
    read_flags("--devnet", "--data", data, "--sponsor-account", "nobody");
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "--sponsor-account: there is no account nobody among the keys\n");
    read_flags("--devnet", "--data", data, "--sponsor-account", "nobody", "--sponsor", "off");
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), ""); // nobody is paid for
    read_flags("--devnet", "--data", data, "--sponsor", "much", "--sponsor-client", "-1");
    ck_assert_str_eq(faults(), "--sponsor: takes an amount of LMM, as 2.5, not much\n"
                               "--sponsor-client: takes an amount of LMM, as 2.5, not -1\n");
    read_flags("--devnet", "--data", data, "--sponsor-transactions", "1001");
    assert_says("--sponsor-transactions");
}
END_TEST

START_TEST(proxies_are_a_list) {
    read_flags("--devnet", "--data", data, "--trusted-proxies", "10.0.0.0/8, 192.0.2.1,::1",
               "--forwarded-header", "Forwarded");
    ck_assert_str_eq(faults(), "");
    ck_assert_uint_eq(options.proxy_count, 3);
    ck_assert(options.reads_forwarded);
    ck_assert_uint_eq(options.limits.connections_per_ip, 1024);
    read_flags("--devnet", "--data", data, "--trusted-proxies", "10.0.0.1/8 localhost",
               "--forwarded-header", "via");
    ck_assert_str_eq(
        faults(), "--trusted-proxies: takes addresses and networks, as 10.0.0.0/8; not 10.0.0.1/8\n"
                  "--trusted-proxies: takes addresses and networks, as 10.0.0.0/8; not localhost\n"
                  "--forwarded-header: is x-forwarded-for or forwarded, not via\n");
    struct buf many = {0};
    for (int i = 0; i <= LIMIT_HTTP_PROXIES; i++) buf_append_format(&many, "10.0.0.%d,", i);
    read_flags("--devnet", "--data", data, "--trusted-proxies", (char *)buf_as_string(&many));
    ck_assert_str_eq(faults(), "--trusted-proxies: has more than 32\n");
    buf_clear(&many);
}
END_TEST

START_TEST(origins_are_as_browsers_send_them) {
    read_flags("--devnet", "--data", data, "--cors-origins",
               "https://a.example, http://localhost:5173 http://[::1]:8080,*");
    ck_assert_str_eq(faults(), "");
    ck_assert_uint_eq(options.origin_count, 4);
    ck_assert_str_eq(options.origins[0], "https://a.example");
    ck_assert_str_eq(options.origins[2], "http://[::1]:8080");
    static const char *const bad[] = {"a.example",
                                      "https://a.example/",
                                      "https://A.example",
                                      "https://",
                                      "null",
                                      "https://a.example:",
                                      "ftp://a",
                                      "http://[::1",
                                      "https://*.example",
                                      "https://a:b",
                                      "http://[]x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        read_flags("--devnet", "--data", data, "--cors-origins", (char *)bad[i]);
        ck_assert_msg(strstr(faults(), "--cors-origins: takes origins") != NULL, "%s", bad[i]);
        ck_assert_uint_eq(options.origin_count, 0);
    }
}
END_TEST

START_TEST(a_certificate_comes_with_its_key) {
    char certificate[64], key[64];
    snprintf(certificate, sizeof certificate, "%s/certificate", folder);
    snprintf(key, sizeof key, "%s/key", folder);
    read_flags("--devnet", "--data", data, "--tls-certificate", certificate);
    ck_assert_str_eq(faults(), "--tls-certificate: needs tls-key as well\n");
    read_flags("--devnet", "--data", data, "--tls-key", key);
    ck_assert_str_eq(faults(), "--tls-key: needs tls-certificate as well\n");
    read_flags("--devnet", "--data", data, "--tls-key", key, "--tls-certificate", certificate);
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "--tls-certificate: the certificate cannot be read\n");
    certificate_write(certificate, key, 1, 30);
    read_flags("--devnet", "--data", data, "--tls-key", key, "--tls-certificate", certificate);
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "");
}
END_TEST

START_TEST(a_data_folder_can_be_made) {
    char below[96];
    snprintf(below, sizeof below, "%s/a/b/c", folder);
    read_flags("--devnet", "--data", below);
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "");
    assert_ok(file_replace(data, bytes_of_string("a file"), 0600));
    snprintf(below, sizeof below, "%s/c", data);
    read_flags("--devnet", "--data", below);
    server_options_check(&options, &config);
    assert_says("/data is not a folder\n");
    read_flags("--devnet", "--data", "relative/folder");
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "");
    if (geteuid() == 0) {
        skip_case("root may write everywhere");
        return;
    }
    ck_assert_int_eq(chmod(folder, 0500), 0);
    read_flags("--devnet", "--data", folder);
    server_options_check(&options, &config);
    ck_assert_int_eq(chmod(folder, 0700), 0);
    assert_says("--data: this user cannot write in ");
}
END_TEST

START_TEST(an_index_has_a_url_that_somebody_reads) {
    static const char *const cases[][2] = {
        {"mysql://host", "--index: takes postgresql://… or sqlite:PATH\n"},
        {"sqlite:", "--index: is not a URL of that database\n"},
        {"sqlite:/nowhere/at/all/x.db", "--index: /nowhere/at/all is not a folder\n"},
        {"postgresql://host/x?nonsense=1", "--index: is not a URL of that database\n"},
        {"postgresql://nobody-is-there.invalid/x", ""},
        {"sqlite:x.db", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_flags("--devnet", "--data", data, "--index", (char *)cases[i][0]);
        server_options_check(&options, &config);
        ck_assert_str_eq(faults(), cases[i][1]);
    }
}
END_TEST

START_TEST(pages_begin_with_an_index) {
    char page[64];
    read_flags("--devnet", "--data", data, "--web", data);
    server_options_check(&options, &config);
    assert_says("--web: the pages cannot be read: no such thing\n");
    read_flags("--devnet", "--data", data, "--web", folder);
    server_options_check(&options, &config);
    assert_says("--web: there is no index.html in ");
    snprintf(page, sizeof page, "%s/index.html", folder);
    assert_ok(file_replace(page, bytes_of_string("<!doctype html>"), 0644));
    read_flags("--devnet", "--data", data, "--web", folder);
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "");
}
END_TEST

START_TEST(genesis_and_keys_are_read) {
    char keys[64];
    snprintf(keys, sizeof keys, "%s/keys", folder);
    read_flags("--data", data, "--genesis", folder, "--keys", keys);
    server_options_check(&options, &config);
    ck_assert_str_eq(faults(), "--genesis: cannot be used: no such thing\n"
                               "--keys: cannot be used: no such thing\n");
    assert_ok(file_replace(keys, bytes_of_string("server"), 0644));
    read_flags("--data", data, "--genesis", folder, "--keys", keys);
    server_options_check(&options, &config);
    assert_says("--keys: the file must be its owner's alone (chmod 600), and its passphrase fit\n");
    ck_assert_int_eq(chmod(keys, 0600), 0);
    read_flags("--data", data, "--genesis", folder, "--keys", keys);
    server_options_check(&options, &config);
    assert_says("--keys: the keys lie in the clear: seal them with `lmm genesis keys --keystore` ");
    read_flags("--data", data, "--genesis", folder, "--keys", keys, "--keys-in-clear");
    server_options_check(&options, &config);
    assert_says("--keys: cannot be used: input is not of the expected form\n");
}
END_TEST

static const char *judge_keys(char *keys, char *passphrase) {
    if (passphrase)
        read_flags("--data", data, "--genesis", folder, "--keys", keys, "--keys-passphrase",
                   passphrase);
    else
        read_flags("--data", data, "--genesis", folder, "--keys", keys);
    server_options_check(&options, &config);
    const char *keys_fault = strstr(faults(), "--keys");
    return keys_fault ? keys_fault : "";
}

static void make_keystore(const char *path, const char *const *names, size_t count) {
    struct keystore *keystore = mem_alloc(sizeof *keystore);
    for (size_t i = 0; i < count; i++) {
        uint8_t seed[32] = {(uint8_t)(i + 1)};
        assert_ok(keystore_add_seed(keystore, names[i], seed));
    }
    const struct keystore_cost cheap = {KEYSTORE_PASSES_MIN, KEYSTORE_MEMORY_KIB_MIN};
    assert_ok(keystore_save(path, keystore, bytes_of_string("open sesame"), cheap));
    keystore_clear(keystore);
    mem_free(keystore);
}

static void read_sealed(struct server_keys *out, const char *const *names, size_t count,
                        enum status expected) {
    char keys[64], passphrase[64];
    snprintf(keys, sizeof keys, "%s/keys", folder);
    snprintf(passphrase, sizeof passphrase, "%s/pass", folder);
    make_keystore(keys, names, count);
    assert_ok(file_replace(passphrase, bytes_of_string("open sesame"), 0600));
    struct server_keys_source source = {.path = keys, .passphrase_path = passphrase};
    assert_status(server_keys_read(out, &source), expected);
}

START_TEST(a_keystore_has_accounts_by_name) {
    static const char *const names[] = {"server", "signer-mill", "account-001", "signer-a.b_c-9"};
    static const char *const wrong[][2] = {{"server", "signer-"}, {"server", "signer-server"}};
    static const uint8_t order[] = {4, 2}; // by name
    struct server_keys *read = mem_alloc(sizeof *read);
    read_sealed(read, names, 4, STATUS_OK);
    ck_assert_uint_eq(read->account_count, 2);
    ck_assert_str_eq(read->accounts[0].name, "a.b_c-9");
    ck_assert_str_eq(read->accounts[1].name, "mill");
    for (int i = 0; i < 2; i++) {
        struct secret_key expected;
        struct public_key public;
        key_from_seed(&expected, &public, (const uint8_t[32]){order[i]});
        ck_assert_mem_eq(&read->accounts[i].key, &expected, sizeof expected);
    }
    for (size_t i = 0; i < 2; i++) read_sealed(read, wrong[i], 2, STATUS_MALFORMED);
    mem_free(read);
}
END_TEST

// A seed of one digit 64 times.
static const char *line_of(char out[128], const char *role, char digit) {
    char seed[65];
    memset(seed, digit, 64);
    seed[64] = 0;
    snprintf(out, 128, "%s %s\n", role, seed);
    return out;
}

START_TEST(lines_in_the_clear_have_accounts_by_name) {
    static const struct {
        const char *role;
        char digit;
        enum status status;
    } cases[] = {{"signer mill", '2', STATUS_OK},
                 {"signer mill", '1', STATUS_MALFORMED}, // the server's own key
                 {"signer bakery", '3', STATUS_MALFORMED},
                 {"signer shop", '2', STATUS_MALFORMED},
                 {"signer server", '2', STATUS_MALFORMED},
                 {"signer Mill", '2', STATUS_MALFORMED},
                 {"signer", '2', STATUS_MALFORMED},
                 {"signer a b", '2', STATUS_MALFORMED},
                 {"signer abcdefghijklmnopqrstuvwxy", '2', STATUS_OK},
                 {"signer abcdefghijklmnopqrstuvwxyz", '2', STATUS_MALFORMED}};
    char keys[64], text[4][128];
    struct server_keys *read = mem_alloc(sizeof *read);
    struct server_keys_source source = {.path = keys, .passphrase_path = "", .allows_clear = true};
    snprintf(keys, sizeof keys, "%s/keys", folder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_twice = i == 2 || i == 3; // a name, or a key
        struct buf file = {0};
        buf_append_string(&file, line_of(text[0], "server", '1'));
        if (is_twice) buf_append_string(&file, line_of(text[1], "signer bakery", '2'));
        buf_append_string(&file, line_of(text[2], cases[i].role, cases[i].digit));
        assert_ok(file_replace(keys, buf_bytes(&file), 0600));
        buf_clear(&file);
        enum status status = server_keys_read(read, &source);
        ck_assert_msg(status == cases[i].status, "%s: %s", cases[i].role, status_name(status));
        if (status == STATUS_OK)
            ck_assert_str_eq(read->accounts[0].name, cases[i].role + strlen("signer "));
    }
    mem_free(read);
}
END_TEST

START_TEST(sealed_keys_need_their_passphrase) {
    static const char *const names[] = {"server", "somebody", "witness-2", "witness-1"};
    char keys[64], passphrase[64];
    struct server_keys *read = mem_alloc(sizeof *read);
    struct public_key public;
    struct secret_key expected;
    snprintf(keys, sizeof keys, "%s/keys", folder);
    snprintf(passphrase, sizeof passphrase, "%s/pass", folder);
    make_keystore(keys, names, 4);
    assert_ok(file_replace(passphrase, bytes_of_string("open sesame\nand more"), 0600));
    ck_assert_str_eq(judge_keys(keys, passphrase), "");
    assert_ok(server_keys_read(
        read, &(struct server_keys_source){.path = keys, .passphrase_path = passphrase}));
    ck_assert_uint_eq(read->witness_count, 2);
    for (uint8_t i = 0; i < 3; i++) {
        static const uint8_t order[] = {1, 4, 3}; // the server's, and the witnesses' by name
        uint8_t seed[32] = {order[i]};
        const struct secret_key *got = i == 0 ? &read->server : &read->witnesses[i - 1];
        key_from_seed(&expected, &public, seed);
        ck_assert_mem_eq(got, &expected, sizeof expected);
    }
    mem_free(read);
    ck_assert_str_eq(judge_keys(keys, NULL), "--keys-passphrase: is for a file of keys that is "
                                             "sealed, and needed there\n");
    ck_assert_int_eq(chmod(passphrase, 0640), 0);
    ck_assert_ptr_nonnull(strstr(judge_keys(keys, passphrase), "its owner's alone"));
    assert_ok(file_replace(passphrase, bytes_of_string("open sesam"), 0600));
    ck_assert_ptr_nonnull(strstr(judge_keys(keys, passphrase), "its passphrase fit"));
    make_keystore(keys, names + 1, 3);
    assert_ok(file_replace(passphrase, bytes_of_string("open sesame"), 0600));
    ck_assert_str_eq(judge_keys(keys, passphrase),
                     "--keys: cannot be used: input is not of the expected form\n");
}
END_TEST

START_TEST(a_passphrase_is_for_sealed_keys_alone) {
    char keys[64], passphrase[64];
    snprintf(keys, sizeof keys, "%s/keys", folder);
    snprintf(passphrase, sizeof passphrase, "%s/pass", folder);
    assert_ok(file_replace(keys, bytes_of_string("server "), 0600));
    assert_ok(file_replace(passphrase, bytes_of_string("open sesame"), 0600));
    ck_assert_str_eq(judge_keys(keys, passphrase), "--keys-passphrase: is for a file of keys that "
                                                   "is sealed, and needed there\n");
    read_flags("--devnet", "--data", data, "--keys-passphrase", passphrase);
    ck_assert_str_eq(faults(), "--keys-passphrase: the devnet's keys are everybody's\n");
}
END_TEST

START_TEST(keys_in_the_clear_are_taken_only_when_that_is_said) {
    char keys[64], lines[2 * 80];
    struct server_keys_source source = {.path = keys, .passphrase_path = ""};
    struct server_keys *read = mem_alloc(sizeof *read);
    struct server_keys nothing = {0};
    struct public_key public;
    struct secret_key expected;
    uint8_t seed[32] = {0};
    snprintf(keys, sizeof keys, "%s/keys", folder);
    snprintf(lines, sizeof lines, "server %064d\nwitness %064d\n", 0, 0);
    assert_ok(file_replace(keys, bytes_of_string(lines), 0600));
    assert_status(server_keys_read(read, &source), STATUS_INVALID);
    ck_assert_mem_eq(read, &nothing, sizeof nothing);
    ck_assert_ptr_nonnull(strstr(judge_keys(keys, NULL), "in the clear: seal them"));
    source.allows_clear = true;
    assert_ok(server_keys_read(read, &source));
    key_from_seed(&expected, &public, seed);
    ck_assert_mem_eq(&read->server, &expected, sizeof expected);
    ck_assert_uint_eq(read->witness_count, 1);
    mem_free(read);
    read_flags("--data", data, "--genesis", folder, "--keys", keys, "--keys-in-clear");
    server_options_check(&options, &config);
    ck_assert_ptr_null(strstr(faults(), "--keys"));
}
END_TEST

START_TEST(keys_in_the_clear_are_allowed_only_where_they_can_be) {
    read_flags("--devnet", "--data", data, "--keys-in-clear");
    ck_assert_str_eq(faults(), "--keys-in-clear: the devnet's keys are everybody's\n");
    read_flags("--data", data, "--genesis", "g", "--keys", "k", "--keys-in-clear",
               "--keys-passphrase", "p");
    ck_assert_str_eq(faults(), "--keys-in-clear: is for keys that are not sealed, but there is a "
                               "passphrase\n");
    read_flags("--data", data, "--genesis", "g", "--keys", "k");
    ck_assert(!options.keys_in_clear);
}
END_TEST

START_TEST(a_public_url_is_an_origin) {
    static char *const wrong[] = {"mill.example", "https://", "https://mill.example/",
                                  "ftp://mill.example", "https://Mill.example"};
    char expected[128];
    read_flags("--devnet", "--data", data, "--public-url", "https://mill.example:8443");
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(options.public_url, "https://mill.example:8443");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        read_flags("--devnet", "--data", data, "--public-url", wrong[i]);
        snprintf(expected, sizeof expected,
                 "--public-url: takes an origin, as https://example.org; not %s\n", wrong[i]);
        ck_assert_str_eq(faults(), expected);
    }
}
END_TEST

START_TEST(systemd_hands_over_the_passphrase) {
    char passphrase[64];
    snprintf(passphrase, sizeof passphrase, "%s/keys-passphrase", folder);
    ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    read_flags("--data", data, "--genesis", "g", "--keys", "k");
    ck_assert_str_eq(options.keys_passphrase, "");
    assert_ok(file_replace(passphrase, bytes_of_string("open sesame"), 0600));
    read_flags("--data", data, "--genesis", "g", "--keys", "k");
    ck_assert_str_eq(options.keys_passphrase, passphrase);
    read_flags("--data", data, "--genesis", "g", "--keys", "k", "--keys-passphrase", "other");
    ck_assert_str_eq(options.keys_passphrase, "other");
    read_flags("--devnet", "--data", data);
    ck_assert_str_eq(faults(), "");
    unsetenv("CREDENTIALS_DIRECTORY");
}
END_TEST

Suite *options_suite(void) {
    Suite *suite = suite_create("options");
    TCase *cases = tcase_create("options");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, little_is_needed);
    tcase_add_test(cases, all_that_is_wrong_is_said_at_once);
    tcase_add_test(cases, what_is_paid_for_others_is_an_amount_or_off);
    tcase_add_test(cases, an_address_is_of_numbers);
    tcase_add_test(cases, a_flag_without_its_value_is_a_fault_alone);
    tcase_add_test(cases, limits_are_rates_and_off_on_a_devnet);
    tcase_add_test(cases, proxies_are_a_list);
    tcase_add_test(cases, origins_are_as_browsers_send_them);
    tcase_add_test(cases, a_certificate_comes_with_its_key);
    tcase_add_test(cases, a_data_folder_can_be_made);
    tcase_add_test(cases, an_index_has_a_url_that_somebody_reads);
    tcase_add_test(cases, pages_begin_with_an_index);
    tcase_add_test(cases, genesis_and_keys_are_read);
    tcase_add_test(cases, a_keystore_has_accounts_by_name);
    tcase_add_test(cases, lines_in_the_clear_have_accounts_by_name);
    tcase_add_test(cases, sealed_keys_need_their_passphrase);
    tcase_add_test(cases, a_passphrase_is_for_sealed_keys_alone);
    tcase_add_test(cases, keys_in_the_clear_are_taken_only_when_that_is_said);
    tcase_add_test(cases, keys_in_the_clear_are_allowed_only_where_they_can_be);
    tcase_add_test(cases, a_public_url_is_an_origin);
    tcase_add_test(cases, systemd_hands_over_the_passphrase);
    suite_add_tcase(suite, cases);
    return suite;
}
