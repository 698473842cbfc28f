// SPDX-License-Identifier: Apache-2.0
// The headers of GS1's REST binding (EPCIS 2.0, section 12): which versions are spoken, what a
// capture may be. A request that wants another version is refused before anything else of it
// counts.
#include <stdio.h>

#include "apps/supplychain/supplychain.h"

#define VERSION "2.0.0"

// "2", "2.0" and "2.0.0" are one version. False: the text is none.
static bool read_version(uint32_t out[3], const char *text) {
    size_t part = 0;
    out[0] = out[1] = out[2] = 0;
    for (bool has_digit = false; *text || !has_digit; text++) {
        if (*text >= '0' && *text <= '9' && out[part] < 100000) {
            out[part] = out[part] * 10 + (uint32_t)(*text - '0');
            has_digit = true;
        } else if (*text == '.' && has_digit && part < 2) {
            part++;
            has_digit = false;
        } else {
            return false;
        }
    }
    return true;
}

// Below 0: a is older.
static int compare_versions(const uint32_t a[3], const uint32_t b[3]) {
    for (int i = 0; i < 3; i++)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

// Does what the header asks for, if it is there, agree with ours: less (-1), equal or more (1)?
static bool check_version(struct http_request *request, struct http_response *response,
                          const char *header, int relation) {
    static const uint32_t ours[3] = {2, 0, 0};
    const char *wanted = http_header(request, header);
    uint32_t version[3];
    if (!wanted) return true;
    int order = read_version(version, wanted) ? compare_versions(version, ours) : 2;
    if (order == 0 || order == relation) return true;
    http_problem_as(response, 406, "unsupported_version",
                    "EPCIS and CBV are spoken in version " VERSION " here, and in no other.");
    http_problem_member(response, "header", header);
    return false;
}

static bool check_versions(struct http_request *request, struct http_response *response) {
    return check_version(request, response, "GS1-EPCIS-Version", 0) &&
           check_version(request, response, "GS1-EPCIS-Min", -1) &&
           check_version(request, response, "GS1-EPCIS-Max", 1) &&
           check_version(request, response, "GS1-CBV-Version", 0) &&
           check_version(request, response, "GS1-CBV-Min", -1) &&
           check_version(request, response, "GS1-CBV-Max", 1);
}

bool gs1_prepare(void *context, struct http_request *request, struct http_response *response) {
    (void)context;
    http_set_header(response, "GS1-EPCIS-Version", VERSION);
    http_set_header(response, "GS1-CBV-Version", VERSION);
    if (http_is_options(request)) {
        http_set_header(response, "GS1-EPCIS-Min", VERSION);
        http_set_header(response, "GS1-EPCIS-Max", VERSION);
        http_set_header(response, "GS1-CBV-Min", VERSION);
        http_set_header(response, "GS1-CBV-Max", VERSION);
        http_set_header(response, "GS1-EPC-Format", "Never_Translates");
        http_set_header(response, "GS1-CBV-XML-Format", "Never_Translates");
        http_set_header(response, "GS1-Vendor-Version", "lmm");
    }
    return check_versions(request, response);
}

bool gs1_prepare_capture(void *context, struct http_request *request,
                         struct http_response *response) {
    char number[24];
    snprintf(number, sizeof number, "%d", CAPTURE_MAX_EVENTS);
    http_set_header(response, "GS1-EPCIS-Capture-Limit", number);
    snprintf(number, sizeof number, "%d", CAPTURE_MAX_BYTES);
    http_set_header(response, "GS1-EPCIS-Capture-File-Size-Limit", number);
    http_set_header(response, "GS1-Capture-Error-Behaviour", "rollback");
    return gs1_prepare(context, request, response);
}

void gs1_set_next(struct http_response *response, const char *link) {
    http_set_header(response, "Link", link);
    // A token is a place on the chain, so it never expires; the header wants a moment.
    http_set_header(response, "GS1-Next-Page-Token-Expires", "9999-12-31T23:59:59Z");
}
