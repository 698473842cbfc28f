// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificate.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

#include "chaincore/base/file.h"
#include "tests/support/unit.h"

static const time_t DAY = 24 * 3600;

static void keep(const char *path, const gnutls_datum_t *text) {
    assert_ok(file_replace(path, bytes_of(text->data, text->size), 0600));
}

void certificate_write(const char *certificate_path, const char *key_path, uint32_t serial,
                       int days) {
    static const uint8_t loopback[] = {127, 0, 0, 1};
    const uint8_t number[] = {(uint8_t)(serial >> 24 & 0x7F), (uint8_t)(serial >> 16),
                              (uint8_t)(serial >> 8), (uint8_t)serial};
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t certificate;
    gnutls_datum_t text;
    time_t now = time(NULL);
    ck_assert_int_eq(gnutls_x509_privkey_init(&key), 0);
    ck_assert_int_eq(gnutls_x509_privkey_generate(
                         key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    ck_assert_int_eq(gnutls_x509_crt_init(&certificate), 0);
    gnutls_x509_crt_set_version(certificate, 3);
    gnutls_x509_crt_set_serial(certificate, number, sizeof number);
    gnutls_x509_crt_set_dn(certificate, "CN=127.0.0.1", NULL);
    gnutls_x509_crt_set_key(certificate, key);
    gnutls_x509_crt_set_activation_time(certificate, now - (days < 0 ? 400 : 1) * DAY);
    gnutls_x509_crt_set_expiration_time(certificate, now + days * DAY);
    gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, loopback,
                                         sizeof loopback, GNUTLS_FSAN_SET);
    gnutls_x509_crt_set_basic_constraints(certificate, 1, -1);
    ck_assert_int_eq(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0), 0);
    ck_assert_int_eq(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &text), 0);
    keep(certificate_path, &text);
    gnutls_free(text.data);
    ck_assert_int_eq(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &text), 0);
    keep(key_path, &text);
    gnutls_free(text.data);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
}
