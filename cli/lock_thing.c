// SPDX-License-Identifier: Apache-2.0
#include "cli/lock_thing.h"

#include <jansson.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"

// Of an action's forms the first that leads to a WebSocket.
static const char *find_radio(const json_t *thing) {
    static const char SCHEME[] = "ws://";
    const json_t *action = json_object_get(json_object_get(thing, "actions"), "start");
    size_t index;
    json_t *form;
    json_array_foreach(json_object_get(action, "forms"), index, form) {
        const char *href = json_string_value(json_object_get(form, "href"));
        if (href && strncmp(href, SCHEME, strlen(SCHEME)) == 0) return href;
    }
    return NULL;
}

bool lock_thing_radio(struct buf *out, const char *url) {
    json_t *thing = client_ask_json(url, "", NULL);
    const char *radio = find_radio(thing);
    if (radio) buf_append_string(out, radio);
    if (thing && !radio) complain(EXIT_FAILED, "%s describes nothing that a WebSocket starts", url);
    json_decref(thing);
    return radio != NULL;
}
