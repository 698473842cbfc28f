// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/tls.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/crypto/sign.h"

enum { KEY_ID_BYTES = 32 };

// One certificate with its chain. GnuTLS borrows it for as long as a handshake takes, so those of
// before stay as well; there are as many as times it was loaded.
struct identity {
    struct identity *older;
    gnutls_pcert_st chain[LIMIT_HTTP_TLS_CHAIN];
    unsigned chain_len;
    gnutls_privkey_t key;
    uint64_t expiry_s;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // of `shown`
static struct identity *shown;

static void identity_free(struct identity *identity) {
    for (unsigned i = 0; i < identity->chain_len; i++) gnutls_pcert_deinit(&identity->chain[i]);
    if (identity->key) gnutls_privkey_deinit(identity->key);
    mem_free(identity);
}

// --- reading ---

static enum status fail(const char **why, const char *sentence, enum status status) {
    *why = sentence;
    return status;
}

static enum status read_chain(struct identity *out, const char *path, const char **why) {
    struct buf text = {0};
    unsigned count = LIMIT_HTTP_TLS_CHAIN;
    enum status status = file_read(&text, path, LIMIT_HTTP_TLS_FILE_BYTES);
    gnutls_datum_t datum = {.data = text.data, .size = (unsigned)text.len};
    if (status != STATUS_OK) {
        *why = "the certificate cannot be read";
    } else if (text.len == 0 || gnutls_pcert_list_import_x509_raw(out->chain, &count, &datum,
                                                                  GNUTLS_X509_FMT_PEM, 0) != 0) {
        status = fail(why, "the certificate is no chain in PEM", STATUS_MALFORMED);
    } else {
        out->chain_len = count;
    }
    buf_clear(&text);
    return status;
}

static enum status read_key(struct identity *out, const char *path, const char **why) {
    struct buf text = {0};
    struct stat info;
    if (stat(path, &info) == 0 && info.st_mode & S_IRWXO)
        return fail(why, "anybody on this machine may read the key (chmod o=)",
                    STATUS_UNAUTHORIZED);
    enum status status = file_read(&text, path, LIMIT_HTTP_TLS_FILE_BYTES);
    gnutls_datum_t datum = {.data = text.data, .size = (unsigned)text.len};
    if (status != STATUS_OK) {
        *why = "the key cannot be read";
    } else if (gnutls_privkey_init(&out->key) != 0) {
        status = fail(why, "there is no memory for the key", STATUS_NO_MEMORY);
    } else if (text.len == 0 || gnutls_privkey_import_x509_raw(out->key, &datum,
                                                               GNUTLS_X509_FMT_PEM, NULL, 0) != 0) {
        status = fail(why, "the key is none in PEM without a passphrase", STATUS_MALFORMED);
    }
    if (text.len > 0) secret_clear(text.data, text.len);
    buf_clear(&text);
    return status;
}

static bool take_id(gnutls_pubkey_t key, uint8_t out[KEY_ID_BYTES]) {
    size_t len = KEY_ID_BYTES;
    return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, out, &len) == 0 &&
           len == KEY_ID_BYTES;
}

static bool key_is_of_certificate(const struct identity *identity) {
    uint8_t of_key[KEY_ID_BYTES], of_certificate[KEY_ID_BYTES];
    gnutls_pubkey_t public;
    if (gnutls_pubkey_init(&public) != 0) return false;
    bool is_same = gnutls_pubkey_import_privkey(public, identity->key, 0, 0) == 0 &&
                   take_id(public, of_key) && take_id(identity->chain[0].pubkey, of_certificate) &&
                   memcmp(of_key, of_certificate, KEY_ID_BYTES) == 0;
    gnutls_pubkey_deinit(public);
    return is_same;
}

static uint64_t expiry_of(const struct identity *identity) {
    gnutls_x509_crt_t certificate;
    if (gnutls_x509_crt_init(&certificate) != 0) return 0;
    const gnutls_datum_t *encoded = &identity->chain[0].cert;
    time_t expiry = -1;
    if (gnutls_x509_crt_import(certificate, encoded, GNUTLS_X509_FMT_DER) == 0)
        expiry = gnutls_x509_crt_get_expiration_time(certificate);
    gnutls_x509_crt_deinit(certificate);
    return expiry > 0 ? (uint64_t)expiry : 0;
}

static enum status read_identity(struct identity **out, const char *certificate_path,
                                 const char *key_path, const char **why) {
    struct identity *identity = mem_alloc(sizeof *identity);
    enum status status = read_chain(identity, certificate_path, why);
    if (status == STATUS_OK) status = read_key(identity, key_path, why);
    if (status == STATUS_OK && !key_is_of_certificate(identity))
        status = fail(why, "the key is of another certificate", STATUS_CONFLICT);
    if (status == STATUS_OK) identity->expiry_s = expiry_of(identity);
    if (status != STATUS_OK) identity_free(identity);
    *out = status == STATUS_OK ? identity : NULL;
    return status;
}

static bool has_expired(const struct identity *identity) {
    return identity->expiry_s < clock_wall_ms() / 1000;
}

enum status http_tls_check(const char *certificate_path, const char *key_path, const char **why) {
    struct identity *identity;
    enum status status = read_identity(&identity, certificate_path, key_path, why);
    if (status != STATUS_OK) return status;
    if (has_expired(identity)) status = fail(why, "the certificate has expired", STATUS_INVALID);
    identity_free(identity);
    return status;
}

// --- showing ---

enum status tls_load(const char *certificate_path, const char *key_path) {
    struct identity *identity;
    const char *why = "";
    enum status status = read_identity(&identity, certificate_path, key_path, &why);
    if (status != STATUS_OK) {
        log_error("http", "the certificate is not taken", log_text("why", why),
                  log_text("certificate", certificate_path), log_text("key", key_path));
        return status;
    }
    if (has_expired(identity))
        log_warning("http", "the certificate has expired",
                    log_text("certificate", certificate_path));
    pthread_mutex_lock(&lock);
    identity->older = shown;
    shown = identity;
    pthread_mutex_unlock(&lock);
    log_info("http", "the certificate is shown", log_text("certificate", certificate_path),
             log_number("expiry_s", (int64_t)identity->expiry_s));
    return STATUS_OK;
}

void tls_clear(void) {
    pthread_mutex_lock(&lock);
    while (shown) {
        struct identity *older = shown->older;
        identity_free(shown);
        shown = older;
    }
    pthread_mutex_unlock(&lock);
}

uint64_t tls_expiry_s(void) {
    pthread_mutex_lock(&lock);
    uint64_t expiry_s = shown ? shown->expiry_s : 0;
    pthread_mutex_unlock(&lock);
    return expiry_s;
}

// Asked in each handshake, on a thread of libmicrohttpd.
static int show(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                gnutls_pcert_st **chain, unsigned *chain_len, gnutls_ocsp_data_st **ocsp,
                unsigned *ocsp_len, gnutls_privkey_t *key, unsigned *flags) {
    (void)session, (void)info, (void)ocsp, (void)flags;
    pthread_mutex_lock(&lock);
    struct identity *identity = shown;
    pthread_mutex_unlock(&lock);
    if (!identity) return -1;
    *chain = identity->chain;
    *chain_len = identity->chain_len;
    *key = identity->key;
    *ocsp_len = 0;
    return 0;
}

const struct MHD_OptionItem *tls_options(void) {
    static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";
    static struct MHD_OptionItem options[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    // ISO C has no conversion from a function to void *; POSIX does.
    gnutls_certificate_retrieve_function3 *function = show;
    memcpy(&options[1].ptr_value, &function, sizeof function);
    return options;
}
