// SPDX-License-Identifier: Apache-2.0
// Fetching a proof.
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"

static int write_out(const struct options *options, struct bytes content) {
    if (!options->out)
        return fwrite(content.data, 1, content.len, stdout) == content.len ? EXIT_DONE
                                                                           : EXIT_FAILED;
    enum status status = file_replace(options->out, content, 0644);
    return status == STATUS_OK ? EXIT_DONE
                               : complain(EXIT_FAILED, "%s: %s", options->out, status_text(status));
}

static bool is_all(const char *text, int (*is)(int)) {
    while (*text && is((unsigned char)*text)) text++;
    return *text == '\0';
}

// Where the proof of what is named is: the path itself, as answers tell it under `proof`; or by
// what the name looks like.
static void append_path(struct buf *out, const char *what) {
    uint8_t id[ACCOUNT_ID_BYTES];
    char *escaped = curl_easy_escape(NULL, what, 0);
    if (*what == '/')
        buf_append_string(out, what);
    else if (address_decode(id, bytes_of_string(what)) == STATUS_OK)
        buf_append_format(out, "/v1/accounts/%s/proof", escaped);
    else if (strlen(what) == 64 && is_all(what, isxdigit))
        buf_append_format(out, "/v1/transactions/%s/proof", escaped);
    else if (*what && is_all(what, isdigit))
        buf_append_format(out, "/v1/blocks/%s/proof", escaped);
    else
        buf_append_format(out, "/v1/events/%s/proof", escaped);
    curl_free(escaped);
}

int command_proof(const struct options *options) {
    struct buf path = {0};
    struct client_reply reply = {0};
    json_t *devnet = devnet_load(options);
    const char *url = devnet_url(options, devnet);
    int result = EXIT_FAILED;
    append_path(&path, options->operands[0]);
    if (url &&
        client_find(&reply, &(struct client_request){.url = url, .path = buf_as_string(&path)})) {
        if (reply.status == 200)
            result = write_out(options, buf_bytes(&reply.body));
        else
            complain(EXIT_FAILED, "the node has no such thing (HTTP %ld)", reply.status);
    }
    client_reply_clear(&reply);
    buf_clear(&path);
    json_decref(devnet);
    return result;
}
